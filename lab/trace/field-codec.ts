/** Reads and writes one field of a record: what value stands for which bytes, by field type. */
import { AF_INET, AF_INET6, formatIpv4, formatIpv6, parseAddress } from './address.ts';
import type { SocketAddress } from './records.ts';
import { FIELD_LAYOUT, NULL_FAMILY, type Field } from './schema.ts';

export type FieldValue = number | bigint | string | SocketAddress | null;
export type FieldReader = (bytes: Buffer, at: number) => FieldValue;

/** A u64 as a number: exact up to 2^53, rounded beyond. */
export function readU64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
}

export function fieldReader({ type, display }: Field): FieldReader {
  switch (type) {
    case 'u8':
      return (bytes, at) => bytes.readUInt8(at);
    case 'u16':
      return (bytes, at) => bytes.readUInt16LE(at);
    case 'u32':
      return (bytes, at) => bytes.readUInt32LE(at);
    case 'u64':
      return display === 'hex' ? (bytes, at) => bytes.readBigUInt64LE(at) : readU64;
    case 'i64':
      return (bytes, at) => bytes.readUInt32LE(at) + bytes.readInt32LE(at + 4) * 0x1_0000_0000;
    case 'sockaddr':
      return readSocketAddress;
    case 'guid':
      return readGuid;
    case 'name':
      return readText;
  }
}

function readSocketAddress(bytes: Buffer, at: number): SocketAddress | null {
  const family = bytes.readUInt16LE(at);
  if (family === NULL_FAMILY) return null;
  return { family, port: bytes.readUInt16LE(at + 2), address: readAddress(bytes, at, family) };
}

function readAddress(bytes: Buffer, at: number, family: number): string {
  if (family === AF_INET) return formatIpv4(bytes, at + 8);
  if (family === AF_INET6) return formatIpv6(bytes, at + 8, bytes.readUInt32LE(at + 4));
  return bytes.toString('hex', at + 8, at + 24);
}

function readGuid(bytes: Buffer, at: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return [
    hex(bytes.readUInt32LE(at), 8),
    hex(bytes.readUInt16LE(at + 4), 4),
    hex(bytes.readUInt16LE(at + 6), 4),
    bytes.toString('hex', at + 8, at + 10),
    bytes.toString('hex', at + 10, at + 16),
  ].join('-');
}

function readText(bytes: Buffer, at: number): string {
  const end = bytes.subarray(at, at + FIELD_LAYOUT.name.size).indexOf(0);
  return bytes.toString('latin1', at, at + (end < 0 ? FIELD_LAYOUT.name.size : end));
}

/** Writes a value as `fieldReader` reads it back. Throws a TypeError on a value that the field cannot hold. */
export function writeField(bytes: Buffer, at: number, { name, type }: Field, value: FieldValue): void {
  switch (type) {
    case 'u8':
      return void bytes.writeUInt8(value as number, at);
    case 'u16':
      return void bytes.writeUInt16LE(value as number, at);
    case 'u32':
      return void bytes.writeUInt32LE(value as number, at);
    case 'u64':
      return void bytes.writeBigUInt64LE(BigInt(value as number | bigint), at);
    case 'i64':
      return void bytes.writeBigInt64LE(BigInt(value as number | bigint), at);
    case 'sockaddr':
      return writeSocketAddress(bytes, at, name, value as SocketAddress | null);
    case 'guid':
      return writeGuid(bytes, at, name, value as string);
    case 'name':
      return void bytes.write(value as string, at, FIELD_LAYOUT.name.size, 'latin1');
  }
}

function writeSocketAddress(bytes: Buffer, at: number, field: string, value: SocketAddress | null): void {
  bytes.writeUInt16LE(value?.family ?? NULL_FAMILY, at);
  if (!value) return;
  bytes.writeUInt16LE(value.port, at + 2);
  if (value.family !== AF_INET && value.family !== AF_INET6)
    return void bytes.write(value.address, at + 8, 16, 'hex');
  const parsed = parseAddress(value.address);
  if (!parsed) throw new TypeError(`${field}: '${value.address}' is not an address`);
  bytes.writeUInt32LE(parsed.scope, at + 4);
  bytes.set(parsed.bytes, at + 8);
}

function writeGuid(bytes: Buffer, at: number, field: string, value: string): void {
  const parts = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i.exec(value);
  if (!parts) throw new TypeError(`${field}: '${value}' is not a GUID`);
  const [, data1 = '', data2 = '', data3 = '', clock = '', node = ''] = parts;
  bytes.writeUInt32LE(parseInt(data1, 16), at);
  bytes.writeUInt16LE(parseInt(data2, 16), at + 4);
  bytes.writeUInt16LE(parseInt(data3, 16), at + 6);
  bytes.write(clock + node, at + 8, 'hex');
}

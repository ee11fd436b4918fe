/**
 * The header of MEMORY.DMP and of minidumps, DUMP_HEADER64: a second witness of the bugcheck. Offsets after QEMU's
 * description of it (include/qemu/win_dump_defs.h) and Microsoft's debugger headers; no dump of a real Windows has been
 * read with it yet.
 */
import { open } from 'node:fs/promises';
import type { Bugcheck } from './bugcheck.ts';

export const DUMP_HEADER_BYTES = 0x2000;

export interface DumpHeader {
  bugcheck: Bugcheck;
  /** Windows' build number. */
  build: number;
  processors: number;
  kind: string;
  /** What the whole dump takes, as the header says; a file that is shorter is cut. 0: it does not say. */
  neededBytes: bigint;
  /** When it crashed, UTC, ISO 8601; undefined when the header does not say. */
  crashedAt: string | undefined;
}

const AMD64 = 0x8664;
const KINDS: Record<number, string> = {
  1: 'complete',
  2: 'kernel',
  4: 'minidump',
  5: 'complete (bitmap)',
  6: 'kernel (bitmap)',
  7: 'automatic',
};
/** 100 ns between 1601 and 1970. */
const EPOCH_DIFFERENCE = 116_444_736_000_000_000n;

/** The header, or in words why the bytes are none. Never throws. */
export function parseDumpHeader(bytes: Buffer): DumpHeader | string {
  if (bytes.length < DUMP_HEADER_BYTES)
    return `${bytes.length} bytes, and the header of a dump has ${DUMP_HEADER_BYTES}`;
  const signature = bytes.toString('latin1', 0, 8);
  if (signature === 'PAGEDUMP') return 'the dump of a 32-bit Windows';
  if (signature !== 'PAGEDU64')
    return `it begins with ${JSON.stringify(signature)}, and a dump with "PAGEDU64"`;
  const machine = bytes.readUInt32LE(0x30);
  if (machine !== AMD64)
    return `the dump of a machine of type 0x${machine.toString(16)}, not of x64 (0x8664)`;
  const parameter = (index: number) => bytes.readBigUInt64LE(0x40 + 8 * index);
  const kind = bytes.readUInt32LE(0xf98);
  return {
    bugcheck: {
      code: bytes.readUInt32LE(0x38),
      parameters: [parameter(0), parameter(1), parameter(2), parameter(3)],
    },
    build: bytes.readUInt32LE(0x0c),
    processors: bytes.readUInt32LE(0x34),
    kind: KINDS[kind] ?? `of type ${kind}`,
    neededBytes: bytes.readBigUInt64LE(0xfa0),
    crashedAt: timeOf(bytes.readBigUInt64LE(0xfa8)),
  };
}

/** Reads the header of a file. */
export async function readDumpHeader(path: string): Promise<DumpHeader | string> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(DUMP_HEADER_BYTES), 0, DUMP_HEADER_BYTES, 0);
  return parseDumpHeader(buffer.subarray(0, bytesRead));
}

function timeOf(fileTime: bigint): string | undefined {
  const ms = Number((fileTime - EPOCH_DIFFERENCE) / 10_000n);
  // Unused fields of a dump hold 'PAGE' again and again.
  if (ms <= 0 || ms > 4_102_444_800_000) return undefined;
  return new Date(ms).toISOString();
}

/**
 * Reads what the lab needs of a PE32+ file (Microsoft PE format specification): headers, sections, imports,
 * exports. Everything is bounds-checked; a file that lies raises LAB_PE_MALFORMED with the byte offset.
 */
import { LabError } from '../errors.ts';

export const MACHINE = { i386: 0x14c, amd64: 0x8664, arm64: 0xaa64 } as const;
export const SUBSYSTEM_NATIVE = 1;
export const RELOCATIONS_STRIPPED = 0x0001;
export const SECTION_FLAGS = {
  initializedData: 0x40,
  execute: 0x20000000,
  read: 0x40000000,
  write: 0x80000000,
};
/** Index in the data directory. */
export const DIRECTORY = { export: 0, import: 1, security: 4, boundImport: 11 } as const;

export const SECTION_HEADER_BYTES = 40;
export const DESCRIPTOR_BYTES = 20;
const DOS_MAGIC = 0x5a4d;
const PE_SIGNATURE = 0x4550;
const PE32_PLUS = 0x20b;
const BY_ORDINAL = 1n << 63n;
/** More than any driver has: a bound on the work that a crafted file can ask for. */
const MOST_FUNCTIONS = 65536;
/** The Windows loader's own limit. */
const MOST_SECTIONS = 96;
/** The format's own limit. */
const LARGEST_FILE_ALIGNMENT = 0x10000;

export interface Section {
  name: string;
  virtualAddress: number;
  virtualSize: number;
  rawAddress: number;
  rawSize: number;
  flags: number;
}

/** One function of an import descriptor: by name, or by ordinal. `lookup` is its raw 64-bit table entry. */
export interface ImportedFunction {
  name: string | undefined;
  ordinal: number | undefined;
  lookup: bigint;
}

/** One import descriptor; `addressTable` is the RVA where the loader writes the functions' addresses. */
export interface ImportedModule {
  module: string;
  addressTable: number;
  functions: ImportedFunction[];
}

export interface PeFile {
  bytes: Buffer;
  machine: number;
  characteristics: number;
  subsystem: number;
  fileAlignment: number;
  sectionAlignment: number;
  sizeOfImage: number;
  sizeOfHeaders: number;
  checksum: number;
  sections: Section[];
  /** File offsets of what a rewriter changes. */
  offsets: { fileHeader: number; optionalHeader: number; directories: number; sectionTable: number };
  directory(index: number): { address: number; size: number };
}

export class MalformedPe extends LabError {
  constructor(offset: number, what: string) {
    super({
      code: 'LAB_PE_MALFORMED',
      blame: 'usage',
      message: `not a usable PE file: ${what} (offset ${offset})`,
      next: 'check that the file is the driver itself and was copied whole',
    });
  }
}

/** Rounds up to a multiple of `alignment`. */
export function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** Runs a reader; a read beyond the end of the file becomes a MalformedPe. */
export function bounded<Result>(bytes: Buffer, what: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new MalformedPe(bytes.length, `${what} reaches beyond the end of the file`);
  }
}

/** Parses the headers of a 64-bit PE file; the machine is reported, not judged. */
export function readPe(bytes: Buffer): PeFile {
  if (bytes.length === 0) throw new MalformedPe(0, 'it is empty');
  if (bytes.length < 2 || bytes.readUInt16LE(0) !== DOS_MAGIC)
    throw new MalformedPe(0, `begins with '${bytes.subarray(0, 4).toString('hex')}' instead of 'MZ'`);
  return bounded(bytes, 'a header', () => {
    const signature = bytes.readUInt32LE(0x3c);
    if (bytes.readUInt32LE(signature) !== PE_SIGNATURE)
      throw new MalformedPe(signature, 'no PE signature where the DOS header points');
    const fileHeader = signature + 4;
    const optionalHeader = fileHeader + 20;
    const optionalBytes = bytes.readUInt16LE(fileHeader + 16);
    const magic = bytes.readUInt16LE(optionalHeader);
    if (magic !== PE32_PLUS)
      throw new LabError({
        code: 'LAB_DRIVER_32_BIT',
        blame: 'usage',
        message: `the driver file is not 64-bit: optional header magic 0x${magic.toString(16)} instead of 0x20b`,
        next: 'build the driver for x64: the guests run no 32-bit drivers',
      });
    const directories = optionalHeader + 112;
    const directoryCount = Math.min(bytes.readUInt32LE(optionalHeader + 108), (optionalBytes - 112) >> 3);
    const sectionTable = optionalHeader + optionalBytes;
    return checkLayout({
      bytes,
      machine: bytes.readUInt16LE(fileHeader),
      characteristics: bytes.readUInt16LE(fileHeader + 18),
      subsystem: bytes.readUInt16LE(optionalHeader + 68),
      sectionAlignment: bytes.readUInt32LE(optionalHeader + 32),
      fileAlignment: bytes.readUInt32LE(optionalHeader + 36),
      sizeOfImage: bytes.readUInt32LE(optionalHeader + 56),
      sizeOfHeaders: bytes.readUInt32LE(optionalHeader + 60),
      checksum: bytes.readUInt32LE(optionalHeader + 64),
      sections: readSections(bytes, sectionTable, bytes.readUInt16LE(fileHeader + 2)),
      offsets: { fileHeader, optionalHeader, directories, sectionTable },
      directory: (index) =>
        index < directoryCount
          ? {
              address: bytes.readUInt32LE(directories + 8 * index),
              size: bytes.readUInt32LE(directories + 8 * index + 4),
            }
          : { address: 0, size: 0 },
    });
  });
}

/** Refuses what would make an address computed from these headers meaningless, and a file without its end. */
function checkLayout(pe: PeFile): PeFile {
  const { bytes, fileAlignment, sectionAlignment, sections, offsets } = pe;
  const isPowerOfTwo = (value: number) => value > 0 && (value & (value - 1)) === 0;
  if (
    !isPowerOfTwo(fileAlignment) ||
    !isPowerOfTwo(sectionAlignment) ||
    fileAlignment > Math.min(sectionAlignment, LARGEST_FILE_ALIGNMENT)
  )
    throw new MalformedPe(
      offsets.optionalHeader + 32,
      `section alignment ${sectionAlignment} and file alignment ${fileAlignment}`,
    );
  if (sections.length === 0 || sections.length > MOST_SECTIONS)
    throw new MalformedPe(offsets.fileHeader + 2, `${sections.length} sections`);
  for (const { name, rawAddress, rawSize } of sections)
    if (rawSize > 0 && rawAddress + rawSize > bytes.length)
      throw new MalformedPe(
        bytes.length,
        `section '${name}' ends at byte ${rawAddress + rawSize}, the file has ${bytes.length}`,
      );
  return pe;
}

function readSections(bytes: Buffer, table: number, count: number): Section[] {
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * SECTION_HEADER_BYTES;
    return {
      name: bytes.toString('latin1', at, at + 8).replace(/\0.*$/s, ''),
      virtualSize: bytes.readUInt32LE(at + 8),
      virtualAddress: bytes.readUInt32LE(at + 12),
      rawSize: bytes.readUInt32LE(at + 16),
      rawAddress: bytes.readUInt32LE(at + 20),
      flags: bytes.readUInt32LE(at + 36),
    };
  });
}

/** File offset of a relative virtual address. */
export function fileOffset(pe: PeFile, address: number): number {
  const section = pe.sections.find(
    ({ virtualAddress, rawSize }) => address >= virtualAddress && address < virtualAddress + rawSize,
  );
  if (!section) throw new MalformedPe(0, `address 0x${address.toString(16)} lies in no section of the file`);
  return section.rawAddress + (address - section.virtualAddress);
}

function readName(pe: PeFile, address: number): string {
  const start = fileOffset(pe, address);
  const end = pe.bytes.indexOf(0, start);
  if (end < 0 || end - start > 4096) throw new MalformedPe(start, 'a name without an end');
  return pe.bytes.toString('latin1', start, end);
}

/** The import descriptors in their order; empty if there are none. */
export function readImports(pe: PeFile): ImportedModule[] {
  const { address } = pe.directory(DIRECTORY.import);
  if (address === 0) return [];
  return bounded(pe.bytes, 'the import directory', () => {
    const modules: ImportedModule[] = [];
    let functionCount = 0;
    for (let at = fileOffset(pe, address); pe.bytes.readUInt32LE(at + 12) !== 0; at += DESCRIPTOR_BYTES) {
      const addressTable = pe.bytes.readUInt32LE(at + 16);
      // Some linkers leave the lookup table out; then the address table holds its content until the load.
      const functions = readLookupTable(pe, pe.bytes.readUInt32LE(at) || addressTable);
      modules.push({ module: readName(pe, pe.bytes.readUInt32LE(at + 12)), addressTable, functions });
      functionCount += functions.length + 1;
      if (functionCount > MOST_FUNCTIONS) throw new MalformedPe(at, `more than ${MOST_FUNCTIONS} imports`);
    }
    return modules;
  });
}

function readLookupTable(pe: PeFile, address: number): ImportedFunction[] {
  const functions: ImportedFunction[] = [];
  for (let at = fileOffset(pe, address); functions.length < MOST_FUNCTIONS; at += 8) {
    const lookup = pe.bytes.readBigUInt64LE(at);
    if (lookup === 0n) break;
    const isOrdinal = (lookup & BY_ORDINAL) !== 0n;
    functions.push({
      name: isOrdinal ? undefined : readName(pe, Number(lookup & 0x7fffffffn) + 2),
      ordinal: isOrdinal ? Number(lookup & 0xffffn) : undefined,
      lookup,
    });
  }
  return functions;
}

/** The names that the file exports, in the file's order; empty if there are none. */
export function readExports(pe: PeFile): string[] {
  const { address } = pe.directory(DIRECTORY.export);
  if (address === 0) return [];
  return bounded(pe.bytes, 'the export directory', () => {
    const at = fileOffset(pe, address);
    const count = pe.bytes.readUInt32LE(at + 24);
    if (count > MOST_FUNCTIONS) throw new MalformedPe(at, `${count} exports`);
    if (count === 0) return [];
    const names = fileOffset(pe, pe.bytes.readUInt32LE(at + 32));
    return Array.from({ length: count }, (_, index) =>
      readName(pe, pe.bytes.readUInt32LE(names + 4 * index)),
    );
  });
}

/** The checksum that the optional header should hold: Windows refuses a driver with another one. */
export function computeChecksum(pe: PeFile): number {
  const { bytes } = pe;
  const field = pe.offsets.optionalHeader + 64;
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    if (at === field || at === field + 2) continue;
    sum += at + 1 < bytes.length ? bytes.readUInt16LE(at) : bytes.readUInt8(at);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return sum + bytes.length;
}

/**
 * Rewrites from which modules a driver imports, without its source: a new section holds a new import directory
 * whose descriptors point into the middle of the existing address table, each with a lookup table of its own.
 * The code and the address table stay where they are, so symbols and addresses stay true.
 */
import { LabError } from '../errors.ts';
import {
  align,
  bounded,
  computeChecksum,
  DESCRIPTOR_BYTES,
  DIRECTORY,
  readImports,
  readPe,
  SECTION_FLAGS,
  SECTION_HEADER_BYTES,
  type ImportedFunction,
  type ImportedModule,
  type PeFile,
} from './pe.ts';

/** `names` that are imported from `from` shall come from `to`. Module names compare without case. */
export interface Redirection {
  from: string;
  to: string;
  names: Iterable<string>;
}

export interface RedirectedImport {
  name: string;
  from: string;
  to: string;
}

const SECTION_NAME = '.wsklab';

/**
 * A copy of the driver file with the redirections applied (the first that matches wins), unsigned, with a right
 * checksum. Refuses a file that was redirected before (LAB_DRIVER_REDIRECTED).
 */
export function redirectImports(
  file: Buffer,
  redirections: readonly Redirection[],
): { file: Buffer; redirected: RedirectedImport[] } {
  const pe = readPe(file);
  if (pe.sections.some((section) => section.name === SECTION_NAME))
    throw new LabError({
      code: 'LAB_DRIVER_REDIRECTED',
      blame: 'usage',
      message: `the driver file's imports were redirected before: it has a section '${SECTION_NAME}'`,
      next: 'give the driver file as its build made it; the lab redirects it at every deployment',
    });

  const redirected: RedirectedImport[] = [];
  const chooseModule = redirectionTable(redirections);
  const descriptors = readImports(pe).flatMap((imported) =>
    split(imported, (name) => {
      const to = name === undefined ? undefined : chooseModule(imported.module, name);
      if (to === undefined || name === undefined) return imported.module;
      redirected.push({ name, from: imported.module, to });
      return to;
    }),
  );
  const rewritten = bounded(file, 'an address', () => addImportSection(pe, descriptors));
  return { file: rewritten, redirected };
}

function redirectionTable(redirections: readonly Redirection[]) {
  const table = new Map<string, string>();
  for (const { from, to, names } of redirections)
    for (const name of names) {
      const key = `${from.toLowerCase()}!${name}`;
      if (!table.has(key)) table.set(key, to);
    }
  return (module: string, name: string) => table.get(`${module.toLowerCase()}!${name}`);
}

/** Cuts one descriptor into runs of neighbours that come from the same module. */
function split(imported: ImportedModule, moduleOf: (name: string | undefined) => string): ImportedModule[] {
  const runs: ImportedModule[] = [];
  imported.functions.forEach((entry: ImportedFunction, index) => {
    const module = moduleOf(entry.name);
    const last = runs.at(-1);
    if (last?.module === module) last.functions.push(entry);
    else runs.push({ module, addressTable: imported.addressTable + 8 * index, functions: [entry] });
  });
  return runs;
}

/**
 * The content of the new section, which begins at RVA `base`: directory, lookup tables, then the names. Names of
 * functions are repeated here, because some tools look for them only in the section that holds the directory.
 */
function renderImports(descriptors: ImportedModule[], base: number): Buffer {
  const lookupCount = descriptors.reduce((sum, { functions }) => sum + functions.length + 1, 0);
  let nextLookup = align((descriptors.length + 1) * DESCRIPTOR_BYTES, 8);
  const tables = Buffer.alloc(nextLookup + lookupCount * 8);

  const texts: Buffer[] = [];
  let nextText = base + tables.length;
  const placeText = (text: Buffer) => {
    const address = nextText;
    texts.push(text);
    nextText += text.length;
    return address;
  };
  const placeModule = once((module) => placeText(evenText(`${module}\0`)));
  // A hint is a guess where the name stands in the exporter's table; 0 makes the loader search.
  const placeFunction = once((name) => placeText(evenText(`\0\0${name}\0`)));

  descriptors.forEach(({ module, addressTable, functions }, index) => {
    const at = index * DESCRIPTOR_BYTES;
    tables.writeUInt32LE(base + nextLookup, at);
    tables.writeUInt32LE(placeModule(module), at + 12);
    tables.writeUInt32LE(addressTable, at + 16);
    for (const { name, lookup } of functions) {
      tables.writeBigUInt64LE(name === undefined ? lookup : BigInt(placeFunction(name)), nextLookup);
      nextLookup += 8;
    }
    nextLookup += 8;
  });
  return Buffer.concat([tables, ...texts]);
}

function once<Value>(make: (key: string) => Value): (key: string) => Value {
  const made = new Map<string, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

const evenText = (text: string) => Buffer.from(text.length % 2 === 0 ? text : `${text}\0`, 'latin1');

function addImportSection(pe: PeFile, descriptors: ImportedModule[]): Buffer {
  const { fileHeader, optionalHeader, directories, sectionTable } = pe.offsets;
  const header = sectionTable + pe.sections.length * SECTION_HEADER_BYTES;
  refuseFullHeaders(pe, header + SECTION_HEADER_BYTES);

  const unsigned = withoutSignature(pe);
  const rawAddress = align(unsigned.length, pe.fileAlignment);
  const virtualAddress = align(
    Math.max(
      ...pe.sections.map(
        (section) => section.virtualAddress + Math.max(section.virtualSize, section.rawSize),
      ),
    ),
    pe.sectionAlignment,
  );
  const content = renderImports(descriptors, virtualAddress);
  const rawSize = align(content.length, pe.fileAlignment);
  const file = Buffer.alloc(rawAddress + rawSize);
  unsigned.copy(file);
  content.copy(file, rawAddress);

  file.fill(0, header, header + SECTION_HEADER_BYTES);
  file.write(SECTION_NAME, header, 'latin1');
  file.writeUInt32LE(content.length, header + 8);
  file.writeUInt32LE(virtualAddress, header + 12);
  file.writeUInt32LE(rawSize, header + 16);
  file.writeUInt32LE(rawAddress, header + 20);
  file.writeUInt32LE(SECTION_FLAGS.initializedData + SECTION_FLAGS.read, header + 36);

  const setDirectory = (index: number, address: number, size: number) => {
    file.writeUInt32LE(address, directories + 8 * index);
    file.writeUInt32LE(size, directories + 8 * index + 4);
  };
  setDirectory(DIRECTORY.import, virtualAddress, (descriptors.length + 1) * DESCRIPTOR_BYTES);
  setDirectory(DIRECTORY.security, 0, 0);
  // Bound addresses would be trusted by the loader although the modules are others now.
  setDirectory(DIRECTORY.boundImport, 0, 0);

  file.writeUInt16LE(pe.sections.length + 1, fileHeader + 2);
  file.writeUInt32LE(file.readUInt32LE(optionalHeader + 8) + rawSize, optionalHeader + 8);
  file.writeUInt32LE(virtualAddress + align(content.length, pe.sectionAlignment), optionalHeader + 56);
  file.writeUInt32LE(computeChecksum(readPe(file)), optionalHeader + 64);
  return file;
}

/** A file is signed behind its last byte; the new section takes that place. */
function withoutSignature(pe: PeFile): Buffer {
  // Of all directories only this one holds a file offset instead of an RVA.
  const { address, size } = pe.directory(DIRECTORY.security);
  const isLast = size > 0 && align(address + size, 8) >= pe.bytes.length;
  return isLast ? pe.bytes.subarray(0, address) : pe.bytes;
}

function refuseFullHeaders(pe: PeFile, needed: number): void {
  const available = Math.min(
    pe.sizeOfHeaders,
    ...pe.sections.filter((section) => section.rawSize > 0).map((section) => section.rawAddress),
  );
  if (needed <= available) return;
  throw new LabError({
    code: 'LAB_DRIVER_NO_HEADER_ROOM',
    blame: 'usage',
    message: `the driver file has no room for one more section header: ${needed} bytes needed, ${available} there`,
    next: 'strip its debug sections (keep the PDB), or link it with a larger file alignment',
  });
}

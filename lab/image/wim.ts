/**
 * What a WIM or ESD file says of the images in it: XML, named by the file's header and never compressed. Microsoft
 * documents both in "Windows Imaging File Format (WIM)".
 */
import { DOMParser, onErrorStopParsing, type Element } from '@xmldom/xmldom';
import { LabError } from '../errors.ts';

export type Architecture = 'x64' | 'x86' | 'arm64' | 'other';

/** An image of a WIM; for install.wim, an edition of Windows. */
export interface WimImage {
  /** As Setup counts, from 1. */
  index: number;
  name: string;
  /** 'ServerStandardEval', 'Enterprise'... */
  editionId: string;
  architecture: Architecture;
  build: number;
  /** 'en-US'... */
  languages: string[];
  /** UTC, ISO 8601; undefined where the file does not say. */
  createdAt: string | undefined;
}

const HEADER_BYTES = 208;
const MAGIC = 'MSWIM\0\0\0';
/** In the header: how many bytes the XML has (7 bytes, then flags), and where it begins (8 bytes). */
const XML_SIZE_AT = 72;
const XML_OFFSET_AT = 80;
const XML_FLAGS_AT = 79;
const COMPRESSED = 0x04;
/** Real ones have some ten kilobytes. */
const MOST_XML_BYTES = 16 * 1024 * 1024;

/** PROCESSOR_ARCHITECTURE_* of winnt.h. */
const ARCHITECTURES: Record<string, Architecture> = { '0': 'x86', '9': 'x64', '12': 'arm64' };

/**
 * From the bytes of the file, read no further than needed.
 * @throws LabError LAB_WIM_MALFORMED.
 */
export async function readWimImages(chunks: AsyncIterable<Uint8Array>): Promise<WimImage[]> {
  return imagesOf(await readXml(chunks));
}

async function readXml(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let position = 0;
  let kept: Uint8Array[] = [];
  let wanted = { begin: 0, end: HEADER_BYTES };
  let isHeader = true;
  for await (const chunk of chunks) {
    const end = position + chunk.length;
    kept.push(chunk);
    if (isHeader && end >= wanted.end) {
      wanted = xmlPlace(Buffer.concat(kept));
      isHeader = false;
    }
    if (end >= wanted.end) return decodeXml(Buffer.concat(kept).subarray(-(end - wanted.begin)), wanted);
    position = end;
    if (!isHeader && position <= wanted.begin) kept = [];
  }
  throw malformed(
    isHeader
      ? `it has ${position} bytes, and its header ${HEADER_BYTES}`
      : `its XML ends at byte ${wanted.end}, and the file at ${position}`,
  );
}

function xmlPlace(header: Buffer): { begin: number; end: number } {
  const magic = header.toString('latin1', 0, MAGIC.length);
  if (magic !== MAGIC) throw malformed(`it begins with ${JSON.stringify(magic)}, not with "MSWIM"`);
  if (header[XML_FLAGS_AT]! & COMPRESSED) throw malformed('its XML is compressed');
  const length = header.readUIntLE(XML_SIZE_AT, 6);
  const begin = Number(header.readBigUInt64LE(XML_OFFSET_AT));
  if (header[XML_SIZE_AT + 6] !== 0 || length > MOST_XML_BYTES) throw malformed('its XML is too long');
  if (begin < HEADER_BYTES) throw malformed(`its XML begins at byte ${begin}, inside of the header`);
  return { begin, end: begin + length };
}

function decodeXml(bytes: Buffer, { begin, end }: { begin: number; end: number }): string {
  return bytes
    .subarray(0, end - begin)
    .toString('utf16le')
    .replace(/^\ufeff/, '');
}

function imagesOf(xml: string): WimImage[] {
  let root: Element | null;
  try {
    root = new DOMParser({ onError: onErrorStopParsing }).parseFromString(xml, 'text/xml').documentElement;
  } catch (error) {
    throw malformed(`its XML cannot be read: ${(error as Error).message.split('\n')[0]}`, error);
  }
  if (root?.localName !== 'WIM') throw malformed(`its XML is of '${root?.localName}', not of 'WIM'`);
  return children(root, 'IMAGE').map((image) => ({
    index: Number(image.getAttribute('INDEX')),
    name: text(image, 'NAME'),
    editionId: text(image, 'WINDOWS', 'EDITIONID'),
    architecture: ARCHITECTURES[text(image, 'WINDOWS', 'ARCH')] ?? 'other',
    build: Number(text(image, 'WINDOWS', 'VERSION', 'BUILD')),
    languages: below(image, 'WINDOWS', 'LANGUAGES').flatMap((each) =>
      children(each, 'LANGUAGE').map((language) => language.textContent ?? ''),
    ),
    createdAt: time(text(image, 'CREATIONTIME', 'HIGHPART'), text(image, 'CREATIONTIME', 'LOWPART')),
  }));
}

/** From the halves of a FILETIME: 100 ns since 1601, each '0x…'. */
function time(high: string, low: string): string | undefined {
  const isHex = (half: string) => /^0x[0-9a-f]{1,8}$/i.test(half);
  if (!isHex(high) || !isHex(low)) return undefined;
  const unixMs = (BigInt(high) * 2n ** 32n + BigInt(low)) / 10_000n - 11_644_473_600_000n;
  const date = new Date(Number(unixMs));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** The elements at the end of the way of `names`. */
function below(element: Element, ...names: string[]): Element[] {
  return names.reduce((found, name) => found.flatMap((each) => children(each, name)), [element]);
}

function children(element: Element, name: string): Element[] {
  return Array.from(element.childNodes).filter((node): node is Element => node.nodeName === name);
}

function text(element: Element, ...names: string[]): string {
  return below(element, ...names)[0]?.textContent ?? '';
}

function malformed(what: string, cause?: unknown): LabError {
  return new LabError({
    code: 'LAB_WIM_MALFORMED',
    blame: 'usage',
    message: `the file of Windows images is not one that Setup would take: ${what}`,
    next: 'download the ISO again, and compare its SHA-256 with the one that the download page names',
    cause,
  });
}

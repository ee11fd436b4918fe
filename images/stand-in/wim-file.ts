/** A WIM file of which only the header and the XML are there: what tells which editions a medium has. */
import { DOMImplementation, XMLSerializer, type Element } from '@xmldom/xmldom';
import type { WimImage } from '../../lab/image/wim.ts';

const HEADER_BYTES = 208;
const VERSION = 0x10d00;
/** PROCESSOR_ARCHITECTURE_* of winnt.h. */
const ARCHITECTURES = { x86: '0', x64: '9', arm64: '12', other: '255' };
/** Of a resource that is not compressed: metadata. */
const METADATA = 0x02;

export function wimFile(images: readonly WimImage[]): Buffer {
  const xml = Buffer.from(`\ufeff${wimXml(images)}`, 'utf16le');
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('MSWIM\0\0\0', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES, 8);
  header.writeUInt32LE(VERSION, 12);
  // One part of one; then the number of images, and where the XML is.
  header.writeUInt16LE(1, 40);
  header.writeUInt16LE(1, 42);
  header.writeUInt32LE(images.length, 44);
  header.writeUIntLE(xml.length, 72, 6);
  header[79] = METADATA;
  header.writeBigUInt64LE(BigInt(HEADER_BYTES), 80);
  header.writeBigUInt64LE(BigInt(xml.length), 88);
  return Buffer.concat([header, xml]);
}

function wimXml(images: readonly WimImage[]): string {
  const document = new DOMImplementation().createDocument(null, 'WIM');
  const add = (parent: Element, name: string, text?: string): Element => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    parent.appendChild(element);
    return element;
  };
  for (const { index, name, editionId, architecture, build, languages } of images) {
    const image = add(document.documentElement!, 'IMAGE');
    image.setAttribute('INDEX', String(index));
    add(image, 'NAME', name);
    const windows = add(image, 'WINDOWS');
    add(windows, 'ARCH', ARCHITECTURES[architecture]);
    add(windows, 'EDITIONID', editionId);
    const list = add(windows, 'LANGUAGES');
    for (const language of languages) add(list, 'LANGUAGE', language);
    add(add(windows, 'VERSION'), 'BUILD', String(build));
  }
  return new XMLSerializer().serializeToString(document);
}

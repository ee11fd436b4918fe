/** The form of answer files: passes, components and settings as XML. What stands in them is in answer-file.ts. */
import { DOMImplementation, XMLSerializer, type Document, type Element } from '@xmldom/xmldom';

/** In the order in which Windows comes through them. */
export type Pass = 'windowsPE' | 'offlineServicing' | 'specialize' | 'oobeSystem';

/** Elements in the order of writing; Setup minds it in places. A list's items are each marked as added. */
export interface Settings {
  readonly [element: string]: string | number | boolean | Settings | readonly Settings[];
}

/** Components by their names, for each pass. */
export type AnswerFile = Readonly<Record<Pass, Readonly<Record<string, Settings>>>>;

const UNATTEND = 'urn:schemas-microsoft-com:unattend';
const WCM = 'http://schemas.microsoft.com/WMIConfig/2002/State';
const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** What names the build of a component; the same for all that are part of Windows for x64. */
const COMPONENT = {
  processorArchitecture: 'amd64',
  publicKeyToken: '31bf3856ad364e35',
  language: 'neutral',
  versionScope: 'nonSxS',
};

export function unattendXml(file: AnswerFile): string {
  const document = new DOMImplementation().createDocument(UNATTEND, 'unattend');
  const root = document.documentElement!;
  root.setAttributeNS(XMLNS, 'xmlns:wcm', WCM);
  for (const [pass, components] of Object.entries(file)) {
    const settings = add(root, 'settings', { pass });
    for (const [name, content] of Object.entries(components))
      fill(add(settings, 'component', { name, ...COMPONENT }), content);
  }
  indent(document, root, 0);
  return `<?xml version="1.0" encoding="utf-8"?>\n${new XMLSerializer().serializeToString(document)}\n`;
}

function fill(parent: Element, settings: Settings): void {
  for (const [name, value] of Object.entries(settings)) {
    if (isList(value)) {
      for (const item of value) {
        const element = add(parent, name);
        element.setAttributeNS(WCM, 'wcm:action', 'add');
        fill(element, item);
      }
    } else if (typeof value === 'object') fill(add(parent, name), value);
    else add(parent, name).textContent = String(value);
  }
}

const isList = (value: Settings[string]): value is readonly Settings[] => Array.isArray(value);

function add(parent: Element, name: string, attributes: Record<string, string> = {}): Element {
  const element = parent.ownerDocument!.createElementNS(UNATTEND, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.appendChild(element);
  return element;
}

/** Line breaks and blanks between elements, never inside of a value. */
function indent(document: Document, element: Element, depth: number): void {
  const children = Array.from(element.childNodes).filter((node) => node.nodeType === node.ELEMENT_NODE);
  for (const child of children) {
    element.insertBefore(document.createTextNode(`\n${'  '.repeat(depth + 1)}`), child);
    indent(document, child as Element, depth + 1);
  }
  if (children.length > 0) element.appendChild(document.createTextNode(`\n${'  '.repeat(depth)}`));
}

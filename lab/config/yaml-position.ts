/** Where in a YAML text a key or a value stands. */
import { type Document, isMap, isNode, isScalar, type LineCounter, type Node, type Pair, visit } from 'yaml';

/** Counted from 1, as editors do. */
export interface Position {
  line: number;
  column: number;
}

/** The place of the value at `path`; if there is none, of the nearest value around it. */
export function valuePosition(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
): Position {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = nodeAt(document, path.slice(0, length));
    if (node?.range) return positionAt(lines, node.range[0]);
  }
  return { line: 1, column: 1 };
}

/** The place of the key `key` of the mapping at `path`. */
export function keyPosition(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
  key: string,
): Position {
  const map = nodeAt(document, path);
  const pair: Pair | undefined = isMap(map)
    ? map.items.find((item) => (isScalar(item.key) ? String(item.key.value) === key : false))
    : undefined;
  const node = pair?.key;
  return isNode(node) && node.range ? positionAt(lines, node.range[0]) : valuePosition(document, lines, path);
}

/** The place of the first `*alias`, if there is one. */
export function aliasPosition(document: Document, lines: LineCounter): Position | undefined {
  let found: Position | undefined;
  visit(document, {
    Alias: (_, node) => {
      found = positionAt(lines, node.range?.[0] ?? 0);
      return visit.BREAK;
    },
  });
  return found;
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function nodeAt(document: Document, path: readonly PropertyKey[]): Node | undefined {
  const found: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(found) ? found : undefined;
}

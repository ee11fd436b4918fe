/** Pieces of text that the reports on the terminal share. */
import pc from 'picocolors';
import prettyMs from 'pretty-ms';
import Table from 'cli-table3';

/** `text` in lines of at most `width` characters, each after `indent`; its own line breaks and no-break spaces stay. */
export function wrapped(text: string, { width, indent = '' }: { width: number; indent?: string }): string[] {
  return text.split('\n').flatMap((paragraph) => wrappedParagraph(paragraph, width - indent.length, indent));
}

function wrappedParagraph(text: string, room: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/[ \t]+/)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(indent + line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** One line, cut at `width` characters with an ellipsis. */
export function cut(text: string, width: number): string {
  const line = text.replaceAll('\n', ' ');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** `1 clause`, `2 clauses`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

export function duration(ms: number): string {
  return prettyMs(ms, { secondsDecimalDigits: 1 });
}

/** `+12.345 ms`, right-aligned. */
export function offsetMs(timeNs: number): string {
  return `${timeNs < 0 ? '-' : '+'}${(Math.abs(timeNs) / 1e6).toFixed(3)} ms`.padStart(14);
}

/** Columns without lines around them; numbers of the columns in `right` stand right-aligned. */
export function columns(head: string[], rows: string[][], right: number[] = []): string {
  const table = new Table({
    head: head.map((it) => pc.dim(it)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colAligns: head.map((_, index) => (right.includes(index) ? 'right' : 'left')),
    chars: Object.fromEntries(
      ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
        .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
        .map((name) => [name, '']),
    ),
  });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

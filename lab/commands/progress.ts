/** What a person sees while the lab works: one line per thing done, and below them what is being done now. */
import pc from 'picocolors';
import { duration } from '../report/text.ts';

const FRAME_MS = 1000;
/** Where nothing can be rewritten, what is under way is said when so long nothing else was. */
const REMINDER_MS = 60_000;

/** Something under way; disposing drops it. */
export interface Work extends Disposable {
  /** How far it is. */
  detail: (detail: string) => void;
  /** It is done: a line with its time. */
  end: (text?: string) => void;
  /** It is over, and somebody else says so. */
  drop: () => void;
}

interface Current {
  text: string;
  detail: string;
  beganMs: number;
}

/**
 * On a terminal the last line is rewritten each second with what is under way and the time it has taken; elsewhere
 * (CI, a file) there is one line for each thing that is done.
 */
export class Progress implements Disposable {
  readonly #out: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;
  readonly #current = new Set<Current>();
  #timer: NodeJS.Timeout | undefined;
  #lastSaidMs = performance.now();

  constructor(out: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'> = process.stderr) {
    this.#out = out;
  }

  /** Something begins; what was begun before may still be under way. */
  begin(text: string): Work {
    const current: Current = { text, detail: '', beganMs: performance.now() };
    this.#current.add(current);
    this.#timer ??= setInterval(() => this.#tick(), FRAME_MS).unref();
    this.#draw();
    const drop = () => {
      this.#current.delete(current);
      this.#draw();
    };
    return {
      detail: (detail) => {
        current.detail = detail;
        this.#draw();
      },
      end: (done = text) => {
        drop();
        this.line(`${pc.green('✓')} ${done}${pc.dim(`  ${duration(performance.now() - current.beganMs)}`)}`);
      },
      drop,
      [Symbol.dispose]: drop,
    };
  }

  /** A line of its own, above what is under way. */
  line(text: string): void {
    this.#lastSaidMs = performance.now();
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#draw();
  }

  /** A result, for standard output. */
  print(text: string): void {
    this.#clear();
    process.stdout.write(`${text}\n`);
    this.#draw();
  }

  warn(text: string): void {
    this.line(`${pc.yellow('warning')} ${text}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#current.clear();
    this.#clear();
  }

  #tick(): void {
    if (this.#current.size === 0) return;
    if (this.#out.isTTY) return this.#draw();
    if (performance.now() - this.#lastSaidMs > REMINDER_MS) this.line(this.#underWay());
  }

  #draw(): void {
    if (!this.#out.isTTY) return;
    this.#clear();
    if (this.#current.size === 0) return;
    this.#out.write(pc.dim(this.#underWay().slice(0, (this.#out.columns || 80) - 1)));
  }

  #underWay(): string {
    return `· ${[...this.#current].map(textOf).join(' | ')}`;
  }

  #clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[K');
  }
}

function textOf({ text, detail, beganMs }: Current): string {
  return `${text}${detail && `: ${detail}`}  ${duration(performance.now() - beganMs)}`;
}

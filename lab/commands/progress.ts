/** What a person sees while the lab works: one line per thing done, and the one that is being done now. */
import pc from 'picocolors';

const FRAME_MS = 1000;

/**
 * On a terminal the current line is rewritten each second with the time it has taken; elsewhere (CI, a file) each
 * line is printed once, when it is done, and long work says that it goes on.
 */
export class Progress implements Disposable {
  readonly #out: NodeJS.WriteStream;
  #current: { text: string; detail: string; began: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastSaid = 0;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
  }

  /** Something begins; it replaces what was shown as current. */
  begin(text: string): void {
    this.#current = { text, detail: '', began: performance.now() };
    this.#lastSaid = performance.now();
    this.#timer ??= setInterval(() => this.#tick(), FRAME_MS).unref();
    this.#draw();
  }

  /** How far it is. */
  detail(detail: string): void {
    if (this.#current) this.#current.detail = detail;
    this.#draw();
  }

  /** It is done. */
  end(text = this.#current?.text ?? '', note = ''): void {
    const ms = this.#current ? performance.now() - this.#current.began : undefined;
    this.#current = undefined;
    this.line(
      `${pc.green('done')}  ${text}${note ? ` ${note}` : ''}${ms === undefined ? '' : pc.dim(`  ${seconds(ms)}`)}`,
    );
  }

  /** A line of its own, above the current one. */
  line(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#draw();
  }

  warn(text: string): void {
    this.line(`${pc.yellow('warning')} ${text}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#current = undefined;
    this.#clear();
  }

  #tick(): void {
    if (!this.#current) return;
    if (this.#out.isTTY) return this.#draw();
    if (performance.now() - this.#lastSaid < 30_000) return;
    this.#lastSaid = performance.now();
    const { text, detail, began } = this.#current;
    this.#out.write(`...   ${text}${detail ? `: ${detail}` : ''}  ${seconds(performance.now() - began)}\n`);
  }

  #draw(): void {
    if (!this.#out.isTTY || !this.#current) return;
    const { text, detail, began } = this.#current;
    const line = `...   ${text}${detail ? `: ${detail}` : ''}  ${seconds(performance.now() - began)}`;
    this.#clear();
    this.#out.write(pc.dim(line.slice(0, (this.#out.columns || 80) - 1)));
  }

  #clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[K');
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

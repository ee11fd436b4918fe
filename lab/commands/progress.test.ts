import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { Progress } from './progress.ts';

/** What is written, and how wide it is shown. */
class Screen {
  isTTY: boolean;
  columns = 50;
  written = '';

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string | Uint8Array): boolean {
    this.written += text.toString();
    return true;
  }

  /** The lines as a terminal shows them in the end. */
  get lines(): string[] {
    return this.written
      .split('\n')
      .map((line) => stripVTControlCharacters(line.slice(line.lastIndexOf('\r') + 1)).trimEnd());
  }
}

describe('progress', () => {
  it('is one line per finished thing, with its time, where nothing can be rewritten', () => {
    const screen = new Screen(false);
    using progress = new Progress(screen);
    const drivers = progress.begin('building the drivers');
    drivers.detail('echo');
    drivers.end('drivers built');
    progress.begin('scenario 1 of 2').drop();
    progress.warn('the clock stays');
    assert.match(screen.written, /^\S*✓\S* drivers built\S* {2}\d+ms\S*\n\S*warning\S* the clock stays\n$/);
  });

  it('shows on a terminal all that is under way, below what is done, within its width', () => {
    const screen = new Screen(true);
    using progress = new Progress(screen);
    const scenario = progress.begin('1 of 2: ipv6');
    const boot = progress.begin('booting the guest');
    boot.detail('ssh');
    assert.match(screen.lines.at(-1)!, /^· 1 of 2: ipv6 .*\| booting the guest: ssh/);
    assert.ok(screen.lines.at(-1)!.length < screen.columns);
    boot.end('guest booted');
    assert.match(screen.lines.at(-2)!, /✓ guest booted {2}\d+ms$/);
    assert.match(screen.lines.at(-1)!, /^· 1 of 2: ipv6 {2}\d+ms$/);
    scenario.drop();
    assert.equal(screen.lines.at(-1), '');
  });
});

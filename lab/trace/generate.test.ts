import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../project.ts';
import { generatedFiles } from './generate.ts';
import { LAYOUTS } from './layout.ts';
import { EVENTS, FUNCTIONS, PERTURBATIONS } from './schema.ts';

describe('generated files', function () {
  this.timeout(60_000);
  it('are what `npm run generate` makes of the schema now', async () => {
    for (const [path, text] of Object.entries(await generatedFiles())) {
      assert.equal(await readFile(join(projectRoot, path), 'utf8'), text, `${path}: run npm run generate`);
    }
  });

  it('make a C header whose asserted offsets and sizes hold for the x86_64 Windows target', async () => {
    const header = join(projectRoot, 'drivers/include/trace_records.h');
    await promisify(execFile)('clang', [
      ...['--target=x86_64-w64-windows-gnu', '-ffreestanding', '-fsyntax-only'],
      ...['-Wall', '-Wextra', '-Werror', '-x', 'c', header],
    ]);
  });
});

describe('schema', () => {
  it('names every event and every value once, and no field like what all records have', () => {
    const unique = (values: readonly (string | number)[]) =>
      assert.equal(new Set(values).size, values.length);
    unique(EVENTS.map((event) => event.name));
    unique(Object.values(FUNCTIONS));
    unique(Object.values(PERTURBATIONS));
    const common = ['event', 'position', 'time', 'tid', 'cpu', 'irql', 'side', 'discarded'];
    for (const event of EVENTS) unique([...common, ...event.fields.map((field) => field.name)]);
  });

  it('places every field at its natural alignment and pads records to 8 bytes', () => {
    const stop = LAYOUTS.find((layout) => layout.name === 'trace_stop');
    assert.deepEqual([stop?.id, stop?.fields[0]?.offset, stop?.bytes], [2, 24, 32]);
    const register = LAYOUTS.find((layout) => layout.name === 'register_enter');
    assert.deepEqual(
      register?.fields.map((field) => field.offset),
      [24, 32, 40, 48, 56, 64, 66],
    );
    assert.deepEqual([register?.contentBytes, register?.bytes], [68, 72]);
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';
import { runProgram } from './run-program.mjs';

const loader = pathToFileURL(join(root, 'scripts', 'load-program.mjs')).href;
const PROGRAM = `import pc from 'picocolors';
import { here } from './part/here.ts';

const rule: string = 'one';
const { words } = (await import(\`./rules/\${rule}.ts\`)) as { words: string };
console.log(JSON.stringify({ here, words, coloured: typeof pc.red }));
throw new Error('as planned');
`;

describe('a program from its TypeScript', () => {
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsklab-load-'));
    mkdirSync(join(folder, 'part'));
    mkdirSync(join(folder, 'rules'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'program.ts'), PROGRAM);
    writeFileSync(join(folder, 'part', 'here.ts'), 'export const here: string = import.meta.url;\n');
    writeFileSync(join(folder, 'rules', 'one.ts'), "export const words = 'rule one';\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (bundle) => {
    const script = `const { loadProgram } = await import(${JSON.stringify(loader)});
      await loadProgram(${JSON.stringify(join(folder, 'program.ts'))}, ${JSON.stringify(bundle)});`;
    return runProgram(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder });
  };
  const check = ({ exitCode, output }) => {
    assert.equal(exitCode, 1, output);
    const here = pathToFileURL(join(folder, 'part', 'here.ts')).href;
    assert.ok(output.includes(JSON.stringify({ here, words: 'rule one', coloured: 'function' })), output);
    assert.match(output, /Error: as planned\n +at .*program\.ts:7:7/);
  };

  it('finds packages, what lies beside each module, and modules by pattern; errors name its sources', async () => {
    const bundle = join(folder, 'built', 'program.mjs');
    check(await load(bundle));
    assert.match(readFileSync(bundle, 'utf8'), /rule one/);
  });

  it('is the sources as they are now', async () => {
    const bundle = join(folder, 'built', 'program.mjs');
    await load(bundle);
    writeFileSync(join(folder, 'rules', 'one.ts'), "export const words = 'changed';\n");
    assert.match((await load(bundle)).output, /"words":"changed"/);
  });

  it('is loaded file by file where the bundle cannot be written', async () => {
    writeFileSync(join(folder, 'built'), 'not a folder');
    check(await load(join(folder, 'built', 'program.mjs')));
  });

  it('says where its sources are wrong', async () => {
    writeFileSync(join(folder, 'program.ts'), 'const = 1;\n');
    const { exitCode, output } = await load(join(folder, 'program.mjs'));
    assert.equal(exitCode, 1);
    assert.match(output, /program\.ts:1:6/);
  });
});

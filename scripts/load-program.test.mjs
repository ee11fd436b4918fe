import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
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

  const load = (sources = ['.']) => {
    const folders = { sources: sources.map((name) => join(folder, name)), bundles: join(folder, 'built') };
    const script = `const { loadProgram } = await import(${JSON.stringify(loader)});
      await loadProgram(${JSON.stringify(join(folder, 'program.ts'))}, ${JSON.stringify(folders)});`;
    return runProgram(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder });
  };
  const check = ({ exitCode, output }) => {
    assert.equal(exitCode, 1, output);
    const here = pathToFileURL(join(folder, 'part', 'here.ts')).href;
    assert.ok(output.includes(JSON.stringify({ here, words: 'rule one', coloured: 'function' })), output);
    assert.match(output, /Error: as planned\n +at .*program\.ts:7:7/);
  };

  const setRule = (words) =>
    writeFileSync(join(folder, 'rules', 'one.ts'), `export const words = '${words}';\n`);

  it('finds packages, what lies beside each module, and modules by pattern; errors name its sources', async () => {
    check(await load());
    assert.match(readdirSync(join(folder, 'built')).join(), /^program-[0-9a-f]{16}\.mjs$/);
  });

  it('is the sources as they are now, and built once for each state of them', async () => {
    const built = new Set();
    for (const words of ['rule one', 'changed', 'rule one']) {
      setRule(words);
      const { output } = await load();
      assert.ok(output.includes(`"words":"${words}"`), output);
      // A file that is made again is another one.
      for (const name of readdirSync(join(folder, 'built')))
        built.add(statSync(join(folder, 'built', name)).ino);
    }
    assert.equal(built.size, 2);
  });

  it('does not leave all of its past in the folder', async () => {
    for (const words of ['1', '2', '3', '4', '5']) {
      setRule(words);
      await load();
    }
    assert.equal(readdirSync(join(folder, 'built')).length, 3);
  });

  it('is refused when it uses a source that would not be missed if it changed', async () => {
    const { exitCode, output } = await load(['rules']);
    assert.equal(exitCode, 1);
    assert.match(output, /(program|part\/here)\.ts is not in the folders of the program's sources/);
  });

  it('is loaded file by file where the bundle cannot be written', async () => {
    writeFileSync(join(folder, 'built'), 'not a folder');
    check(await load());
  });

  it('says where its sources are wrong', async () => {
    writeFileSync(join(folder, 'program.ts'), 'const = 1;\n');
    const { exitCode, output } = await load();
    assert.equal(exitCode, 1);
    assert.match(output, /program\.ts:1:6/);
  });
});

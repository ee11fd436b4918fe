/**
 * A TypeScript program as one piece of JavaScript, made anew at every start: esbuild takes a tenth of a second for all
 * of the lab's sources, a loader that is asked for every file (tsx) more than a second.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

/** So that each module still finds what lies beside it. */
const ownUrls = {
  name: 'import.meta.url',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: source.replaceAll(/\bimport\.meta\.url\b/g, url), loader: 'ts' };
    }),
};

/**
 * Runs the program in this process; stack traces name its sources. Where nothing can be written, it is loaded file by
 * file.
 *
 * @param {string} entry the program's TypeScript file
 * @param {string} bundle where the JavaScript goes; packages are looked for from there
 */
export async function loadProgram(entry, bundle) {
  const { build, stop } = await import('esbuild');
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], outfile: bundle, write: false, logLevel: 'error' },
    ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' },
    ...{ sourcemap: 'inline', sourcesContent: false, plugins: [ownUrls] },
  });
  void stop();
  if (!isWritten(bundle, outputFiles[0].contents)) {
    (await import('tsx/esm/api')).register();
    return await import(pathToFileURL(entry).href);
  }
  process.setSourceMapsEnabled(true);
  return await import(pathToFileURL(bundle).href);
}

/** In one step, for another lab may start at the same time, and only when the sources have changed. */
function isWritten(path, contents) {
  const unfinished = `${path}.${process.pid}`;
  try {
    if (existsSync(path) && readFileSync(path).equals(contents)) return true;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(unfinished, contents);
    renameSync(unfinished, path);
    return true;
  } catch {
    return false;
  }
}

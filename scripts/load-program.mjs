/**
 * A TypeScript program as one piece of JavaScript with the packages that it uses. It is named by a digest of all that goes
 * into it, so what is found under that name is the sources as they are now: reading them takes hundredths of a second,
 * esbuild some tenths, and a loader that is asked for every file (tsx) more than a second.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Packages that look for files of their own while they run. */
const LEFT_OUTSIDE = ['esbuild', 'mocha', 'ssh2'];
/** npm's note of what it has installed. */
const INSTALLED = fileURLToPath(new URL('../node_modules/.package-lock.json', import.meta.url));
/** Whoever goes back and forth between states of the sources, or starts a lab while they change, finds the file again. */
const KEPT = 3;

/** What CommonJS packages expect to find. */
const BANNER = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`;
/** In place of a package's: only our own sources are named in stack traces. */
const NO_MAP = Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString('base64');

/** So that each module still finds what lies beside it. */
const asIfFileByFile = {
  name: 'as if file by file',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({ contents: await withOwnUrl(path), loader: 'ts' }));
    onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${await withOwnUrl(path)}\n//# sourceMappingURL=data:application/json;base64,${NO_MAP}`,
      loader: 'js',
    }));
  },
};

async function withOwnUrl(path) {
  const source = await readFile(path, 'utf8');
  return source.replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href));
}

/**
 * Runs the program in this process; stack traces name its sources. Where nothing can be written, it is loaded file by
 * file.
 *
 * @param {string} entry the program's TypeScript file
 * @param {{ sources: string[], bundles: string }} folders where all of its sources are, and where the JavaScript goes,
 *   below the folder that holds its packages
 */
export async function loadProgram(entry, { sources, bundles }) {
  const files = sources.flatMap(sourceFiles);
  const bundle = join(bundles, `${basename(entry, '.ts')}-${digestOf(files)}.mjs`);
  if (!existsSync(bundle) && !isWritten(bundle, await bundleOf(entry, bundle, files))) {
    (await import('tsx/esm/api')).register();
    return await import(pathToFileURL(entry).href);
  }
  process.setSourceMapsEnabled(true);
  return await import(pathToFileURL(bundle).href);
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourceFiles(path);
      return /(?<!\.test)\.ts$/.test(entry.name) ? [path] : [];
    });
}

function digestOf(files) {
  const digest = createHash('sha256');
  for (const path of [
    fileURLToPath(import.meta.url),
    ...(existsSync(INSTALLED) ? [INSTALLED] : []),
    ...files,
  ]) {
    const contents = readFileSync(path);
    digest.update(`${path}\0${contents.length}\0`).update(contents);
  }
  return digest.digest('hex').slice(0, 16);
}

async function bundleOf(entry, bundle, files) {
  const { build, stop } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    ...{ entryPoints: [entry], outfile: bundle, write: false, logLevel: 'error', metafile: true },
    ...{ bundle: true, external: LEFT_OUTSIDE, platform: 'node', format: 'esm', target: 'node20' },
    ...{ sourcemap: 'inline', sourcesContent: false, banner: { js: BANNER }, plugins: [asIfFileByFile] },
  });
  void stop();
  const known = new Set(files);
  const own = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules/'));
  const stranger = own.map((path) => resolve(path)).find((path) => !known.has(path));
  if (stranger !== undefined)
    throw new Error(`${relative('.', stranger)} is not in the folders of the program's sources`);
  return outputFiles[0].contents;
}

/** In one step, for another lab may start at the same time. */
function isWritten(path, contents) {
  const folder = dirname(path);
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(unfinished, contents);
    renameSync(unfinished, path);
  } catch {
    return false;
  }
  removeOld(folder);
  return true;
}

function removeOld(folder) {
  const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const paths = readdirSync(folder).map((name) => join(folder, name));
  const old = paths.sort((a, b) => changedMs(b) - changedMs(a)).slice(KEPT);
  for (const path of old) rmSync(path, { force: true });
}

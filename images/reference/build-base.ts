/** Runs base/build.sh, bound to the lab's life, and reads from its output how far it is. */
import { createWriteStream } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { LabError } from '../../lab/errors.ts';
import type { PartContext } from '../../lab/image/image-recipe.ts';
import { boundToLab, isRoot } from '../../lab/machine/launch.ts';
import { debianSources } from './debian-sources.ts';

const RELEASE = 'bookworm';
const STAGE = /^wsklab-stage: (.*)$/;

/**
 * As root, in namespaces of its own: when the lab dies, every process of the build dies with its first one, and its
 * mounts are gone. As a normal user mmdebstrap makes such namespaces itself.
 */
function command(script: string[]): string[] {
  const namespaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];
  return boundToLab(isRoot ? [...namespaces, ...script] : script);
}

/** `recipe`: the folder with build.sh. */
export async function buildBase(context: PartContext, recipe: string): Promise<void> {
  if (isRoot) return runBuild(context, recipe);
  // mmdebstrap's hooks run under the user's subordinate ids, which may not enter his home folder.
  const readable = await mkdtemp(join(tmpdir(), 'wsklab-recipe-'));
  try {
    await cp(recipe, readable, { recursive: true });
    await chmod(readable, 0o755);
    await runBuild(context, readable);
  } finally {
    await rm(readable, { recursive: true, force: true });
  }
}

async function runBuild(context: PartContext, recipe: string): Promise<void> {
  const sources = join(context.folder, 'sources.list');
  await writeFile(sources, `${(await debianSources(RELEASE)).join('\n')}\n`);
  const mode = isRoot ? 'root' : 'unshare';
  const [program, ...args] = command([join(recipe, 'build.sh'), sources, context.folder, mode]);
  const log = createWriteStream(context.log);
  const build = execa(program!, args, {
    all: true,
    buffer: false,
    reject: false,
    lines: true,
    stdin: 'ignore',
    // A user's subordinate ids may not enter the cache folder, so his build takes the system's temporary folder.
    ...(isRoot && { env: { TMPDIR: join(context.folder, '..') } }),
    ...(context.signal && { cancelSignal: context.signal, forceKillAfterDelay: 2000 }),
  });
  for await (const line of build.iterable({ from: 'all' })) {
    log.write(`${line}\n`);
    const stage = STAGE.exec(line)?.[1];
    if (stage !== undefined) context.onStage(stage);
  }
  const { exitCode, signal } = await build;
  await new Promise<void>((resolve) => log.end(resolve));
  context.signal?.throwIfAborted();
  if (exitCode === 0) return;
  throw new LabError({
    code: 'LAB_IMAGE_BUILD',
    blame: 'host',
    message: `building the base of the reference guest ended with ${signal ?? `exit code ${exitCode}`}: ${await lastWords(context.log)}`,
    next: 'see the log; if packages could not be fetched, try `apt-get update` on this host',
    evidence: [context.log],
  });
}

/** What the tools complained of, without the lines about progress. */
async function lastWords(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '' && !STAGE.test(line));
  return lines.slice(-6).join(' | ') || 'it said nothing';
}

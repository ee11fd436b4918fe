/**
 * The worker as one piece of JavaScript, for `node --eval`: it starts in a third of the time that loading its TypeScript
 * takes, and every scenario starts one.
 */
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

/** For people and tools that look at processes; the program itself does not read it. */
export const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

let made: Promise<string> | undefined;

/** Made once. Rejects with esbuild's words when the worker's source is broken. */
export function workerProgram(): Promise<string> {
  return (made ??= make());
}

async function make(): Promise<string> {
  try {
    const { outputFiles } = await build({
      ...{ entryPoints: [WORKER], bundle: true, write: false, logLevel: 'silent' },
      ...{ platform: 'node', format: 'esm', target: 'node20' },
    });
    return outputFiles[0]!.text;
  } finally {
    await stop();
  }
}

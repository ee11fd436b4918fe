/** `npm run generate`: writes what is made from schema.ts. Exports it too, so that a test can say when it is stale. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { projectRoot } from '../project.ts';
import { renderCHeader } from './c-header.ts';
import { renderRecordTypes } from './record-types.ts';

/** Every generated file by its path from the project's root. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const records = join(projectRoot, 'lab/trace/records.ts');
  const style = await prettier.resolveConfig(records);
  return {
    'drivers/include/trace_records.h': renderCHeader(),
    'lab/trace/records.ts': await prettier.format(renderRecordTypes(), { ...style, filepath: records }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await generatedFiles())) {
    const file = join(projectRoot, path);
    const isCurrent = (await readFile(file, 'utf8').catch(() => undefined)) === text;
    if (!isCurrent) await writeFile(file, text);
    console.log(`${isCurrent ? 'current' : 'written'}  ${path}`);
  }
}

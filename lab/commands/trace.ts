/** `trace show`: a stored trace as text, one line per record. */
import { once } from 'node:events';
import { EXIT } from '../errors.ts';
import { CtfReader } from '../trace/ctf-reader.ts';
import { TraceText } from '../trace/show.ts';
import { findTrace } from './check.ts';

export async function showTrace(path: string): Promise<number> {
  const { stdout } = process;
  const reader = await CtfReader.open(findTrace(path).trace);
  const text = new TraceText();
  for await (const record of reader.records()) {
    if (!stdout.write(`${text.lines(record).join('\n')}\n`)) await once(stdout, 'drain');
  }
  const { records, discarded, isComplete, failure } = reader.summary;
  stdout.write(`${records} records, ${discarded} lost${isComplete ? '' : ', without its end'}\n`);
  if (failure) process.stderr.write(`${failure.message}\n`);
  return isComplete && discarded === 0 ? EXIT.green : EXIT.inconclusive;
}

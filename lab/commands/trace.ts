/** `trace show`: a stored trace as text, one line per record. */
import { pipeline } from 'node:stream/promises';
import { EXIT } from '../errors.ts';
import { CtfReader } from '../trace/ctf-reader.ts';
import { TraceText } from '../trace/show.ts';
import { findTrace } from './check.ts';

/** Green if the trace is whole; what only wanted its beginning (`| head`) has got it. */
export async function showTrace(path: string): Promise<number> {
  const reader = await CtfReader.open(findTrace(path).trace);
  try {
    await pipeline(lines(reader), process.stdout, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return EXIT.green;
    throw error;
  }
  const { discarded, isComplete, failure } = reader.summary;
  if (failure) process.stderr.write(`${failure.message}\n`);
  return isComplete && discarded === 0 ? EXIT.green : EXIT.inconclusive;
}

async function* lines(reader: CtfReader): AsyncGenerator<string> {
  const text = new TraceText();
  for await (const record of reader.records()) yield `${text.lines(record).join('\n')}\n`;
  const { records, discarded, isComplete } = reader.summary;
  yield `${records} records, ${discarded} lost${isComplete ? '' : ', without its end'}\n`;
}

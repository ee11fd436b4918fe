/** `trace show`: a stored trace as text, one line per record. */
import { CtfReader } from '../trace/ctf-reader.ts';
import { recordText } from '../report/record-text.ts';
import { EXIT } from '../errors.ts';
import { findTrace } from './check.ts';

export async function showTrace(path: string): Promise<number> {
  const reader = await CtfReader.open(findTrace(path).trace);
  let discarded = 0;
  for await (const record of reader.records()) {
    if (record.discarded !== discarded) {
      process.stdout.write(`             ${record.discarded - discarded} records lost here\n`);
      discarded = record.discarded;
    }
    const time = (record.time / 1e6).toFixed(3).padStart(12);
    const side = ['', ' (driver)', ' (WSK)'][record.side] ?? '';
    const text = `${time} ms  #${record.position} t${record.tid} irql ${record.irql}  ${recordText(record)}${side}\n`;
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  const { records, isComplete, failure } = reader.summary;
  process.stdout.write(`${records} records, ${discarded} lost${isComplete ? '' : ', without its end'}\n`);
  if (failure) process.stderr.write(`${failure.message}\n`);
  return isComplete && discarded === 0 ? EXIT.green : EXIT.inconclusive;
}

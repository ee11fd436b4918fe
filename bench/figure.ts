/** One measured figure, beside what it is compared with. */
import { LabError } from '../lab/errors.ts';

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What `value` is compared with, measured in the same run. */
  baseline: { name: string; value: number } | null;
  /** value / baseline. */
  ratio: number | null;
}

export function figure(name: string, value: number, unit: string, baseline?: Figure['baseline']): Figure {
  return { name, value, unit, baseline: baseline ?? null, ratio: baseline ? value / baseline.value : null };
}

/** `checker, all rules     182000 events/s     0.41 × no rules (443000)`. */
export function figureLine({ name, value, unit, baseline, ratio }: Figure): string {
  const compared =
    baseline && ratio !== null ? `${short(ratio)} × ${baseline.name} (${short(baseline.value)})` : '';
  return `${name.padEnd(50)} ${`${short(value)} ${unit}`.padStart(20)}  ${compared}`.trimEnd();
}

/** Four digits are more than any of these figures is worth. */
const short = (value: number): string => String(Number(value.toPrecision(4)));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that the given share of all is not above. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}

/** What was to be measured did not happen as a whole; no figure is better than a wrong one. */
export function incomplete(what: string): LabError {
  return new LabError({
    code: 'LAB_BENCH_INCOMPLETE',
    blame: 'lab',
    message: `this cannot be measured: ${what}`,
    next: 'measure it again by itself, on a less busy host: npm run bench -- --only NAME',
  });
}

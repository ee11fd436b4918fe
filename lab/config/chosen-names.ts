/** Names that a person gives with commas between, out of those that there are. */
import { LabError } from '../errors.ts';
import { didYouMean } from './nearest.ts';

/**
 * All of `names` when nothing is given. `kind` is what they name: "fault".
 * @throws LabError LAB_USAGE for a name that is none of them.
 */
export function chosenNames(given: string | undefined, names: readonly string[], kind: string): string[] {
  const wanted = given?.split(',').map((name) => name.trim()) ?? [...names];
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return wanted;
  throw new LabError({
    code: 'LAB_USAGE',
    blame: 'usage',
    message: `no ${kind} is called '${unknown}'${didYouMean(unknown, names)}`,
    next: `the ${kind}s are: ${names.join(', ')}`,
  });
}

/** The word that somebody meant when they mistyped one. */
import { distance } from 'fastest-levenshtein';

/** The nearest of `words`, or undefined when none is near enough to be a slip of the same word. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const candidateDistance = distance(word.toLowerCase(), candidate.toLowerCase());
    if (candidateDistance < bestDistance) [best, bestDistance] = [candidate, candidateDistance];
  }
  return best;
}

/** ", did you mean 'timeout'?", or an empty text. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const meant = nearest(word, words);
  return meant === undefined ? '' : `, did you mean '${meant}'?`;
}

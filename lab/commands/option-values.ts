/** Values of command-line options: what cannot work is refused before anything is built or booted. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { didYouMean } from '../config/nearest.ts';
import {
  VERIFIER_FLAGS,
  verifierFlagNames,
  type VerifierChoice,
  type VerifierFlag,
} from '../deploy/verifier.ts';

export function jobs(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('the number of guests at the same time is from 1 to 999');
}

export function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a number from 1 to 999999');
}

export function seed(text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('a seed is a whole number from 0');
}

export function tcpPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('a TCP port is from 0 to 65535');
}

/** 'standard', 'off', or flags of Driver Verifier with commas between. */
export function verifier(text: string): VerifierChoice {
  if (text === 'standard' || text === 'off') return text;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(name in VERIFIER_FLAGS));
  if (unknown === undefined) return names as VerifierFlag[];
  const known = ['standard', 'off', ...verifierFlagNames];
  throw new InvalidArgumentError(
    `no '${unknown}'${didYouMean(unknown, known)}; there are ${known.join(', ')}`,
  );
}

/** A regular expression, given on as text. */
export function pattern(text: string): string {
  try {
    new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return text;
}

/** A file that will be written at the end. */
export function outputFile(path: string): string {
  try {
    accessSync(existsSync(path) ? path : dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    throw new InvalidArgumentError(`it cannot be written: ${(error as NodeJS.ErrnoException).message}`);
  }
  return path;
}

/** What a person should know of an image before a long run with it. */
import { existsSync } from 'node:fs';
import { sha256OfFile } from './file-digest.ts';
import type { ImageInputs } from './image-recipe.ts';
import type { ImageManifest } from './image-store.ts';

const DAY_MS = 24 * 3_600_000;
/** Of a licence that lets nobody work for long. */
const WANTING = ['unlicensed', 'notification', 'non-genuine grace'];
/** So long before its end an evaluation is spoken of. */
const NOTICE_DAYS = 14;

/** `inputs`: the files that an image built now would get. */
export async function imageWarnings(
  image: Pick<ImageManifest, 'name' | 'facts' | 'inputs'>,
  inputs: ImageInputs,
  now = new Date(),
): Promise<string[]> {
  const licence = licenceWarnings(image, now);
  const old: string[] = [];
  for (const [name, path] of Object.entries(inputs))
    if (existsSync(path) && image.inputs[name] !== (await sha256OfFile(path))) old.push(name);
  return [
    ...licence,
    ...(old.length === 0
      ? []
      : [`image '${image.name}' was made with another ${old.join(', ')} than there is now; build it again`]),
  ];
}

/** None for what is licensed and does not expire soon. */
export function licenceWarnings(image: Pick<ImageManifest, 'name' | 'facts'>, now = new Date()): string[] {
  const warnings = [expiryWarning(image, now), activationWarning(image)];
  return warnings.filter((each) => each !== undefined);
}

function activationWarning({ name, facts }: Pick<ImageManifest, 'name' | 'facts'>): string | undefined {
  if (facts?.licence === undefined || !WANTING.includes(facts.licence)) return undefined;
  return (
    `Windows in image '${name}' is not activated (${facts.licence}), to which a guest has no way here: an evaluation may ` +
    "switch itself off every hour; 'slmgr /dlv' in the guest tells the reason"
  );
}

function expiryWarning(
  { name, facts }: Pick<ImageManifest, 'name' | 'facts'>,
  now: Date,
): string | undefined {
  if (facts?.expiresAt === undefined) return undefined;
  const days = (new Date(facts.expiresAt).getTime() - now.getTime()) / DAY_MS;
  if (days > NOTICE_DAYS) return undefined;
  const day = facts.expiresAt.slice(0, 10);
  return days <= 0
    ? `the evaluation of Windows in image '${name}' ended on ${day}: it switches itself off every hour; install it again`
    : `the evaluation of Windows in image '${name}' ends on ${day}, in ${Math.ceil(days)} days; install it again before`;
}

/** Windows media: which editions of Windows an ISO installs. */
import { didYouMean } from '../config/nearest.ts';
import { LabError } from '../errors.ts';
import { readIso, readIsoFile, type Iso } from './iso.ts';
import { readWimImages, type WimImage } from './wim.ts';

export interface WindowsIso extends Pick<Iso, 'path' | 'sizeBytes'> {
  /** The file that holds the editions. */
  source: string;
  editions: WimImage[];
  /** An answer file on the medium itself, which Setup might prefer to the lab's. */
  answerFile: string | undefined;
}

const SOURCE = /^sources\/install\.(wim|esd)$/i;
/** Media for two architectures, as Microsoft's Media Creation Tool makes them. */
const SOURCE_FOR_ONE_OF_TWO = /^(x86|x64)\/sources\/install\.(wim|esd)$/i;
const SPLIT_SOURCE = /^sources\/install\.swm$/i;
const ANSWER_FILE = /^(sources\/)?(auto)?unattend\.xml$/i;

/** @throws LabError LAB_ISO_MISSING, LAB_ISO_NONE, LAB_ISO_DAMAGED, LAB_ISO_READ, LAB_ISO_NOT_WINDOWS, LAB_WIM_MALFORMED. */
export async function readWindowsIso(path: string): Promise<WindowsIso> {
  const iso = await readIso(path);
  const source = iso.files.find((file) => SOURCE.test(file.path));
  if (!source) throw notWindows(iso);
  return {
    ...{ path, sizeBytes: iso.sizeBytes, source: source.path },
    editions: await readWimImages(readIsoFile(iso, source)),
    answerFile: iso.files.find((file) => ANSWER_FILE.test(file.path))?.path,
  };
}

/**
 * The edition of that index, name or edition id.
 * @throws LabError LAB_ISO_EDITION when there is none, LAB_ISO_ARCHITECTURE when it is not for x64.
 */
export function chooseEdition({ path, editions }: WindowsIso, wanted: string): WimImage {
  const isWanted = ({ index, name, editionId }: WimImage) =>
    String(index) === wanted || [name, editionId].some((each) => each.toLowerCase() === wanted.toLowerCase());
  const edition = editions.find(isWanted);
  if (!edition) throw noSuchEdition(path, editions, wanted);
  if (edition.architecture !== 'x64') throw wrongArchitecture(path, [edition]);
  return edition;
}

/** @throws LabError LAB_ISO_ARCHITECTURE when no edition is for x64. */
export function requireX64({ path, editions }: WindowsIso): void {
  if (!editions.some(({ architecture }) => architecture === 'x64')) throw wrongArchitecture(path, editions);
}

function notWindows({ path, files }: Iso): LabError {
  const has = (pattern: RegExp) => files.some((file) => pattern.test(file.path));
  const why = has(SOURCE_FOR_ONE_OF_TWO)
    ? 'it is a medium for two architectures, which the lab does not install from; take the one for x64'
    : has(SPLIT_SOURCE)
      ? 'its install.wim is split into .swm files; take the ISO as Microsoft publishes it'
      : 'it has neither sources/install.wim nor sources/install.esd';
  const first = files.slice(0, 5).map((file) => file.path);
  return new LabError({
    code: 'LAB_ISO_NOT_WINDOWS',
    blame: 'usage',
    message: `'${path}' is no medium to install Windows from: ${why}; ${files.length} files, the first ones: ${first.join(', ')}`,
    next: "give the ISO of Windows as Microsoft publishes it ('Evaluation Center', or your own licence's)",
  });
}

function noSuchEdition(path: string, editions: WimImage[], wanted: string): LabError {
  const words = editions.flatMap(({ name, editionId }) => [name, editionId]);
  const list = editions.map(({ index, name }) => `${index} '${name}'`).join(', ');
  return new LabError({
    code: 'LAB_ISO_EDITION',
    blame: 'usage',
    message: `'${path}' has no edition '${wanted}' among ${list}${didYouMean(wanted, words)}`,
    next: `npm run lab -- image inspect ${path}`,
  });
}

function wrongArchitecture(path: string, editions: WimImage[]): LabError {
  const list = editions.map(({ name, architecture }) => `'${name}' is for ${architecture}`).join(', ');
  return new LabError({
    code: 'LAB_ISO_ARCHITECTURE',
    blame: 'usage',
    message: `the lab's guests are x64, and in '${path}' ${list}`,
    next: 'take the ISO for x64',
  });
}

/**
 * Debian's mirrors as the host has them, so that a build works wherever the host's own apt does. Reads both formats
 * of apt's sources (sources.list(5)), and takes of them what is the host's own release, its updates and its
 * security updates.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../lab/errors.ts';

interface Source {
  uri: string;
  suite: string;
  signedBy: string | undefined;
}

/**
 * The lines of a sources.list for the Debian release `release`.
 * @throws LabError LAB_NO_DEBIAN_MIRROR when the host has none.
 */
export async function debianSources(release: string, etc = '/etc'): Promise<string[]> {
  const osRelease = await readFile(join(etc, 'os-release'), 'utf8').catch(() => '');
  const hostRelease = /^VERSION_CODENAME=(.*)$/m.exec(osRelease)?.[1] ?? release;
  const ofDebian = new RegExp(`^(${hostRelease}|${release}|stable|oldstable)(-updates|-security)?$`);
  const sources = (await hostSources(join(etc, 'apt'))).filter(({ suite }) => ofDebian.test(suite));
  const lines = sources.map(({ uri, suite, signedBy }) => {
    const options = signedBy === undefined ? '' : `[signed-by=${signedBy}] `;
    return `deb ${options}${uri} ${suite.replace(ofDebian, `${release}$2`)} main`;
  });
  if (/^ID=debian$/m.test(osRelease) && lines.some((line) => line.includes(` ${release} `)))
    return [...new Set(lines)];
  throw new LabError({
    code: 'LAB_NO_DEBIAN_MIRROR',
    blame: 'host',
    message: `found no Debian mirror for '${hostRelease}' in ${etc}/apt/sources.list and sources.list.d`,
    next: 'the reference guest is built from the mirrors of a Debian host',
  });
}

async function hostSources(folder: string): Promise<Source[]> {
  const parts = join(folder, 'sources.list.d');
  const names = (await readdir(parts).catch(() => [] as string[])).sort().map((name) => join(parts, name));
  const files = [join(folder, 'sources.list'), ...names];
  const sources: Source[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (file.endsWith('.list')) sources.push(...oneLineSources(text));
    if (file.endsWith('.sources')) sources.push(...paragraphSources(text));
  }
  return sources;
}

/** `deb [signed-by=KEY arch=amd64] URI SUITE COMPONENT...` */
export function oneLineSources(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!match?.[4]?.split(/\s+/).includes('main')) return [];
    const signedBy = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1];
    return [{ uri: match[2]!, suite: match[3]!, signedBy }];
  });
}

/** deb822: paragraphs of `Field: value`, with continuation lines. */
export function paragraphSources(text: string): Source[] {
  const paragraphs = text.replaceAll(/^#.*\n?/gm, '').split(/\n\s*\n/);
  return paragraphs.flatMap((paragraph) => {
    const fields = new Map(
      paragraph
        .replaceAll(/\n[ \t]+/g, ' ')
        .split('\n')
        .map((line) => [line.split(':', 1)[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
    const isUsed = words('types').includes('deb') && words('components').includes('main');
    if (!isUsed || fields.get('enabled')?.toLowerCase() === 'no') return [];
    // A key that stands in the file itself cannot be put into a line; apt then takes its trusted keys.
    const [signedBy] = words('signed-by').filter((word) => word.startsWith('/'));
    return words('uris').flatMap((uri) => words('suites').map((suite) => ({ uri, suite, signedBy })));
  });
}

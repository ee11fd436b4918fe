/** `doctor`: what this host can do for the lab, each finding with what to do about it. */
import { execa } from 'execa';
import pc from 'picocolors';
import { EXIT } from '../errors.ts';
import { chooseAccelerator } from '../machine/accelerator.ts';
import { openNetwork } from '../network/open-network.ts';
import { availableMiB } from '../image/disk-space.ts';
import { listImages } from '../image/image-store.ts';
import { cacheFolder, projectRoot } from '../project.ts';
import { mkdir } from 'node:fs/promises';

interface Finding {
  what: string;
  state: 'good' | 'limited' | 'missing';
  text: string;
}

/** Free space that an image build and a run need. */
const NEEDED_MIB = 4096;
const TOOLS = [
  'qemu-system-x86_64',
  'clang',
  'lld-link',
  'make',
  'mmdebstrap',
  'osslsigncode',
  'ip',
  'setpriv',
];

export async function doctorCommand({ json }: { json?: boolean }): Promise<number> {
  const findings = [...(await tools()), ...(await networkAndAccelerator()), await space(), await images()];
  if (json)
    process.stdout.write(`${JSON.stringify({ projectRoot, cache: cacheFolder(), findings }, null, 2)}\n`);
  else
    for (const text of [...findings.map(line), '', conclusion(findings)]) process.stdout.write(`${text}\n`);
  return findings.some(({ state }) => state === 'missing') ? EXIT.fault : EXIT.green;
}

function conclusion(findings: readonly Finding[]): string {
  const has = (wanted: Finding['state']) => findings.some(({ state }) => state === wanted);
  if (has('missing'))
    return 'Not ready: npm run demo installs packages that are missing, and says what it cannot.';
  if (has('limited')) return 'Ready: npm run demo. What is limited works, slower or with fewer scenarios.';
  return 'Ready: npm run demo.';
}

function line({ what, state, text }: Finding): string {
  const mark = { good: pc.green('good   '), limited: pc.yellow('limited'), missing: pc.red('missing') }[
    state
  ];
  return `${mark}  ${what.padEnd(20)}  ${text}`;
}

async function tools(): Promise<Finding[]> {
  return await Promise.all(
    TOOLS.map(async (tool): Promise<Finding> => {
      const { failed, stdout } = await execa('sh', ['-c', `command -v ${tool}`], { reject: false });
      if (failed) return { what: tool, state: 'missing', text: 'not on PATH; npm run demo installs it' };
      return { what: tool, state: 'good', text: stdout };
    }),
  );
}

async function networkAndAccelerator(): Promise<Finding[]> {
  try {
    await using network = await openNetwork();
    const kind: Finding = {
      what: 'network',
      state: network.kind === 'tap' ? 'good' : 'limited',
      text: `${network.kind}: ${network.reason}`,
    };
    const { accelerator, reason } = await chooseAccelerator({
      cpu: { kvm: 'host', tcg: 'Nehalem' },
      launcher: network.launcher,
      place: network.kind,
    });
    return [
      kind,
      {
        what: 'accelerator',
        state: accelerator === 'kvm' ? 'good' : 'limited',
        text: `${accelerator}: ${reason}`,
      },
    ];
  } catch (error) {
    return [
      {
        what: 'network and QEMU',
        state: 'missing',
        text: error instanceof Error ? error.message : String(error),
      },
    ];
  }
}

async function space(): Promise<Finding> {
  await mkdir(cacheFolder(), { recursive: true });
  const free = await availableMiB(cacheFolder());
  const state = free >= NEEDED_MIB ? 'good' : 'limited';
  return { what: 'disk', state, text: `${free} MiB free in ${cacheFolder()}; ${NEEDED_MIB} MiB wanted` };
}

async function images(): Promise<Finding> {
  const [newest, ...older] = await listImages();
  const text = newest
    ? `${newest.name}@${newest.digest.slice(0, 16)}${older.length > 0 ? `, and ${older.length} older` : ''}`
    : 'none yet; the first run builds one';
  return { what: 'images', state: 'good', text };
}

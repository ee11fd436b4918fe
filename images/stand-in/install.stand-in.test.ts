import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { listTemplates } from '../../lab/clone/template-store.ts';
import { readLabConfig } from '../../lab/config/lab-config.ts';
import { bugcheckText } from '../../lab/crash/bugcheck.ts';
import { readDumpHeader } from '../../lab/crash/dump-header.ts';
import { ensureSigningKey } from '../../lab/deploy/signing-key.ts';
import type { LabError } from '../../lab/errors.ts';
import type { ImageProgress } from '../../lab/image/build-image.ts';
import { listImages, storeFolders } from '../../lab/image/image-store.ts';
import { cacheFolder, projectRoot } from '../../lab/project.ts';
import { readRunJson } from '../../lab/report/run-json.ts';
import type { RunResult } from '../../lab/report/run-result.ts';
import { driversFolder } from '../../lab/run/build-drivers.ts';
import { openGuests, type GuestSourceOptions } from '../../lab/run/guest-source.ts';
import { prepareGuest } from '../../lab/run/prepare-guest.ts';
import { exerciseTrace } from '../../lab/run/ready-guest.ts';
import { RunFolder } from '../../lab/run/run-folder.ts';
import { writeConfigurationMedium } from '../windows/configuration-medium.ts';
import { PROVISION_STEPS } from '../windows/provision-steps.ts';
import { checkedScript, provisionScripts } from '../windows/provision-script.ts';

/** One installation, in a cache folder of its own, with all that may come between. */
describe('the stand-in for Windows', function () {
  this.timeout(900_000);
  const real = cacheFolder();
  let folder: string;
  const notes: string[] = [];
  const stages: string[] = [];

  before(async () => {
    await prepareMedium();
    folder = await mkdtemp(join(real, 'test-stand-in-'));
    process.env['WSKLAB_CACHE'] = folder;
    // The parts that the medium is made of, and what else is the same in every cache.
    for (const place of ['images', 'images/bases']) {
      await mkdir(join(folder, place), { recursive: true });
      for (const name of await readdir(join(real, place)))
        if (/^(reference|stand-in-medium)-/.test(name))
          await execa('cp', ['-al', join(real, place, name), join(folder, place)]);
    }
    await cp(join(real, 'signing-key'), join(folder, 'signing-key'), { recursive: true });
    const accelerator = join(real, 'accelerator.json');
    if (existsSync(accelerator)) await copyFile(accelerator, join(folder, 'accelerator.json'));
  });
  after(async () => {
    delete process.env['WSKLAB_CACHE'];
    if (realCache !== undefined) process.env['WSKLAB_CACHE'] = realCache;
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    notes.length = 0;
    stages.length = 0;
  });

  const build = (medium: object = {}, onImage?: (progress: ImageProgress) => void, signal?: AbortSignal) =>
    prepareGuest('stand-in', {
      medium,
      onImage: (progress) => {
        if (progress.part === 'base' && stages.at(-1) !== progress.stage) stages.push(progress.stage);
        onImage?.(progress);
      },
      onWarning: (text) => notes.push(text),
      ...(signal && { signal }),
    });
  const refusal = async (medium: object): Promise<LabError> =>
    build(medium).then(
      () => assert.fail('it should be refused'),
      (error: unknown) => error as LabError,
    );
  const part = async () => {
    const [name] = (await readdir(storeFolders().building)).filter((each) => each.startsWith('stand-in-'));
    return join(storeFolders().building, name!, 'part');
  };

  it('is refused for an edition that is not there, not for x64, or not English, and for too small a disk', async () => {
    assert.equal((await refusal({ edition: 'ServerDatacenter' })).code, 'LAB_ISO_EDITION');
    assert.equal((await refusal({ edition: '2' })).code, 'LAB_ISO_ARCHITECTURE');
    assert.equal((await refusal({ edition: '3' })).code, 'LAB_WINDOWS_LANGUAGE');
    assert.match(
      (await refusal({ diskGiB: 1 })).message,
      /1 GiB is too small for stand-in, which takes 2 GiB/,
    );
  });

  it('is stopped after two restarts, and leaves no machine behind', async () => {
    const stop = new AbortController();
    const stopped = build(
      {},
      ({ stage }) => stage === 'first-logon' && stop.abort(new Error('Ctrl-C')),
      stop.signal,
    );
    await assert.rejects(stopped, /Ctrl-C/);
    assert.deepEqual(stages, ['firmware', 'boot-prompt', 'setup', 'specialise', 'first-logon']);
    assert.deepEqual(await readdir(join(folder, 'machines')), []);
    assert.ok(existsSync(join(await part(), 'installation.json')));
  });

  it('goes on from the last restart, and fails where a step fails: which, with what, and the last words', async () => {
    const configuration = join(await part(), 'configuration.iso');
    await rename(configuration, `${configuration}.good`);
    const broken = checkedScript('rem\necho broken\ncmd.exe /d /c exit 7', 'step');
    const scripts = { ...(await provisionScripts()), 'files.cmd': broken };
    const none = new Uint8Array();
    const files = { 'agent.exe': none, 'lab.cer': none, authorized_keys: '' };
    await writeConfigurationMedium({ answerFile: '', scripts, openSsh: none, files }, configuration);
    const error = await refusal({});
    await rename(`${configuration}.good`, configuration);
    assert.equal(error.code, 'LAB_INSTALL_FAILED');
    assert.match(error.message, /step 'files' ended with [1-9]\d* at line 3 of its file/);
    assert.match(notes.join('\n'), /goes on: from restart 2 of the guest, after 'specialise'/);
    const { stdout } = await execa('tail', [
      '-n',
      '20',
      error.evidence.find((each) => each.endsWith('console.log'))!,
    ]);
    assert.match(stdout, /broken/);
  });

  it('is sealed at the third time, tells what it is, and runs scenarios on warm clones', async () => {
    const { image } = await build();
    assert.match(notes.join('\n'), /goes on: from restart 2/);
    assert.ok(PROVISION_STEPS.length > 10 && stages.includes('sealed') && stages.includes('first-start'));
    const [listed] = (await listImages()).filter(({ name }) => name === 'stand-in');
    assert.equal(listed!.digest, image.digest);
    assert.match(listed!.facts!.build, /^\d+/);
    assert.match(listed!.facts!.hostKey, /^ssh-ed25519 AAAA/);
    assert.ok(listed!.files['disk.qcow2'] && listed!.files['variables.qcow2']);
    assert.deepEqual(
      (await readdir(storeFolders().building)).filter((each) => each.startsWith('stand-in')),
      [],
    );

    const scenarios = ['one-connection', 'ipv6', 'accept-by-irp', 'reject-every-second'];
    const { guest, runs } = await run(scenarios);
    assert.deepEqual([guest?.name, guest?.origin, runs.length], ['stand-in', 'clone', scenarios.length]);
  });

  it('takes settings of Driver Verifier at a start of their own, once for all runs with the same', async () => {
    const before = (await listTemplates()).map(({ key }) => key);
    const { guest, folder: first } = await run(['one-connection', '--verifier', 'standard']);
    const can = (name: string) => guest!.capabilities!.find((each) => each.name === name);
    assert.deepEqual(can('verifier'), {
      ...{ name: 'verifier', has: true, why: 'verifier.exe answers: flags 0x000209bb' },
    });
    assert.ok(existsSync(join(first, 'template', 'preparation', 'console.log')));
    const made = (await listTemplates()).filter(({ key }) => !before.includes(key));
    assert.deepEqual(
      made.map(({ parts }) => Object.values(parts).includes('0x000209bb for echo.sys, wsktr.sys')),
      [true],
    );

    const { folder: second } = await run(['one-connection', '--verifier', 'standard']);
    assert.ok(!existsSync(join(second, 'template', 'preparation')));
    assert.equal((await listTemplates()).length, before.length + 1);
  });

  it("stops as a whole at a driver's crash, writes its dump, and hands it over", async () => {
    const { runs } = await run(['faults/crash-in-callback', 'one-connection', '--jobs', '1']);
    const [crashed, next] = runs;
    assert.deepEqual(crashed?.crash?.notes, []);
    const taken = Object.fromEntries(crashed.crash.artefacts.map(({ path, what }) => [basename(path), what]));
    assert.deepEqual(Object.keys(taken), [
      ...['crash-display.png', 'crash-registers.txt', 'MEMORY.DMP', 'minidump.dmp'],
    ]);
    assert.match(taken['MEMORY.DMP']!, /^memory dump of Windows, kernel, build \d+$/);
    assert.equal(crashed?.fault?.code, 'LAB_DRIVER_CRASH');
    assert.match(crashed?.fault?.message ?? '', /with bugcheck 0xD1 DRIVER_IRQL_NOT_LESS_OR_EQUAL/);

    const dump = join(crashed.folder, 'MEMORY.DMP');
    const header = await readDumpHeader(dump);
    if (typeof header === 'string') assert.fail(header);
    assert.equal(header.neededBytes, BigInt((await stat(dump)).size));
    assert.equal(bugcheckText(header.bugcheck), crashed?.crash?.bugcheck);
    // The driver read at DISPATCH_LEVEL.
    assert.deepEqual([header.bugcheck.code, ...header.bugcheck.parameters.slice(1, 3)], [0xd1, 2n, 0n]);
    // Linux said it while it went down, and nobody else.
    assert.match(await readFile(dump, 'latin1'), /Kernel panic - not syncing: sysrq triggered crash/);
    const sinceMs = Date.now() - new Date(header.crashedAt!).getTime();
    assert.ok(sinceMs > 0 && sinceMs < 600_000, header.crashedAt);

    assert.equal(next?.fault, undefined);
    assert.notEqual(next?.machine, crashed?.machine);
  });

  it('that was installed with another agent gets the present one in a template, and is warned of without', async () => {
    const [image] = (await listImages()).filter(({ name }) => name === 'stand-in');
    const { folder: _folder, sizeMiB: _sizeMiB, ...manifest } = image!;
    const inputs = { ...manifest.inputs, 'agent.exe': '0'.repeat(64) };
    await writeFile(join(image!.folder, 'manifest.json'), JSON.stringify({ ...manifest, inputs }));
    const preparation = await prepareGuest('stand-in', { onWarning: (text) => notes.push(text) });
    const installed = await readFile(join(driversFolder, 'agent.exe'));
    assert.deepEqual([preparation.agent?.content, notes.length], [installed, 0]);

    // What stands behind a program's end is no part of it when it runs.
    const content = Buffer.concat([installed, Buffer.from('another')]);
    const agent = { content, sha256: createHash('sha256').update(content).digest('hex') };
    const options: GuestSourceOptions = {
      ...{ preparation: { ...preparation, agent }, config: readLabConfig(), jobs: 1, expected: 1 },
      ...{ folder: new RunFolder(join(folder, 'runs')), cold: false, signal: new AbortController().signal },
      onWarning: (text) => notes.push(text),
    };
    await using guests = await openGuests(options);
    const made = (await listTemplates()).filter(({ parts }) => parts['content agent.exe'] === agent.sha256);
    assert.equal(made.length, 1);
    await using session = await guests.take();
    assert.equal(session.origin, 'clone');
    assert.deepEqual(await session.guest.read('C:\\lab\\agent.exe'), content);
    assert.deepEqual(await session.guest.read('C:\\lab\\agent.old.exe'), installed);
    await exerciseTrace(session.guest.agent);

    await using _cold = await openGuests({ ...options, cold: true });
    assert.match(notes.at(-1)!, /^image 'stand-in' was made with another agent\.exe .* without --cold$/);
  });

  /** Of the lab's own command; it has to be green. */
  async function run(args: string[]): Promise<RunResult> {
    const json = join(folder, 'run.json');
    const line = ['scripts/lab.mjs', 'run', ...args, '--guest', 'stand-in', '--json', json];
    const { exitCode, all } = await execa(process.execPath, line, {
      ...{ cwd: projectRoot, all: true, reject: false },
    });
    assert.equal(exitCode, 0, all);
    return readRunJson(json);
  }
});

const realCache = process.env['WSKLAB_CACHE'];

/** In the cache that all share, as it takes long and is the same for all. */
async function prepareMedium(): Promise<void> {
  await ensureSigningKey(cacheFolder());
  const wanted = prepareGuest('stand-in', { medium: { edition: 'none' } });
  await assert.rejects(wanted, { code: 'LAB_ISO_EDITION' });
}

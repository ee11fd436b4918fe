import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { LabError } from '../errors.ts';
import type { MachineExit } from '../machine/qemu-process.ts';
import type { QmpEvent } from '../machine/qmp.ts';
import { unlessGone, unlessRestarted, watchForEnd, type GuestGone } from './guest-gone.ts';

describe('watchForEnd', () => {
  let qmp: EventEmitter<{ event: [QmpEvent] }>;
  let exit: (how: MachineExit) => void;
  let lose: (words: string) => void;
  let gone: Promise<GuestGone>;
  beforeEach(() => {
    qmp = new EventEmitter();
    const exited = new Promise<MachineExit>((resolve) => (exit = resolve));
    const lost = new Promise<string>((resolve) => (lose = resolve));
    const machine = { qmp, exited, console: { path: 'console.log' }, logPath: 'qemu.log' };
    gone = watchForEnd(machine, { lost });
  });

  it("blames the guest for its kernel's panic, and gives the details whole", async () => {
    const info = { type: 's390', psw_addr: 0xffff_f800_0000_0001n };
    qmp.emit('event', { name: 'STOP', data: {}, timestampUs: 0 });
    qmp.emit('event', { name: 'GUEST_PANICKED', data: { action: 'pause', info }, timestampUs: 0 });
    assert.deepEqual(await gone, {
      ...{ cause: 'panic', blame: 'guest', evidence: ['console.log', 'qemu.log'] },
      message: `the guest's kernel panicked: {"type":"s390","psw_addr":18446735277616529409}`,
    });
  });

  it('knows the bugcheck of a Windows that tells it', async () => {
    const info = { type: 'hyper-v', arg1: 0xd1, arg2: 0xffff_f800_0000_0001n, arg3: 2, arg4: 1, arg5: 3 };
    qmp.emit('event', { name: 'GUEST_PANICKED', data: { action: 'pause', info }, timestampUs: 0 });
    const { bugcheck, message } = await gone;
    assert.deepEqual(bugcheck, { code: 0xd1, parameters: [0xffff_f800_0000_0001n, 2n, 1n, 3n] });
    assert.match(message, /panicked: bugcheck 0xD1 \(0xfffff80000000001, 0x0000000000000002, /);
  });

  it('takes a restart for the end of a guest that was ready, and not that of the machine by the lab', async () => {
    const machine = { qmp, console: { path: 'console.log' }, logPath: 'qemu.log' };
    const end = unlessRestarted(gone, machine);
    const reset = (guest: boolean) =>
      qmp.emit('event', { name: 'RESET', data: { guest, reason: 'guest-reset' }, timestampUs: 0 });
    reset(false);
    assert.equal(await Promise.race([end, Promise.resolve('runs')]), 'runs');
    reset(true);
    const { cause, blame } = await end;
    assert.deepEqual([cause, blame], ['restarted', 'guest']);
  });

  it('blames the host for a full disk, which only pauses the machine', async () => {
    const data = { action: 'stop', nospace: true, reason: 'No space left on device' };
    qmp.emit('event', { name: 'BLOCK_IO_ERROR', data: { ...data, action: 'report' }, timestampUs: 0 });
    qmp.emit('event', { name: 'BLOCK_IO_ERROR', data, timestampUs: 0 });
    const { cause, blame, message } = await gone;
    assert.deepEqual([cause, blame], ['disk-full', 'host']);
    assert.equal(message, "the guest's disk could not be written: the disk of the cache folder is full");
  });

  const exits: [Partial<MachineExit>, string, string][] = [
    [{ cause: 'stopped' }, 'lab', 'the lab stopped the machine'],
    [{ cause: 'guest-shutdown' }, 'guest', 'the guest shut its machine down'],
    [{ cause: 'guest-reset' }, 'guest', 'the guest reset its machine'],
    [{ cause: 'killed', signal: 'SIGKILL' }, 'host', 'QEMU was ended from outside by SIGKILL'],
    [{ cause: 'failed', exitCode: 1, words: 'a\nb' }, 'host', 'QEMU failed with exit code 1: b'],
    [
      { cause: 'failed', signal: 'SIGBUS' },
      'host',
      'QEMU failed by SIGBUS: a page of a file that it had mapped could not be had; the disk of the cache folder may be full or damaged',
    ],
  ];
  for (const [how, blame, message] of exits)
    it(`blames the ${blame} for the machine's end '${how.cause}'`, async () => {
      exit({ cause: 'failed', exitCode: undefined, signal: undefined, words: '', ...how });
      assert.deepEqual(await gone, {
        cause: how.cause,
        blame,
        message,
        evidence: ['console.log', 'qemu.log'],
      });
    });

  it('blames the host for a network that is lost', async () => {
    lose('the process that held the network ended');
    assert.deepEqual([(await gone).cause, (await gone).blame], ['network-lost', 'host']);
  });
});

describe('unlessGone', () => {
  const how: GuestGone = {
    cause: 'killed',
    blame: 'host',
    message: 'QEMU was killed',
    evidence: ['qemu.log'],
  };
  const never = new Promise<never>(() => undefined);
  const cut = new LabError({ code: 'LAB_SSH_CLOSED', blame: 'guest', message: 'cut' });

  it('gives the result of work that is done', async () => {
    assert.equal(await unlessGone(Promise.resolve(1), never, () => 'a test'), 1);
  });

  it("does not wait for work that the guest's end has made endless", async () => {
    await assert.rejects(
      unlessGone(never, Promise.resolve(how), () => 'a test'),
      {
        ...{ code: 'LAB_GUEST_GONE', blame: 'host', message: 'QEMU was killed during a test' },
      },
    );
  });

  it("takes the guest's end for the reason of a cut that came a moment earlier", async () => {
    const soon = new Promise<GuestGone>((resolve) => setTimeout(() => resolve(how), 20));
    await assert.rejects(
      unlessGone(Promise.reject(cut), soon, () => 'a test'),
      { code: 'LAB_GUEST_GONE' },
    );
  });

  it('leaves a cut a cut when the guest lives on', async () => {
    await assert.rejects(
      unlessGone(Promise.reject(cut), never, () => 'a test'),
      cut,
    );
  });

  it('does not hold up other errors', async () => {
    const error = new LabError({ code: 'LAB_EXEC_TIMEOUT', blame: 'guest', message: 'late' });
    await assert.rejects(
      unlessGone(Promise.reject(error), never, () => 'a test'),
      error,
    );
  });
});

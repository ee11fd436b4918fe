import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { projectRoot } from '../../lab/project.ts';
import {
  advance,
  beginInstallation,
  hasStalled,
  PROMPT_MS,
  STAGES,
  wantsKey,
  windowsPatience,
  type Installation,
  type InstallationEvent,
} from './installation.ts';
import { driverScript } from './provision-script.ts';
import { PROVISION_STEPS } from './provision-steps.ts';
import { parseSerialLine } from './serial-line.ts';

const line = (text: string): InstallationEvent => ({ kind: 'line', text });
const CD = line(
  'BdsDxe: starting Boot0001 "UEFI QEMU DVD-ROM QM00003 " from PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x1,0xFFFF,0x0)\r',
);
const DISK = line(
  String.raw`BdsDxe: starting Boot0004 "Windows Boot Manager" from HD(1,GPT,…)/\EFI\Microsoft\Boot\bootmgfw.efi`,
);
const RESET: InstallationEvent = { kind: 'reset' };
const WRITTEN: InstallationEvent = { kind: 'disk-written' };
const END: InstallationEvent = { kind: 'end' };
const STEPS = PROVISION_STEPS.flatMap((step) => [
  line(`wsklab step ${step} begins `),
  line(`wsklab step ${step} ok`),
]);
const HOST_KEY = line(String.raw`wsklab host-key ssh-ed25519 AAAAC3 nt authority\system@WSKLAB`);

/** A whole installation, as it should go. */
const GOOD: InstallationEvent[] = [
  ...[CD, line('wsklab stage setup '), RESET, DISK, line('wsklab stage specialise'), RESET, DISK],
  ...[line('wsklab stage provisioning'), ...STEPS, HOST_KEY, line('wsklab stage sealed'), END],
];

const run = (events: InstallationEvent[]): Installation =>
  events.reduce((state, event, at) => advance(state, event, at), beginInstallation(0));

const anyEvent: fc.Arbitrary<InstallationEvent> = fc.oneof(
  fc.constantFrom(...GOOD),
  fc.constantFrom(...GOOD),
  fc.constantFrom(
    line('wsklab step openssh failed 5 at 3'),
    line('BdsDxe: starting Boot0003 "EFI Internal Shell" from Fv'),
    WRITTEN,
  ),
  fc.string().map(line),
);

describe('an installation', () => {
  it('that goes well comes through every stage, and is complete', () => {
    const seen: string[] = [];
    let state = beginInstallation(0);
    for (const event of GOOD) {
      seen.push(state.stage);
      state = advance(state, event, 0);
    }
    assert.deepEqual([...new Set(seen)], [...STAGES]);
    assert.equal(state.outcome, 'complete');
    assert.equal(state.hostKey, String.raw`ssh-ed25519 AAAAC3 nt authority\system@WSKLAB`);
    assert.equal(state.resets, 2);
  });

  it('is complete in no other way: without any one of its lines that no other implies it is not', () => {
    for (const [at, event] of GOOD.entries()) {
      if (event.kind === 'reset' || event === CD || event === DISK) continue;
      const { outcome } = run(GOOD.filter((_, index) => index !== at));
      const isImplied =
        event.kind === 'line' && / (stage (setup|specialise|provisioning)|begins|ok) ?$/.test(event.text);
      assert.equal(outcome === 'complete', isImplied, JSON.stringify(event));
    }
  });

  it('is not complete when a step said neither that it begins nor that it is done', () => {
    for (const step of PROVISION_STEPS) {
      const { outcome } = run(GOOD.filter((it) => it.kind !== 'line' || !it.text.includes(`step ${step} `)));
      assert.deepEqual(outcome, { kind: 'steps-missing', steps: [step] });
    }
  });

  it('has a step done when the next one begins, and not before', () => {
    const begins = (at: number) => line(`wsklab step ${PROVISION_STEPS[at]} begins`);
    const began = run([line('wsklab stage provisioning'), begins(0)]);
    assert.deepEqual(began.done, []);
    assert.deepEqual(advance(began, begins(1), 0).done, [PROVISION_STEPS[0]]);
  });

  it('never goes back a stage, and never leaves its end, whatever comes', () =>
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 120 }), (events) => {
        let state = beginInstallation(0);
        for (const [at, event] of events.entries()) {
          const next = advance(state, event, at);
          assert.ok(STAGES.indexOf(next.stage) >= STAGES.indexOf(state.stage));
          if (state.outcome !== 'running') assert.equal(next, state);
          state = next;
        }
        if (state.outcome === 'complete') {
          assert.deepEqual([...state.done].sort(), [...PROVISION_STEPS].sort());
          assert.notEqual(state.hostKey, undefined);
        }
      }),
    ));

  it('takes no notice of what else is written on the port', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(GOOD.length), fc.string()), { maxLength: 20 }), (noise) => {
        const events = [...GOOD];
        for (const [at, text] of noise) events.splice(at, 0, line(text.replaceAll(/wsklab|BdsDxe/g, '')));
        assert.deepEqual(run(events).outcome, 'complete');
      }),
    ));

  it('fails with the step, its code and its line', () => {
    const state = run([...GOOD.slice(0, 9), line('wsklab step files failed -2146893807 at 4 ')]);
    assert.deepEqual(state.outcome, { kind: 'step-failed', step: 'files', code: -2146893807, line: 4 });
  });

  it('fails where the machine ends before it is sealed, with the stage', () => {
    for (const at of [0, 1, 3, 5, 7, 9]) {
      const state = run(GOOD.slice(0, at));
      assert.deepEqual(run([...GOOD.slice(0, at), END]).outcome, { kind: 'ended-early', stage: state.stage });
    }
  });

  it('fails where the firmware starts the CD again after Setup, or restarts without end', () => {
    assert.deepEqual(run([...GOOD.slice(0, 3), CD]).outcome, { kind: 'disk-not-bootable' });
    const resets = Array.from({ length: 9 }, () => RESET);
    assert.deepEqual(run([...GOOD.slice(0, 2), ...resets]).outcome, { kind: 'boot-loop', resets: 9 });
  });

  it('takes it for recovery when the disk starts again and again and says nothing, and not when it speaks', () => {
    const boots = (count: number) => Array.from({ length: count }, () => [RESET, DISK]).flat();
    assert.deepEqual(run([...GOOD.slice(0, 3), ...boots(4)]).outcome, { kind: 'recovery', boots: 4 });
    const speaking = [...boots(3), line('wsklab stage specialise'), ...boots(3)];
    assert.equal(run([...GOOD.slice(0, 3), ...speaking]).outcome, 'running');
  });

  it('fails where the kernel gives up, with the stage', () => {
    const { outcome } = run([...GOOD.slice(0, 2), { kind: 'panic' }]);
    assert.deepEqual(outcome, { kind: 'panicked', stage: 'setup' });
  });

  it('is in Setup when the disk is written to, though Windows PE has no serial port to say so', () => {
    const silent = [CD, WRITTEN, ...GOOD.slice(2)];
    assert.equal(run(silent.slice(0, 2)).stage, 'setup');
    assert.equal(run(silent).outcome, 'complete');
    // And nothing else is by that: a disk is written to in every stage.
    const written = GOOD.flatMap((event, at) => (at === 1 ? [event] : [WRITTEN, event]));
    assert.equal(run(written).outcome, 'complete');
    for (let at = 2; at < GOOD.length; at++)
      assert.equal(run([...GOOD.slice(0, at), WRITTEN]).stage, run(GOOD.slice(0, at)).stage);
    assert.equal(run([WRITTEN]).stage, 'firmware');
  });

  it('wants a key at the prompt only, and not for ever', () => {
    const prompt = advance(beginInstallation(0), CD, 1000);
    assert.equal(wantsKey(beginInstallation(0), 0, 'kvm'), false);
    assert.equal(wantsKey(prompt, 1000, 'kvm'), true);
    assert.equal(wantsKey(prompt, 1001 + PROMPT_MS.kvm, 'kvm'), false);
    assert.equal(wantsKey(prompt, 1001 + PROMPT_MS.kvm, 'tcg'), true);
    assert.equal(wantsKey(advance(prompt, line('wsklab stage setup'), 2000), 2001, 'kvm'), false);
  });

  it('has stalled when a stage or a step lasts too long, later under TCG', () => {
    const hour = 3_600_000;
    const setup = run(GOOD.slice(0, 2));
    const [kvm, tcg] = [windowsPatience('kvm'), windowsPatience('tcg')];
    assert.equal(hasStalled(setup, hour, kvm), true);
    assert.equal(hasStalled(setup, hour, tcg), false);
    assert.equal(hasStalled(run(GOOD), 100 * hour, kvm), false);
    const later = advance(run(GOOD.slice(0, 8)), line('wsklab step files begins'), hour);
    assert.equal(hasStalled(later, hour + 60_000, kvm), false);
  });
});

describe('lines of the serial port', () => {
  it("are understood in OVMF 2022.11's own log of a prompt that nobody answered", () => {
    // Recorded with an empty disk, this CD order and a loader that returns at once, as Microsoft's does without a key.
    const log = readFileSync(join(projectRoot, 'images/windows/ovmf-prompt-missed.log'), 'latin1').split(
      '\n',
    );
    assert.deepEqual(
      log.map(parseSerialLine).filter((each) => each !== undefined),
      [{ kind: 'boot', from: 'cd' }, { kind: 'nothing-to-boot' }],
    );
    assert.deepEqual(run(log.map(line)).outcome, { kind: 'prompt-missed' });
  });

  it('are all understood that the driver of the steps tells', () => {
    const told = driverScript({ serial: 'COM1', steps: ['files'], end: 'rem' })
      .split('\r\n')
      .flatMap((each) => /^(?:.* )?>COM1 echo (.*)$/.exec(each)?.[1] ?? [])
      .map((text) => text.replace('%1', 'files').replace('%CODE%', '-1').replace('%COMMAND%', '2'));
    assert.equal(told.length, 7);
    for (const text of told) assert.notEqual(parseSerialLine(text), undefined, text);
  });
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeFirmware } from '../machine/probe-firmware.ts';
import { processStartTime } from '../machine/process-identity.ts';
import { bootGuest, type BootPhase } from './boot-guest.ts';
import type { GuestImage } from './guest-image.ts';

/** A machine that runs and never becomes a guest: it has no ssh and no agent. */
function muteImage(firmware: string): GuestImage {
  return {
    ...{ name: 'mute', capabilities: [], devices: 'virtio', cpu: { kvm: 'host', tcg: 'Nehalem' } },
    ...{ cores: 1, memoryMiB: 64, boot: { kind: 'firmware', file: firmware }, disks: [], onReboot: 'exit' },
    ssh: {
      user: 'lab',
      privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
        type: 'pkcs1',
        format: 'pem',
      }) as string,
      hostKey: 'ssh-ed25519 AAAA',
    },
    bootTimeoutMs: { kvm: 1_000, tcg: 1_000 },
  };
}

describe('bootGuest, with QEMU and no guest', function () {
  this.timeout(60_000);
  let scratch: string;
  let image: GuestImage;
  let before: string | undefined;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'boot-'));
    before = process.env['WSKLAB_CACHE'];
    process.env['WSKLAB_CACHE'] = join(scratch, 'cache');
    const firmware = join(scratch, 'firmware.bin');
    writeFileSync(firmware, probeFirmware());
    image = muteImage(firmware);
  });
  afterEach(() => {
    if (before === undefined) delete process.env['WSKLAB_CACHE'];
    else process.env['WSKLAB_CACHE'] = before;
    rmSync(scratch, { recursive: true });
  });

  /** QEMU's process, from what the lab noted of it. */
  function qemuProcess(): number | undefined {
    const machines = join(scratch, 'cache', 'machines');
    const [folder] = existsSync(machines) ? readdirSync(machines) : [];
    const list = folder === undefined ? '' : readFileSync(join(machines, folder, 'processes'), 'utf8');
    const pid = list.match(/^(\d+) \d+ qemu$/m)?.[1];
    return pid === undefined ? undefined : Number(pid);
  }

  for (const network of ['auto', 'user'] as const)
    it(`says what a guest did not do in time, and leaves nothing (network: ${network})`, async () => {
      const phases: BootPhase[] = [];
      let pid: number | undefined;
      const options = {
        ...{ evidence: join(scratch, 'run'), network, accelerator: 'tcg' as const },
        onPhase: (phase: BootPhase) => {
          phases.push(phase);
          pid ??= qemuProcess();
        },
      };
      await assert.rejects(bootGuest(image, options), {
        code: 'LAB_GUEST_BOOT_TIMEOUT',
        blame: 'guest',
        message: /^guest 'mute' was not ready within 1000 ms: .*\(its console is empty\)$/,
        evidence: ['console.log', 'qemu.log'].map((name) => join(scratch, 'run', name)),
      });
      assert.deepEqual(
        [...new Set(phases)],
        ['clean up', 'network', 'accelerator', 'machine', 'ssh', 'agent'],
      );
      assert.notEqual(pid, undefined);
      assert.equal(processStartTime(pid!), undefined);
      assert.deepEqual(readdirSync(join(scratch, 'cache', 'machines')), []);
      assert.ok(readdirSync(join(scratch, 'run')).includes('wire.pcap'));
    });

  it('says at once that QEMU was killed, and does not wait for the guest', async () => {
    const options = {
      ...{ evidence: join(scratch, 'run'), accelerator: 'tcg' as const, timeoutMs: 50_000 },
      onPhase: (phase: BootPhase, ms: number | undefined) => {
        if (phase === 'machine' && ms !== undefined) process.kill(qemuProcess()!, 'SIGKILL');
      },
    };
    await assert.rejects(bootGuest(image, options), {
      code: 'LAB_GUEST_GONE',
      blame: 'host',
      message: 'QEMU was ended from outside by SIGKILL during its boot (its console is empty)',
    });
    assert.deepEqual(readdirSync(join(scratch, 'cache', 'machines')), []);
  });

  it('stops at once when it is told to, and leaves nothing', async () => {
    const interrupt = new AbortController();
    const options = {
      ...{
        evidence: join(scratch, 'run'),
        accelerator: 'tcg' as const,
        timeoutMs: 50_000,
        signal: interrupt.signal,
      },
      onPhase: (phase: BootPhase) => {
        if (phase === 'agent') interrupt.abort(new Error('interrupted'));
      },
    };
    await assert.rejects(bootGuest(image, options), { message: 'interrupted' });
    assert.deepEqual(readdirSync(join(scratch, 'cache', 'machines')), []);
  });

  it('falls back to TCG when KVM does not boot the guest', async () => {
    const warnings: string[] = [];
    // A memory that remembers a KVM that works: the probe was passed, the guest does not boot.
    const options = { evidence: join(scratch, 'run'), accelerator: 'auto' as const };
    await assert.rejects(bootGuest(image, { ...options, onWarning: (text) => warnings.push(text) }));
    const file = join(scratch, 'cache', 'accelerator.json');
    const memory = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>;
    for (const choice of Object.values(memory)) {
      choice['accelerator'] = 'kvm';
      choice['cpu'] = 'no-such-cpu';
    }
    writeFileSync(file, JSON.stringify(memory));
    await assert.rejects(bootGuest(image, { ...options, onWarning: (text) => warnings.push(text) }), {
      code: 'LAB_GUEST_BOOT_TIMEOUT',
    });
    assert.match(warnings.at(-1)!, /^TCG instead of KVM: a guest did not boot under KVM: /);
  });
});

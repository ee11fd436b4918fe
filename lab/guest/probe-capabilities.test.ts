import assert from 'node:assert/strict';
import type { CapabilityFinding } from './capabilities.ts';
import { CAPABILITY_SCRIPT, judgeAnswers, parseAnswers, type MachineFacts } from './probe-capabilities.ts';

/** As the tools of an English Windows answer; written from their documentation. */
const WINDOWS: Record<string, [exitCode: number, text: string]> = {
  testSigning: [
    0,
    'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\r\n    SystemStartOptions    REG_SZ     TESTSIGNING  NOEXECUTE=OPTIN',
  ],
  verifier: [0, 'Verifier Flags: 0x00000000\r\n\r\nStandard Flags:'],
  crashDump: [
    0,
    '    AutoReboot    REG_DWORD    0x1\r\n    CrashDumpEnabled    REG_DWORD    0x2\r\n    DumpFile    REG_EXPAND_SZ    %SystemRoot%\\MEMORY.DMP',
  ],
  kernelDebug: [0, 'Windows Boot Loader\r\nidentifier   {current}\r\ntestsigning  Yes'],
  etw: [0, 'Microsoft-Windows-Winsock-AFD {E53C6823-7BB8-44BB-90DC-3F86090D48A6}'],
};
const KVM: MachineFacts = { accelerator: 'kvm', cpu: 'host,hv_relaxed,hv_crash', hasNmi: true };
const TCG: MachineFacts = { accelerator: 'tcg', cpu: 'max,hv_crash', hasNmi: true };

function findings(machine: MachineFacts, changes: typeof WINDOWS = {}): CapabilityFinding[] {
  const stdout = Object.entries({ ...WINDOWS, ...changes })
    .map(([name, [exit, text]]) => `wsklab asks ${name}\r\n${text}\r\nwsklab exit ${exit}\r\n`)
    .join('');
  return judgeAnswers(parseAnswers(stdout), machine);
}

const can = (found: CapabilityFinding[]) => found.filter(({ has }) => has).map(({ name }) => name);
const why = (found: CapabilityFinding[], wanted: string) => found.find(({ name }) => name === wanted)?.why;

describe('judgeAnswers', () => {
  it('finds all of it on a Windows that is set up, under KVM with hv-crash', () => {
    const all = ['testSigning', 'verifier', 'crashDump', 'panicEvent', 'nmi', 'kernelDebug', 'etw'];
    assert.deepEqual(can(findings(KVM)), all);
  });

  it('knows that TCG tells no panic, whatever its -cpu says', () => {
    assert.equal(why(findings(TCG), 'panicEvent'), 'TCG has no hv-crash');
    assert.ok(!can(findings(TCG)).includes('panicEvent'));
    assert.ok(!can(findings({ ...KVM, cpu: 'host' })).includes('panicEvent'));
  });

  it('believes the values and not that there are some', () => {
    const off = '    SystemStartOptions    REG_SZ     NOEXECUTE=OPTIN';
    assert.ok(!can(findings(KVM, { testSigning: [0, off] })).includes('testSigning'));
    const stays = '    AutoReboot    REG_DWORD    0x0\r\n    CrashDumpEnabled    REG_DWORD    0x2';
    const found = findings(KVM, { crashDump: [0, stays] });
    assert.equal(why(found, 'crashDump'), 'CrashDumpEnabled is 2, AutoReboot is 0');
    assert.ok(!can(found).includes('nmi'));
    assert.ok(
      !can(findings(KVM, { crashDump: [0, '    AutoReboot    REG_DWORD    0x1'] })).includes('crashDump'),
    );
  });

  it('says what the guest said instead', () => {
    const found = findings(KVM, { verifier: [9009, "'verifier' is not recognized"] });
    assert.equal(why(found, 'verifier'), "exit code 9009: 'verifier' is not recognized");
  });

  it('has nothing of a guest that answers nothing', () => {
    const found = judgeAnswers(parseAnswers('Access denied'), TCG);
    assert.deepEqual(can(found), []);
    assert.equal(why(found, 'etw'), 'the guest did not answer the question');
  });
});

describe('CAPABILITY_SCRIPT', () => {
  it('is a batch file whose every question is followed by its exit code', () => {
    const lines = CAPABILITY_SCRIPT.split('\r\n');
    assert.equal(lines[0], '@echo off');
    const asked = lines.filter((line) => line.startsWith('echo wsklab asks'));
    assert.equal(lines.filter((line) => line === 'echo wsklab exit %errorlevel%').length, asked.length);
    assert.ok(lines.every((line) => line.length < 8191));
  });
});

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSigningKey } from '../../lab/deploy/signing-key.ts';
import { projectRoot } from '../../lab/project.ts';
import { checkedScript, driverScript, provisionScripts, type Scripts } from './provision-script.ts';
import { PROVISION_STEPS, PROVISION_TOOLS } from './provision-steps.ts';

const CHECK = 'if not %errorlevel%==0 exit /b %errorlevel%';
const linesOf = (script: string): string[] => script.split('\r\n').slice(0, -1);
const withoutTexts = (line: string): string => line.replaceAll(/"[^"]*"/g, '""');

describe('the scripts that provision Windows', () => {
  let scripts: Scripts;
  let lines: [script: string, line: string][];
  let commands: string[];
  before(async () => {
    scripts = await provisionScripts();
    lines = Object.entries(scripts).flatMap(([name, text]) =>
      linesOf(text).map((line) => [name, line] as [string, string]),
    );
    commands = lines.filter(([name]) => name !== 'provision.cmd').map(([, line]) => line);
  });

  it('are all in the list, and all that is in the list is there', async () => {
    const names = async (folder: string) =>
      (await readdir(join(projectRoot, 'images/windows/provision', folder)))
        .filter((name) => name.endsWith('.cmd'))
        .map((name) => name.replace('.cmd', ''))
        .sort();
    assert.deepEqual(await names(''), [...PROVISION_STEPS].sort());
    assert.deepEqual(await names('tools'), [...PROVISION_TOOLS].sort());
    const called = commands.flatMap((line) => /^call (\S+)\.cmd/.exec(line)?.[1] ?? []);
    assert.deepEqual([...new Set(called)].sort(), ['delete-value', 'disable-service', 'set-dword']);
  });

  it('run each step after what it needs', () => {
    const at = (step: (typeof PROVISION_STEPS)[number]) => PROVISION_STEPS.indexOf(step);
    assert.equal(at('files'), 0);
    assert.ok(at('openssh') < at('ssh-key'));
    assert.equal(at('logon'), PROVISION_STEPS.length - 1);
    const called = linesOf(scripts['provision.cmd']!).flatMap(
      (line) => /^call :step (\S+)$/.exec(line)?.[1] ?? [],
    );
    assert.deepEqual(called, [...PROVISION_STEPS]);
  });

  it('have lines as cmd.exe reads them: CRLF, ASCII, not too long, and whole quotes', () => {
    for (const [name, text] of Object.entries(scripts)) {
      assert.match(text, /^@echo off\r\n([\x20-\x7e]*\r\n)+$/, name);
      assert.ok(!/[^\r]\n/.test(text), name);
    }
    for (const [name, line] of lines) {
      assert.ok(line.length < 8191, name);
      assert.equal(line.split('"').length % 2, 1, `${name}: ${line}`);
    }
  });

  it('have no percent sign, caret, exclamation mark or bracket that cmd.exe would take for its own', () => {
    const variables = /%(~dp0|[1-3]|%k|(MEDIUM|PATH|CODE|COMMAND|errorlevel)%)/g;
    for (const [name, line] of lines) {
      assert.ok(!line.replaceAll(variables, '').includes('%'), `${name}: ${line}`);
      assert.ok(!/[\^!]/.test(line), `${name}: ${line}`);
      if (!line.startsWith('for /f ')) assert.ok(!/[()]/.test(withoutTexts(line)), `${name}: ${line}`);
    }
  });

  it('look at the exit code of every command, before the next one', () => {
    for (const [name, text] of Object.entries(scripts).filter(([each]) => each !== 'provision.cmd')) {
      const rest = linesOf(text).slice(1);
      assert.equal(rest.at(-1), 'exit /b 0');
      for (const [at, line] of rest.entries()) {
        if (/^(set "COMMAND=\d+"|if .*|exit \/b 0)$/.test(line)) continue;
        const next = rest.slice(at + 1).find((each) => !/^if %errorlevel%==\d+ exit \/b 0$/.test(each));
        assert.equal(next, CHECK, `${name}: ${line}`);
      }
    }
  });

  it('jump only to labels that are there, and stop at a failed step', () => {
    const driver = linesOf(scripts['provision.cmd']!);
    const labels = driver.flatMap((line) => /^:(\w+)$/.exec(line)?.[1] ?? []);
    const jumps = driver.flatMap((line) => /(?:goto |call :)(\w+)/.exec(line)?.[1] ?? []);
    assert.deepEqual([...new Set(jumps)].sort(), labels.sort());
    for (const [at, line] of driver.entries())
      if (line.startsWith('call :step ')) assert.equal(driver[at + 1], 'if not %CODE%==0 goto failed');
  });

  it('redirect the serial port in front of the text, where no digit can stand before the sign', () => {
    for (const [name, line] of lines) {
      if (line.includes('COM1')) assert.match(line, /(^|==0 |do |provision\.log )>COM1/, `${name}: ${line}`);
      assert.ok(!/\d>(?!&1)/.test(withoutTexts(line.replace(' 2>&1', ''))), `${name}: ${line}`);
    }
  });

  it('name programs with their extension: reg, sc and others may also be scripts or aliases', () => {
    for (const line of commands) {
      for (const program of withoutTexts(line).split(' | '))
        assert.match(
          program,
          /^(@echo off|set ""|if |exit \/b|call [\w-]+\.cmd |copy \/y \/b |move |dir |[a-z]+\.exe )/,
        );
    }
  });

  it('start PowerShell without profile and questions, and give it no $false as a text', () => {
    for (const line of commands.filter((each) => each.startsWith('powershell')))
      assert.match(
        line,
        /^powershell\.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "[^"]+"$/,
      );
  });

  it('give PowerShell no text that the stand-in has not, which takes them to the letter', async () => {
    const source = await readFile(join(projectRoot, 'images/stand-in/tools/powershell.c'), 'utf8');
    const texts = [
      ...source.replaceAll('\\\n', '').matchAll(/^#define (\w+) +((?:"(?:[^"\\]|\\.)*"\s*)+)$/gm),
    ]
      .map(([, , parts = '']) => [...parts.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => part).join(''))
      .map((text) => text.replaceAll(/\\(.)/g, '$1'));
    for (const line of commands.filter((each) => each.startsWith('powershell'))) {
      const text = /-Command "(.*)"$/.exec(line)?.[1] ?? '';
      assert.ok(texts.includes(text), text);
    }
  });

  it('use the forms that sc.exe and reg.exe insist on', () => {
    for (const line of commands.filter((each) => each.startsWith('sc.exe')))
      assert.ok(!/\b(start|reset|actions)=\S/.test(line), line);
    for (const line of commands.filter((each) => /^reg\.exe (add|delete)/.test(each)))
      assert.match(line, / \/f$/);
  });

  it('leave out what newer versions lack, and what would spoil runs', () => {
    const all = commands.join('\n');
    for (const pattern of [
      /\bwmic\b/i,
      /dbgsettings|\/debug/i,
      /shutdown/i,
      /timeout\.exe|ping /i,
      /slmgr.*rearm/i,
    ])
      assert.doesNotMatch(all, pattern);
  });

  it('write these values of the registry', () => {
    const written = commands.flatMap((line) => {
      const dword = /^call set-dword\.cmd "?(HKLM[^"]*?)"? (\w+) (0x\w+)$/.exec(line);
      const value = /^reg\.exe add "?(HKLM[^"]*?)"? \/v (\w+) \/t (\w+) \/d "?([^"]*?)"? \/f$/.exec(line);
      if (dword) return [`${dword[1]} ${dword[2]} ${dword[3]}`];
      return value ? [`${value[1]} ${value[2]} ${value[3]} ${value[4]}`] : [];
    });
    const control = String.raw`HKLM\SYSTEM\CurrentControlSet\Control`;
    const windows = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`;
    assert.deepEqual(written, [
      String.raw`HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters DisableTaskOffload 0x1`,
      String.raw`${control}\DeviceGuard EnableVirtualizationBasedSecurity 0x0`,
      String.raw`${control}\DeviceGuard\Scenarios\HypervisorEnforcedCodeIntegrity Enabled 0x0`,
      String.raw`${control}\CrashControl CrashDumpEnabled 0x2`,
      String.raw`${control}\CrashControl AutoReboot 0x1`,
      String.raw`${control}\CrashControl Overwrite 0x1`,
      String.raw`${control}\CrashControl LogEvent 0x1`,
      String.raw`${control}\CrashControl AlwaysKeepMemoryDump 0x1`,
      String.raw`${control}\CrashControl DumpFile REG_EXPAND_SZ C:\Windows\MEMORY.DMP`,
      String.raw`${control}\Session Manager\Memory Management PagingFiles REG_MULTI_SZ C:\pagefile.sys 4096 4096`,
      String.raw`${control}\Session Manager\Debug Print Filter DEFAULT 0xffffffff`,
      String.raw`${control}\Session Manager\Debug Print Filter IHVDRIVER 0xffffffff`,
      String.raw`${control}\Session Manager\Debug Print Filter IHVNETWORK 0xffffffff`,
      String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU NoAutoUpdate 0x1`,
      String.raw`${windows}\Schedule\Maintenance MaintenanceDisabled 0x1`,
      String.raw`HKLM\SYSTEM\CurrentControlSet\Services\NlaSvc\Parameters\Internet EnableActiveProbing 0x0`,
      String.raw`${control}\Power HibernateEnabled 0x0`,
      String.raw`${windows}\Winlogon AutoAdminLogon REG_SZ 0`,
    ]);
  });

  it("look for the certificate under the name that the lab's has", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wsklab-certificate-'));
    try {
      const { certificatePath } = await ensureSigningKey(folder);
      const name = new X509Certificate(await readFile(certificatePath)).subject.replace('CN=', '');
      const asked = commands.flatMap(
        (line) => /^certutil\.exe -store (\w+) "([^"]+)"$/.exec(line)?.slice(1) ?? [],
      );
      assert.deepEqual(asked, ['Root', name, 'TrustedPublisher', name]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('give the key of the ssh server to SYSTEM and Administrators only, by SID', () => {
    const acl = commands.find((line) => line.startsWith('icacls.exe'));
    assert.equal(
      acl,
      String.raw`icacls.exe C:\ProgramData\ssh\administrators_authorized_keys /inheritance:r /grant *S-1-5-32-544:F /grant *S-1-5-18:F`,
    );
  });
});

describe('a list of commands', () => {
  it('becomes a script that ends at the first that fails', () => {
    const script = checkedScript('rem why\n\none.exe\n  two.exe\n', 'step');
    assert.deepEqual(linesOf(script), [
      ...['@echo off', 'set "COMMAND=3"', 'one.exe', CHECK, 'set "COMMAND=4"', 'two.exe', CHECK, 'exit /b 0'],
    ]);
  });

  it('may have a condition on the code of a command, which is checked behind it', () => {
    const script = checkedScript('one.exe\nif %errorlevel%==5 exit /b 0\ntwo.exe\n', 'tool');
    assert.deepEqual(linesOf(script), [
      ...['@echo off', 'one.exe', 'if %errorlevel%==5 exit /b 0', CHECK, 'two.exe', CHECK, 'exit /b 0'],
    ]);
  });

  it('is run by a driver that tells each step', () => {
    const script = driverScript({ serial: 'COM2', steps: ['a', 'b'], end: 'the end' });
    const lines = linesOf(script);
    assert.ok(lines.includes('>COM2 echo wsklab step %1 begins'));
    assert.deepEqual(lines.filter((line) => line === 'the end').length, 2);
  });
});

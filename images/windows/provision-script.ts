/**
 * The scripts on the configuration medium, from the lists of commands in provision/. Each command is followed by a look
 * at its exit code: `||` would do on Windows, but Wine 8's cmd forgets the code behind it, and `if errorlevel 1`
 * overlooks negative ones.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROVISION_STEPS, PROVISION_TOOLS } from './provision-steps.ts';

/** By name on the medium, below \lab. */
export type Scripts = Record<string, string>;

export interface ScriptSettings {
  /** The serial port, for people and for the lab: 'COM1'. */
  serial: string;
  steps: readonly string[];
  /** What ends the guest when all is done, and when a step failed. */
  end: string;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), 'provision');
const HOST_KEY = String.raw`C:\ProgramData\ssh\ssh_host_ed25519_key.pub`;
const LOG = String.raw`C:\lab\provision.log`;

const ON_WINDOWS: ScriptSettings = {
  serial: 'COM1',
  steps: PROVISION_STEPS,
  end: 'shutdown.exe /s /t 0',
};

export async function provisionScripts(): Promise<Scripts> {
  const scripts: Scripts = { 'provision.cmd': driverScript(ON_WINDOWS) };
  for (const name of PROVISION_STEPS)
    scripts[`${name}.cmd`] = checkedScript(await readFile(join(folder, `${name}.cmd`), 'utf8'), 'step');
  for (const name of PROVISION_TOOLS)
    scripts[`${name}.cmd`] = checkedScript(
      await readFile(join(folder, 'tools', `${name}.cmd`), 'utf8'),
      'tool',
    );
  return scripts;
}

/** Runs the steps until one fails, and tells each one's begin and end over the serial port. */
export function driverScript({ serial, steps, end }: ScriptSettings): string {
  // The redirection stands first: behind a text that ends with a digit it would be another handle's.
  const tell = (text: string) => `>${serial} echo wsklab ${text}`;
  return batch([
    'setlocal',
    'set "MEDIUM=%~dp0"',
    'set "PATH=%~dp0;%PATH%"',
    String.raw`if not exist C:\lab mkdir C:\lab`,
    tell('stage provisioning'),
    ...steps.flatMap((step) => [`call :step ${step}`, 'if not %CODE%==0 goto failed']),
    `for /f "usebackq delims=" %%k in ("${HOST_KEY}") do ${tell('host-key %%k')}`,
    tell('stage sealed'),
    end,
    'exit /b 0',
    ':step',
    tell('step %1 begins'),
    'set "COMMAND=0"',
    `call "%MEDIUM%%1.cmd" >${LOG} 2>&1`,
    'set "CODE=%errorlevel%"',
    `if %CODE%==0 ${tell('step %1 ok')}`,
    `if not %CODE%==0 ${tell('step %1 failed %CODE% at %COMMAND%')}`,
    'exit /b 0',
    ':failed',
    `type ${LOG} >${serial}`,
    tell('stage failed'),
    end,
    'exit /b %CODE%',
  ]);
}

/**
 * From one command a line to a script that ends at the first that fails, with its code. An `if` may look at the code
 * of the command before it. A step, unlike a tool that it calls, leaves the line of its last command in COMMAND.
 */
export function checkedScript(commands: string, kind: 'step' | 'tool'): string {
  const lines: string[] = [];
  let isUnchecked = false;
  for (const [at, line] of commands.split('\n').entries()) {
    const command = line.trim();
    if (command === '' || command.startsWith('rem ')) continue;
    const isCondition = command.startsWith('if ');
    if (isUnchecked && !isCondition) lines.push(CHECK);
    if (kind === 'step' && !isCondition) lines.push(`set "COMMAND=${at + 1}"`);
    lines.push(command);
    isUnchecked = true;
  }
  return batch([...lines, CHECK, 'exit /b 0']);
}

const CHECK = 'if not %errorlevel%==0 exit /b %errorlevel%';

/** cmd.exe loses labels in files with bare line feeds. */
const batch = (lines: string[]): string => ['@echo off', ...lines, ''].join('\r\n');

import assert from 'node:assert/strict';
import type { ExecResult } from '../guest/ssh.ts';
import {
  createService,
  deleteService,
  queryService,
  startService,
  stopService,
  type ServiceHost,
} from './service.ts';
import { WIN32_ERRORS } from './win32-errors.ts';

/** Answers sc.exe command lines in order with the texts that sc.exe prints; every line has to be asked for. */
class ScriptedHost implements ServiceHost {
  readonly commands: string[] = [];
  readonly #answers: [exitCode: number, stdout: string][];

  constructor(...answers: [exitCode: number, stdout: string][]) {
    this.#answers = answers;
  }

  async exec(command: string): Promise<ExecResult> {
    this.commands.push(command);
    const [exitCode, stdout] = this.#answers.shift() ?? assert.fail(`unexpected '${command}'`);
    return { exitCode, stdout, stderr: '', signal: undefined, truncated: false };
  }
}

/** As `sc.exe query` of Windows Server 2022 prints it. */
const state = (number: number, name: string, exitCode = 0): [number, string] => [
  0,
  `\r\nSERVICE_NAME: echo \r\n        TYPE               : 1  KERNEL_DRIVER  \r\n` +
    `        STATE              : ${number}  ${name} \r\n` +
    `                                (STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)\r\n` +
    `        WIN32_EXIT_CODE    : ${exitCode}  (0x${exitCode.toString(16)})\r\n` +
    `        SERVICE_EXIT_CODE  : 0  (0x0)\r\n        CHECKPOINT         : 0x0\r\n        WAIT_HINT          : 0x0\r\n`,
];
const started: [number, string] = [
  0,
  '\r\nSERVICE_NAME: echo \r\n        STATE              : 2  START_PENDING\r\n',
];

describe('kernel services through sc.exe', () => {
  it('creates with the options that every guest understands', async () => {
    const host = new ScriptedHost([0, '[SC] CreateService SUCCESS\r\n']);
    await createService(host, 'echo', { binaryPath: 'C:\\windows\\system32\\drivers\\echo.sys' });
    assert.deepEqual(host.commands, [
      'sc.exe create echo type= kernel start= demand group= WskLab binPath= C:\\windows\\system32\\drivers\\echo.sys',
    ]);
  });

  it('waits until a started service runs and a stopped one has stopped', async () => {
    const starting = new ScriptedHost(started, state(2, 'START_PENDING'), state(4, 'RUNNING'));
    await startService(starting, 'echo');
    assert.equal(starting.commands.length, 3);
    const stopping = new ScriptedHost(
      state(3, 'STOP_PENDING'),
      state(3, 'STOP_PENDING'),
      state(1, 'STOPPED'),
    );
    await stopService(stopping, 'echo');
    assert.equal(stopping.commands.length, 3);
  });

  it('explains an error with its number, its words and the next step', async () => {
    const host = new ScriptedHost([
      577,
      '[SC] StartService FAILED 577:\r\n\r\nWindows cannot verify the signature.\r\n',
    ]);
    await assert.rejects(startService(host, 'echo'), {
      code: 'LAB_SERVICE_FAILED',
      win32Code: 577,
      blame: 'driver',
      message:
        "sc.exe start of service 'echo' failed with error 577 (ERROR_INVALID_IMAGE_HASH): the signature of the driver was refused: " +
        'it is unsigned, was changed after signing, or its certificate is not trusted ' +
        '([SC] StartService FAILED 577: Windows cannot verify the signature.)',
      next: 'deploy it through the lab, which signs it; on Windows also check that test signing is on (bcdedit)',
    });
  });

  it('reads the number from the text, in any language, when the exit code says nothing', async () => {
    const host = new ScriptedHost([0, '[SC] StartService FEHLER 1058:\r\n\r\n']);
    await assert.rejects(startService(host, 'echo'), { win32Code: 1058 });
  });

  it('reports a driver that ends while it starts with the code of its service', async () => {
    const host = new ScriptedHost(started, state(1, 'STOPPED', 31));
    await assert.rejects(startService(host, 'echo'), { win32Code: 31, message: /DriverEntry gave up/ });
  });

  it('takes absence and rest for what they are', async () => {
    const absent: [number, string] = [1060, '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n'];
    assert.equal(await queryService(new ScriptedHost(absent), 'echo'), undefined);
    await deleteService(new ScriptedHost(absent), 'echo');
    await stopService(new ScriptedHost([1062, '[SC] ControlService FAILED 1062:\r\n']), 'echo');
    assert.deepEqual(await queryService(new ScriptedHost(state(1, 'STOPPED', 1077)), 'echo'), {
      state: 'STOPPED',
      exitCode: 1077,
    });
  });

  it('says how long it waited for what', async () => {
    const host = new ScriptedHost(started, state(2, 'START_PENDING'));
    await assert.rejects(startService(host, 'echo', 0), {
      code: 'LAB_SERVICE_TIMEOUT',
      message: "service 'echo' is START_PENDING after 0 ms, waited for RUNNING or STOPPED",
    });
  });

  it('lets no name become more than a word of the command line', async () => {
    for (const name of ['', 'a b', 'a&b', '1a', 'a'.repeat(64), 'a\n', '%PATH%'])
      await assert.rejects(queryService(new ScriptedHost(), name), { code: 'LAB_SERVICE_NAME', exitCode: 2 });
  });
});

describe('Win32 errors', () => {
  it('are explained for all that a user meets', () => {
    const met = [
      2, 5, 31, 127, 182, 193, 225, 577, 1052, 1056, 1058, 1060, 1061, 1062, 1072, 1073, 1275, 1450,
    ];
    for (const code of met) {
      const { name, meaning, next } = WIN32_ERRORS[code] ?? assert.fail(`${code} is missing`);
      assert.match(name, /^ERROR_[A-Z_0-9]+$/);
      for (const text of [meaning, next]) assert.match(text, /^[a-zA-Z].*[^.]$/);
    }
  });
});

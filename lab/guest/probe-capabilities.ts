/** Asks a booted guest, and its machine, what it can do: one script, whose answers are read by exit code and by numbers. */
import type { AcceleratorChoice } from '../machine/accelerator.ts';
import type { QmpClient } from '../machine/qmp.ts';
import { capabilityNames, type Capability, type CapabilityFinding } from './capabilities.ts';
import type { Guest } from './guest.ts';

const SCRIPT_PATH = 'C:\\lab\\capabilities.cmd';
const TIMEOUT_MS = 120_000;

/** Each question is a command; words of its answer are the guest's language, exit codes and registry values are not. */
const QUESTIONS = {
  testSigning: 'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control /v SystemStartOptions',
  verifier: 'verifier /querysettings',
  crashDump: 'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl',
  kernelDebug: 'bcdedit /enum {current}',
  etw: 'logman query providers {E53C6823-7BB8-44BB-90DC-3F86090D48A6}',
} as const;
type Question = keyof typeof QUESTIONS;

/** What the guest runs; its digest is part of a template's key. */
export const CAPABILITY_SCRIPT = [
  '@echo off',
  ...Object.entries(QUESTIONS).flatMap(([name, command]) => [
    `echo wsklab asks ${name}`,
    `${command} 2>&1`,
    'echo wsklab exit %errorlevel%',
  ]),
  'exit /b 0',
  '',
].join('\r\n');

export interface ProbedGuest extends Pick<Guest, 'put' | 'exec'> {
  accelerator: Pick<AcceleratorChoice, 'accelerator' | 'cpu'>;
  machine: { qmp: Pick<QmpClient, 'execute'> };
}

/** Rejects when the guest cannot run a script at all: then it is not what the lab can use. */
export async function probeCapabilities(guest: ProbedGuest): Promise<CapabilityFinding[]> {
  await guest.put(Buffer.from(CAPABILITY_SCRIPT, 'latin1'), SCRIPT_PATH);
  const [{ stdout }, commands] = await Promise.all([
    guest.exec(`cmd.exe /c ${SCRIPT_PATH}`, { timeoutMs: TIMEOUT_MS }),
    guest.machine.qmp.execute<{ name: string }[]>('query-commands'),
  ]);
  const { accelerator, cpu } = guest.accelerator;
  return judgeAnswers(parseAnswers(stdout), {
    ...{ accelerator, cpu },
    hasNmi: commands.some(({ name }) => name === 'inject-nmi'),
  });
}

/** Undefined: the guest did not come to this question. */
interface Answer {
  exitCode: number;
  text: string;
}
export type Answers = Partial<Record<Question, Answer>>;

export function parseAnswers(stdout: string): Answers {
  const answers: Answers = {};
  for (const [, name, text, exit] of stdout.matchAll(
    /^wsklab asks (\w+)\s*\n([\s\S]*?)^wsklab exit (-?\d+)\s*$/gm,
  ))
    if (name! in QUESTIONS) answers[name as Question] = { exitCode: Number(exit), text: text!.trim() };
  return answers;
}

export interface MachineFacts {
  accelerator: string;
  cpu: string;
  hasNmi: boolean;
}

interface Judged {
  has: boolean;
  why: string;
}

export function judgeAnswers(answers: Answers, machine: MachineFacts): CapabilityFinding[] {
  const crashDump = whether(answers.crashDump, canDump);
  const judged: Record<Capability, Judged> = {
    testSigning: whether(answers.testSigning, ({ text }) => {
      const options = /SystemStartOptions\s+REG_SZ\s*(.*)/i.exec(text)?.[1]?.trim() ?? '';
      return { has: /\bTESTSIGNING\b/i.test(options), why: `it was started with '${options}'` };
    }),
    verifier: whether(answers.verifier, ({ text }) => ({
      has: true,
      why: `verifier.exe answers: flags ${verifierFlags(text) ?? 'not told'}`,
    })),
    crashDump,
    panicEvent: panicEvent(machine),
    nmi: machine.hasNmi ? crashDump : { has: false, why: 'this QEMU has no inject-nmi' },
    kernelDebug: whether(answers.kernelDebug, () => ({ has: true, why: 'bcdedit answers' })),
    etw: whether(answers.etw, () => ({ has: true, why: 'logman knows the provider of Winsock' })),
  };
  return capabilityNames.map((name) => ({ name, ...judged[name] }));
}

function whether(answer: Answer | undefined, judge: (answer: Answer) => Judged): Judged {
  if (!answer) return { has: false, why: 'the guest did not answer the question' };
  if (answer.exitCode === 0) return judge(answer);
  const words = answer.text.split(/\r?\n/).at(-1)?.slice(0, 120) ?? '';
  return { has: false, why: `exit code ${answer.exitCode}${words === '' ? '' : `: ${words}`}` };
}

function canDump({ text }: Answer): Judged {
  const value = (name: string) =>
    Number(new RegExp(`^\\s*${name}\\s+REG_DWORD\\s+(0x[0-9a-f]+)`, 'im').exec(text)?.[1] ?? Number.NaN);
  const [dump, reboot] = [value('CrashDumpEnabled'), value('AutoReboot')];
  const why = `CrashDumpEnabled is ${dump}, AutoReboot is ${reboot}`;
  return { has: dump > 0 && reboot === 1, why };
}

function panicEvent({ accelerator, cpu }: MachineFacts): Judged {
  const has = accelerator === 'kvm' && /\bhv[-_]crash\b/.test(cpu);
  if (has) return { has, why: 'KVM with hv-crash' };
  return { has, why: accelerator === 'kvm' ? `KVM without hv-crash (-cpu ${cpu})` : 'TCG has no hv-crash' };
}

/** Driver Verifier's flags as `verifier /querysettings` gives them; undefined when it says none. */
export function verifierFlags(text: string): string | undefined {
  return /\b0x[0-9a-f]{8}\b/i.exec(text)?.[0].toLowerCase();
}

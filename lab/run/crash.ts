/** A guest's crash as a scenario's error and as the run's result tells it: what stopped, why, what was done last. */
import { bugcheckText, explainBugcheck, type Bugcheck } from '../crash/bugcheck.ts';
import { LabError } from '../errors.ts';
import { goneError, type GuestGone } from '../guest/guest-gone.ts';
import type { Crash } from '../report/run-result.ts';
import { CtfReader } from '../trace/ctf-reader.ts';
import type { TraceRecord } from '../trace/records.ts';
import type { PostMortem } from './post-mortem.ts';
import type { ScenarioFolder } from './run-folder.ts';

const LAST_RECORDS = 5;

/** The crash of a driver host that the trace holds, as an error of the driver's; undefined if there is none. */
export async function crashFault(folder: ScenarioFolder): Promise<LabError | undefined> {
  const { crash, last } = await endOfTrace(folder);
  return crash && describe(crash, last, folder);
}

type CrashRecord = Extract<TraceRecord, { event: 'crash' }>;

async function endOfTrace(folder: ScenarioFolder): Promise<{ crash?: CrashRecord; last: TraceRecord[] }> {
  const last: TraceRecord[] = [];
  const reader = await CtfReader.open(folder.trace);
  for await (const record of reader.records()) {
    if (record.event === 'crash') return { crash: record, last };
    last.push(record);
    if (last.length > LAST_RECORDS) last.shift();
  }
  return { last };
}

const ACCESS = ['reading', 'writing'] as const;

function describe(crash: CrashRecord, before: readonly TraceRecord[], folder: ScenarioFolder): LabError {
  const hex = (value: number | bigint) => `0x${value.toString(16)}`;
  const access = crash.access === 8 ? 'executing' : (ACCESS[crash.access] ?? 'accessing');
  return new LabError({
    code: 'LAB_DRIVER_CRASH',
    blame: 'driver',
    message:
      `the guest crashed with exception ${hex(crash.code)} in ${crash.module || 'unknown code'}+${hex(crash.offset)} ` +
      `(address ${hex(crash.address)}), ${access} ${hex(crash.target)}, on thread ${crash.tid} at IRQL ${crash.irql}; ` +
      `the last records: ${namesOf(before)}`,
    next: `see what led there: npm run lab -- trace show ${folder.trace}`,
    evidence: [folder.trace],
  });
}

const namesOf = (records: readonly TraceRecord[]): string =>
  records.map((it) => it.event).join(', ') || 'none';

/** The whole guest's end as an error: the driver's where it is a bugcheck that drivers cause. */
export async function guestCrashFault(
  gone: GuestGone,
  { bugcheck, isAskedFor, artefacts }: PostMortem,
  folder: ScenarioFolder,
  during: string,
): Promise<LabError> {
  const evidence = [folder.trace, ...artefacts.map(({ path }) => path), ...gone.evidence];
  const plain = goneError(gone, during);
  if (!bugcheck || isAskedFor) {
    const { code, blame, message, next } = plain;
    return new LabError({ code, blame, message, evidence, ...(next && { next }) });
  }
  const { last } = await endOfTrace(folder).catch(() => ({ last: [] }));
  const { title, means, parameters, isVerifier, blame } = explainBugcheck(bugcheck);
  return new LabError({
    code: isVerifier ? 'LAB_VERIFIER_STOP' : blame === 'driver' ? 'LAB_DRIVER_CRASH' : 'LAB_GUEST_PANIC',
    blame,
    message:
      `the guest stopped during ${during} with bugcheck ${title}: ${means}` +
      `${parameters.length > 0 ? ` (${parameters.join('; ')})` : ''}; the last records: ${namesOf(last)}`,
    next: `see what led there: npm run lab -- trace show ${folder.trace}; a dump opens in WinDbg: !analyze -v`,
    evidence,
  });
}

const WORDS: Partial<Record<GuestGone['cause'], string>> = {
  panic: 'the kernel panicked and told no code',
  hung: 'the guest hung',
  restarted: 'the guest restarted by itself',
};

export function crashResult(gone: GuestGone, { bugcheck, isAskedFor, artefacts, notes }: PostMortem): Crash {
  return {
    what: bugcheck && !isAskedFor ? explainBugcheck(bugcheck).title : (WORDS[gone.cause] ?? gone.message),
    ...(bugcheck && { bugcheck: bugcheckText(bugcheck), words: wordsOf(bugcheck) }),
    artefacts,
    notes: isAskedFor ? ['the lab sent it an NMI, so that it leaves a dump', ...notes] : notes,
  };
}

function wordsOf(bugcheck: Bugcheck): string[] {
  const { means, parameters } = explainBugcheck(bugcheck);
  return [means, ...parameters];
}

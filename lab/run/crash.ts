/** The guest's crash in a scenario's trace: which module, where, and what the driver did last. */
import { LabError } from '../errors.ts';
import { CtfReader } from '../trace/ctf-reader.ts';
import type { TraceRecord } from '../trace/records.ts';
import type { ScenarioFolder } from './run-folder.ts';

const LAST_RECORDS = 5;

/** The crash as an error of the driver's; undefined if the trace holds none. */
export async function crashFault(folder: ScenarioFolder): Promise<LabError | undefined> {
  const last: TraceRecord[] = [];
  const reader = await CtfReader.open(folder.trace);
  for await (const record of reader.records()) {
    if (record.event === 'crash') return describe(record, last, folder);
    last.push(record);
    if (last.length > LAST_RECORDS) last.shift();
  }
  return undefined;
}

const ACCESS = ['reading', 'writing'] as const;

function describe(
  crash: Extract<TraceRecord, { event: 'crash' }>,
  before: readonly TraceRecord[],
  folder: ScenarioFolder,
): LabError {
  const hex = (value: number | bigint) => `0x${value.toString(16)}`;
  const access = crash.access === 8 ? 'executing' : (ACCESS[crash.access] ?? 'accessing');
  return new LabError({
    code: 'LAB_DRIVER_CRASH',
    blame: 'driver',
    message:
      `the guest crashed with exception ${hex(crash.code)} in ${crash.module || 'unknown code'}+${hex(crash.offset)} ` +
      `(address ${hex(crash.address)}), ${access} ${hex(crash.target)}, on thread ${crash.tid} at IRQL ${crash.irql}; ` +
      `the last records: ${before.map((it) => it.event).join(', ') || 'none'}`,
    next: `see what led there: npm run lab -- trace show ${folder.trace}`,
    evidence: [folder.trace],
  });
}

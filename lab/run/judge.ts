/** The verdicts on a scenario's evidence, each violation with its time line. */
import { check } from '../check/check.ts';
import type { Rule } from '../check/rule.ts';
import type { ClauseVerdict } from '../report/run-result.ts';
import { withTimelines } from '../report/timeline.ts';
import { FolderEvidence } from './evidence.ts';
import type { ScenarioFolder } from './run-folder.ts';

/** How far packets and operations may be off the trace's clock even when the measured error is smaller. */
const LEAST_CLOCK_ERROR_NS = 20_000_000;

export async function judge(folder: ScenarioFolder, rules: readonly Rule[]): Promise<ClauseVerdict[]> {
  const evidence = await FolderEvidence.open(folder);
  const verdicts = await check(evidence.read(), {
    rules,
    sources: evidence.sources,
    stalls: evidence.stalls,
    bounds: { clockErrorNs: Math.max(evidence.clockErrorNs, LEAST_CLOCK_ERROR_NS) },
  });
  return await withTimelines(verdicts, () => evidence.read());
}

/**
 * JUnit XML of a run: one suite per scenario and seed. Its first case is the scenario itself (clients, service,
 * faults), then one case per clause that was put to the test or could not be judged.
 */
import { writeFileSync } from 'node:fs';
import junit, { type Builder, type TestSuite } from 'junit-report-builder';
import { judge } from './outcome.ts';
import type { ClauseVerdict, RunResult, ScenarioRun } from './run-result.ts';
import { offsetMs } from './text.ts';

export function writeJunit(path: string, result: RunResult): void {
  writeFileSync(path, junitXml(result));
}

export function junitXml(result: RunResult): string {
  // The package is CommonJS whose export is a builder; its types describe a default export inside it.
  const builder = (junit as unknown as Builder).newBuilder();
  for (const run of result.runs) {
    const suite = builder.testSuite().name(`${run.scenario} seed ${run.seed}`).timestamp(result.startedAt);
    suite.property('driver', run.driver).property('folder', run.folder).property('again', run.command);
    addScenario(suite, run);
    for (const verdict of run.verdicts) addClause(suite, run, verdict);
  }
  if (result.fault) {
    const { code, message } = result.fault;
    builder.testSuite().name('lab').testCase().className('lab').name('run').error(printable(message), code);
  }
  return builder.build();
}

function addScenario(suite: TestSuite, run: ScenarioRun): void {
  const totalMs = Object.values(run.timingsMs).reduce((sum, ms) => sum + ms, 0);
  const test = suite
    .testCase()
    .className(run.scenario)
    .name(run.name)
    .time(totalMs / 1000);
  const { outcome, reasons } = judge(run);
  if (outcome === 'refused') test.skipped();
  if (outcome === 'failed' || outcome === 'inconclusive')
    test.failure(printable(reasons.join('\n')), outcome);
  if (outcome === 'fault') test.error(printable(run.fault?.message ?? ''), run.fault?.code);
}

function addClause(suite: TestSuite, run: ScenarioRun, verdict: ClauseVerdict): void {
  if (verdict.outcome === 'not exercised') return;
  const test = suite.testCase().className(run.scenario).name(verdict.clause);
  if (verdict.outcome === 'inconclusive') test.skipped();
  if (verdict.outcome === 'violated' && !run.expected.violated.includes(verdict.clause)) {
    test.failure(printable(verdict.violations[0]?.sentence ?? ''), 'violated');
    test.standardOutput(printable(violationText(verdict)));
  }
}

function violationText({ violations }: ClauseVerdict): string {
  return violations
    .flatMap(({ sentence, timeline }) => [
      sentence,
      ...timeline.map(({ timeNs, source, text }) => `${offsetMs(timeNs)} ${source} ${text}`),
    ])
    .join('\n');
}

/** XML 1.0 has no way to write most control characters, and a guest's output may hold them. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

/** A run with one of everything, for the tests of the reports. */
import type { ClauseFacts, RunResult, ScenarioRun } from './run-result.ts';
import { runResultSchema } from './run-result.ts';

const PAGE = 'https://learn.microsoft.com/en-us/windows-hardware/drivers/ddi/wsk/nc-wsk-pfn_wsk_accept_event';

const clause = (id: string, more: Partial<ClauseFacts> = {}): ClauseFacts => ({
  id,
  party: 'driver',
  strength: 'must',
  class: 'documented',
  text: `What ${id} says.`,
  page: PAGE,
  decided: 'rule',
  ...more,
});

export const SAMPLE_CLAUSES: ClauseFacts[] = [
  clause('accept-event/return-domain', {
    text: 'The return value is STATUS_SUCCESS or STATUS_REQUEST_NOT_ACCEPTED, nothing else (not STATUS_PENDING).',
  }),
  clause('accept-event/irql', { party: 'subsystem' }),
  clause('accept-event/success-must-close', { class: 'derived' }),
  clause('accept-event/addresses-copy', {
    party: 'permission',
    strength: 'may',
    decided: 'none',
    why: 'reads are invisible',
  }),
  clause('accept-event/concurrent', { party: 'permission', strength: 'may', class: 'silent' }),
  clause('evt/disable-one'),
  clause('evt/static-never-off', { party: 'subsystem' }),
  clause('evt/context', { decided: 'none', why: 'reads are invisible' }),
  clause('send/irql', { decided: 'missing' }),
  clause('abort/irql', { decided: 'another', decidedAs: ['accept-event/irql'] }),
];

/** A passed run of the scenario `id`, with what a test wants different. */
export function sampleScenarioRun(id: string, more: Partial<ScenarioRun> = {}): ScenarioRun {
  return {
    scenario: id,
    name: 'A client connects, gets its bytes back and closes in order',
    driver: 'echo',
    seed: 1,
    folder: `runs/20260101T120000-7/${id}`,
    command: `npm run lab -- run ${id}`,
    timingsMs: { deploy: 800, start: 300, steps: 400, check: 20 },
    records: 214,
    lostRecords: 0,
    verdicts: [
      { clause: 'accept-event/irql', outcome: 'held', tested: 8, broken: 0, violations: [] },
      { clause: 'accept-event/return-domain', outcome: 'held', tested: 8, broken: 0, violations: [] },
      { clause: 'accept-event/concurrent', outcome: 'held', tested: 2, broken: 0, violations: [] },
      { clause: 'evt/disable-one', outcome: 'not exercised', tested: 0, broken: 0, violations: [] },
    ],
    exercises: ['accept-event/irql'],
    expected: { violated: [] },
    failures: [],
    ...more,
  };
}

const VIOLATION: Partial<ScenarioRun> = {
  driver: 'returns-pending',
  verdicts: [
    {
      clause: 'accept-event/return-domain',
      outcome: 'violated',
      tested: 8,
      broken: 8,
      violations: [
        {
          sentence: 'WskAcceptEvent returned STATUS_PENDING (0x00000103)',
          timeline: [
            {
              timeNs: 11_900_000,
              source: 'wire',
              text: 'SYN 10.77.0.1:40312 → 10.77.0.2:7',
              isDecisive: false,
            },
            {
              timeNs: 12_345_678,
              source: 'client',
              text: 'client 1 from 10.77.0.1:40312: connect ok',
              isDecisive: false,
            },
            {
              timeNs: 12_500_000,
              source: 'callback',
              text: 'WskAcceptEvent on socket 1, AcceptSocket socket 2 from 10.77.0.1:40312 (thread 84, DISPATCH_LEVEL)',
              isDecisive: false,
            },
            {
              timeNs: 12_700_000,
              source: 'callback',
              text: 'WskAcceptEvent returns STATUS_PENDING, context 0x0, dispatch 0x0',
              isDecisive: true,
            },
          ],
        },
      ],
    },
  ],
  exercises: [],
};

export const SAMPLE_RUN: RunResult = runResultSchema.parse({
  format: 1,
  startedAt: '2026-01-01T12:00:00.000Z',
  durationMs: 83_000,
  folder: 'runs/20260101T120000-7',
  guest: {
    name: 'reference',
    image: '3f2a91c0',
    accelerator: 'tcg',
    network: 'tap',
    origin: 'clone',
    readyMs: 42,
  },
  clauses: SAMPLE_CLAUSES,
  runs: [
    sampleScenarioRun('one-connection'),
    sampleScenarioRun('returns-pending', VIOLATION),
    sampleScenarioRun('mistakes/returns-pending', {
      ...VIOLATION,
      expected: { violated: ['accept-event/return-domain'] },
    }),
    sampleScenarioRun('half-close', {
      failures: [{ step: 'echo a', text: 'expected 1 × echoed, saw 1 × timeout' }],
    }),
    sampleScenarioRun('ring-too-small', {
      lostRecords: 12,
      verdicts: [
        {
          clause: 'accept-event/irql',
          outcome: 'inconclusive',
          tested: 3,
          broken: 0,
          reason: '12 records are missing',
          violations: [],
        },
        {
          clause: 'evt/disable-one',
          outcome: 'inconclusive',
          tested: 0,
          broken: 0,
          reason: '12 records are missing',
          violations: [],
        },
      ],
    }),
    sampleScenarioRun('ipv6', { refused: 'needs IPv6, which the network user does not have', verdicts: [] }),
    sampleScenarioRun('crash-in-callback', {
      verdicts: [],
      fault: {
        code: 'LAB_DRIVER_CRASH',
        blame: 'driver',
        message: 'the guest crashed: access violation (0xc0000005) reading 0x10 at echo.sys+0x1234',
        next: 'open the last records of the trace',
        evidence: ['runs/20260101T120000-7/crash-in-callback/console.log'],
      },
    }),
  ],
});

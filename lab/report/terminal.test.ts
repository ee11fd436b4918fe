import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { renderAreas, renderClauses } from './clauses.ts';
import { SAMPLE_CLAUSES, SAMPLE_RUN, sampleScenarioRun } from './sample-run.fixture.ts';
import { renderRun, renderScenarioRun } from './terminal.ts';

const plain = (text: string): string => stripVTControlCharacters(text);

describe('the summary on the terminal', () => {
  const text = plain(renderRun(SAMPLE_RUN, { width: 100 }));
  const has = (expected: string): void => assert.ok(text.includes(expected), `no '${expected}' in\n${text}`);

  it('says where it ran and how many scenarios came out how', () => {
    has('guest reference, image 3f2a91c0, tcg, network tap, a clone each, ready in 42ms');
    has('scenarios   2 passed, 1 refused, 1 inconclusive, 1 fault, 1 failed, 1 violated  in 1m 23s');
  });

  it('gives the reason of every scenario that did not pass', () => {
    has('✗ failed       half-close\n      echo a: expected 1 × echoed, saw 1 × timeout');
    has('? inconclusive ring-too-small\n      2 clauses inconclusive: 12 records are missing');
    has('- refused      ipv6\n      needs IPv6');
    has('access violation (0xc0000005) reading 0x10 at');
    has('see runs/20260101T120000-7/crash-in-callback/console.log');
  });

  it('counts every clause of the catalogue by outcome, class and area, for the driver under test', () => {
    const from = text.indexOf('\nclauses ');
    const rows = text
      .slice(from + 1, text.indexOf('permissions bind'))
      .trim()
      .split('\n');
    assert.deepEqual(
      rows.map((row) => row.split(/ {2,}/)),
      [
        ['clauses', 'all', 'documented', 'derived', 'silent', 'header', 'permissions'],
        ['held', '1', '0', '0', '0', '0', '1'],
        ['violated', '1', '1', '0', '0', '0', '0'],
        ['inconclusive', '2', '2', '0', '0', '0', '0'],
        ['not exercised', '2', '1', '1', '0', '0', '0'],
        ['decided as another', '1', '1', '0', '0', '0', '0'],
        ['not observable', '2', '1', '0', '0', '0', '1'],
        ['no rule yet', '1', '1', '0', '0', '0', '0'],
        ['all clauses', String(SAMPLE_CLAUSES.length), '7', '1', '0', '0', '2'],
      ],
    );
    has('held of those with a rule: accept-event\u00a01/4');
    has('not counted: 1 run with a known mistake');
  });

  it('says nothing of clauses when only known mistakes were run', () => {
    const runs = SAMPLE_RUN.runs.filter((run) => run.scenario.startsWith('mistakes/'));
    assert.doesNotMatch(plain(renderRun({ ...SAMPLE_RUN, runs })), /not exercised/);
  });

  it('shows a violation with the clause, its page, the time line in order and the command that repeats it', () => {
    const order = [
      'violated accept-event/return-domain  the driver must, documented',
      'The return value is STATUS_SUCCESS or STATUS_REQUEST_NOT_ACCEPTED',
      'https://learn.microsoft.com/',
      'broken 8 of 8 times in returns-pending',
      '+11.900 ms  wire      SYN',
      '+12.346 ms  client    client 1',
      '>     +12.700 ms  callback  WskAcceptEvent returns STATUS_PENDING',
      'again:  npm run lab -- run returns-pending',
      'run folder  runs/20260101T120000-7',
    ].map((part) => text.indexOf(part));
    assert.ok(!order.includes(-1), `a part is missing: ${order.join(' ')}\n${text}`);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });

  it('names known mistakes in a line each', () => {
    has('mistakes/returns-pending               accept-event/return-domain');
  });

  it('fits a screen when nothing is wrong', () => {
    const runs = Array.from({ length: 40 }, (_, index) => sampleScenarioRun(`scenario-${index}`));
    const lines = plain(renderRun({ ...SAMPLE_RUN, runs }, { width: 80 })).split('\n');
    assert.ok(lines.length < 24, `${lines.length} lines`);
    assert.ok(lines.every((line) => line.length <= 80));
  });

  it('keeps within the width, whatever the texts', () => {
    const width = 80;
    for (const line of plain(renderRun(SAMPLE_RUN, { width })).split('\n')) {
      assert.ok(line.length <= width || /^scenarios|https?:|runs\//.test(line), line);
    }
    for (const run of SAMPLE_RUN.runs) assert.ok(plain(renderScenarioRun(run, width)).length <= width);
  });
});

describe('the clauses command', () => {
  it('counts per area what is decided, decided as another, not observable, and without a rule', () => {
    const rows = plain(renderAreas(SAMPLE_CLAUSES)).split('\n');
    assert.match(
      rows.find((row) => row.startsWith('accept-event'))!,
      /5 +4 +0 +1 +0$/,
    );
    assert.match(rows.at(-1)!, /^all +10 +6 +1 +2 +1$/);
  });

  it('lists clauses with their text, and says why one has no verdict of its own', () => {
    const text = plain(renderClauses(SAMPLE_CLAUSES, 80));
    assert.match(
      text,
      /^evt\/disable-one +has a rule, driver must, documented\n {4}What evt\/disable-one says\.$/m,
    );
    assert.match(text, /^abort\/irql +decided as accept-event\/irql, driver must/m);
    assert.match(text, /^evt\/context +not observable, .*\n.*\n {4}\(reads are invisible\)$/m);
  });
});

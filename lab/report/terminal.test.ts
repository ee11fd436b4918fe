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
    has('guest reference, image 3f2a91c0, tcg, network tap, booted in 16.2s');
    has('scenarios   2 passed, 1 refused, 1 inconclusive, 1 fault, 1 failed, 1 violated  in 1m 23s');
  });

  it('gives the reason of every scenario that did not pass', () => {
    has('✗ failed       half-close\n      echo a: expected 1 × echoed, saw 1 × timeout');
    has('? inconclusive ring-too-small\n      2 clauses inconclusive: 12 records are missing');
    has('- refused      ipv6\n      needs IPv6');
    has('access violation (0xc0000005) reading 0x10 at');
    has('see runs/20260101T120000-7/crash-in-callback/console.log');
  });

  it('counts the clauses of the driver under test by outcome, area and class', () => {
    const rows = text
      .split('\n')
      .filter((line) => /^(clauses| {2}(accept-event|evt|derived|documented) )/.test(line));
    assert.deepEqual(
      rows.map((row) => row.trim().split(/ +/)),
      [
        ['clauses', '0', '1', '2', '2', '1'],
        ['accept-event', '0', '1', '1', '1', '0'],
        ['evt', '0', '0', '1', '1', '1'],
        ['derived', '0', '0', '0', '1', '0'],
        ['documented', '0', '1', '2', '1', '1'],
      ],
    );
    has('permissions: 1 of 2 seen to be used; 1 run with a known mistake not counted');
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
  it('counts per area what is decided, not observable, and without a rule', () => {
    const rows = plain(renderAreas(SAMPLE_CLAUSES)).split('\n');
    assert.match(
      rows.find((row) => row.startsWith('accept-event'))!,
      /5 +4 +1 +0$/,
    );
    assert.match(rows.at(-1)!, /^all +9 +6 +2 +1$/);
  });

  it('lists clauses one a line', () => {
    const lines = plain(renderClauses(SAMPLE_CLAUSES, 80)).split('\n');
    assert.equal(lines.length, SAMPLE_CLAUSES.length);
    assert.ok(lines.every((line) => line.length <= 80));
  });
});

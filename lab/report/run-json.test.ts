import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { junitXml, writeJunit } from './junit.ts';
import { readRunJson, writeRunJson } from './run-json.ts';
import { SAMPLE_RUN, sampleScenarioRun } from './sample-run.fixture.ts';

describe('run.json', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsklab-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives back what was written, and leaves nothing half-made', () => {
    const path = join(folder, 'run.json');
    writeRunJson(path, SAMPLE_RUN);
    assert.deepEqual(readRunJson(path), SAMPLE_RUN);
    assert.deepEqual(readdirSync(folder), ['run.json']);
  });

  it('of a newer format is refused by its number', () => {
    const path = join(folder, 'run.json');
    writeFileSync(path, JSON.stringify({ ...SAMPLE_RUN, format: 2 }));
    assert.throws(() => readRunJson(path), {
      code: 'LAB_RUN_JSON',
      message: `${path}: of format 2, and this lab reads up to 1`,
    });
  });

  it('that is cut or of another form is refused with the reason', () => {
    const path = join(folder, 'run.json');
    writeFileSync(path, '{"format": 1');
    assert.throws(() => readRunJson(path), {
      code: 'LAB_RUN_JSON',
      message: `${path}: not readable as JSON`,
    });
    writeFileSync(path, '{"format": 1}');
    assert.throws(() => readRunJson(path), /startedAt/);
  });

  it('and JUnit XML go where they are told', () => {
    const path = join(folder, 'junit.xml');
    writeJunit(path, SAMPLE_RUN);
    assert.equal(readFileSync(path, 'utf8'), junitXml(SAMPLE_RUN));
  });
});

describe('JUnit XML', () => {
  it('has a suite per scenario, a case per judged clause, and counts what is wrong', () => {
    const xml = junitXml(SAMPLE_RUN);
    assert.match(xml, /<testsuites tests="\d+" failures="3" errors="1" skipped="3">/);
    assert.match(xml, /<testsuite name="half-close seed 1"[^>]* failures="1"/);
    assert.match(
      xml,
      /<failure message="WskAcceptEvent returned STATUS_PENDING \(0x00000103\)" type="violated"/,
    );
    assert.doesNotMatch(xml, /name="evt\/disable-one"[^>]*\/>\s*<\/testsuite>\s*<testsuite name="returns/);
  });

  it('stays XML when a guest says what XML cannot hold', () => {
    const run = sampleScenarioRun('s', { failures: [{ step: 'a', text: 'saw \u0000\u001b[31m <&"' }] });
    const xml = junitXml({ ...SAMPLE_RUN, runs: [run] });
    assert.doesNotMatch(xml, /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    assert.match(xml, /&lt;&amp;/);
  });
});

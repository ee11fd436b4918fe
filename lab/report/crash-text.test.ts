import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { renderRun } from './terminal.ts';
import { SAMPLE_RUN } from './sample-run.fixture.ts';

describe('crashes in the report', () => {
  it('are told with their words, every artefact and every note', () => {
    const result = structuredClone(SAMPLE_RUN);
    result.runs[0]!.crash = {
      what: '0xD1 DRIVER_IRQL_NOT_LESS_OR_EQUAL',
      bugcheck: '0xD1 (0x0000000000000010, 0x0000000000000002, 0x0000000000000001, 0xfffff80312345678)',
      words: ['a driver touched memory', 'IRQL: 2 (DISPATCH_LEVEL)'],
      artefacts: [
        { what: 'memory dump of Windows, kernel', path: 'runs/1/x/MEMORY.DMP', bytes: 512 * 2 ** 20 },
      ],
      notes: ['registers could not be had: late'],
    };
    const text = stripVTControlCharacters(renderRun(result));
    assert.match(text, /crash 0xD1 DRIVER_IRQL_NOT_LESS_OR_EQUAL in /);
    assert.match(text, /^ {2}IRQL: 2 \(DISPATCH_LEVEL\)$/m);
    assert.match(text, /^ {4}512 MiB {2}runs\/1\/x\/MEMORY\.DMP {2}memory dump of Windows, kernel$/m);
    assert.match(text, /registers could not be had: late/);
  });
});

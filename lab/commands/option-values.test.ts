import assert from 'node:assert/strict';
import { jobs, outputFile, pattern, seed } from './option-values.ts';

describe('values of options', () => {
  it('take what can work', () => {
    assert.equal(seed('7'), 7);
    assert.equal(pattern('one|two'), 'one|two');
    assert.equal(outputFile('package.json'), 'package.json');
    assert.equal(outputFile('not-there.json'), 'not-there.json');
  });

  it('refuse what cannot, with the reason', () => {
    for (const text of ['', '-1', '1.5', 'x']) assert.throws(() => seed(text), /whole number/);
    assert.equal(jobs('12'), 12);
    for (const text of ['', '0', '-1', '1.5', 'x', '1000']) assert.throws(() => jobs(text), /from 1 to 999/);
    assert.throws(() => pattern('('), /Unterminated group/);
    assert.throws(
      () => outputFile('/no/such/folder/x.json'),
      /cannot be written: ENOENT.*\/no\/such\/folder/,
    );
  });
});

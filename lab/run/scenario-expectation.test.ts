import assert from 'node:assert/strict';
import type { OutcomeWord } from '../client/operation.ts';
import { expectationSchema, unexpected, type Expectation } from './scenario-expectation.ts';

describe('what the clients of a step must see', () => {
  const cases: [Expectation, OutcomeWord[], string | null][] = [
    ['connected', ['connected', 'connected'], null],
    ['connected', ['connected', 'refused'], 'expected 2 × connected, saw 1 × connected, 1 × refused'],
    ['echoed', ['received'], null],
    ['closed', ['eof', 'reset'], null],
    ['not-connected', ['refused', 'timeout'], null],
    [['connected', 'refused'], ['refused', 'connected'], null],
    [['connected', 'refused'], ['timeout'], 'expected 1 × connected or refused, saw 1 × timeout'],
    [{ echoed: 2, closed: 1 }, ['received', 'eof', 'received'], null],
    [
      { echoed: 2, closed: 1 },
      ['received', 'received', 'received'],
      'expected 2 × echoed, 1 × closed, saw 3 × received',
    ],
    [{ echoed: 1 }, ['received', 'eof'], 'expected 1 × echoed, saw 1 × received, 1 × eof'],
    ['any', ['error'], null],
    ['connected', ['error'], 'expected 1 × connected, saw 1 × error'],
  ];
  for (const [expectation, seen, expected] of cases) {
    it(`${JSON.stringify(expectation)} and seen ${seen.join(', ')}: ${expected ?? 'good'}`, () => {
      assert.equal(unexpected(expectationSchema.parse(expectation), seen), expected);
    });
  }
});

import assert from 'node:assert/strict';
import ssh2 from 'ssh2';
import { makeSshKeyPair } from './ssh-key-pair.ts';

describe('ssh key pairs', () => {
  it('can be read again, every one of them', function () {
    this.timeout(60_000);
    // One in 128 of those that ssh2 makes by itself cannot: five hundred without a bad one are no accident.
    for (let made = 0; made < 500; made++) {
      const pair = makeSshKeyPair('test');
      for (const key of [pair.private, pair.public])
        assert.ok(!(ssh2.utils.parseKey(key) instanceof Error), key);
    }
  });
});

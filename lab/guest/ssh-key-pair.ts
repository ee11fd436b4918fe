/** Keys for a guest's ssh server and for its user. */
import ssh2 from 'ssh2';

export interface SshKeyPair {
  /** OpenSSH's private key file. */
  private: string;
  /** One line, as in authorized_keys. */
  public: string;
}

/**
 * A new Ed25519 pair that can be read again. ssh2 1.17 cuts leading zero bytes off one pair in 128, which no
 * one can read then (mscdex/ssh2 issues 1390 and 1513); such a pair is dropped and another made.
 */
export function makeSshKeyPair(comment: string): SshKeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (isReadable(pair.private) && isReadable(pair.public)) return pair;
  }
}

const isReadable = (key: string): boolean => !(ssh2.utils.parseKey(key) instanceof Error);

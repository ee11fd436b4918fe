/**
 * accept-event/addresses-not-after-call: the driver does not use LocalAddress or RemoteAddress after the callback
 * has returned.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented.
 * Choices: put to the test only where the recorder spoils the SOCKADDRs after the return (perturbation
 * poison-addresses). A late read of an unmapped one is a crash with its target inside; the content of one
 * filled with garbage shows when the driver binds to it.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';

/** Family of a SOCKADDR filled with the recorder's byte 0xa5. */
const GARBAGE_FAMILY = 0xa5a5;
/** Older ones have had their memory used again. */
const REMEMBERED = 1024;

export const rule: Rule = {
  clause: 'accept-event/addresses-not-after-call',
  party: 'driver',
  begin: (judge) => {
    const poisoned: RecordOf<'addresses_poisoned'>[] = [];
    return {
      on: {
        addresses_poisoned(record) {
          judge.held();
          poisoned.push(record);
          if (poisoned.length > REMEMBERED) poisoned.shift();
        },
        crash(record) {
          const spoilt = poisoned.findLast(
            ({ unreadable, local, remote, bytes }) =>
              unreadable !== 0 &&
              (isInside(record.target, local, bytes) || isInside(record.target, remote, bytes)),
          );
          if (!spoilt) return;
          const which = isInside(record.target, spoilt.local, spoilt.bytes)
            ? 'LocalAddress'
            : 'RemoteAddress';
          judge.violated([record, spoilt], `the driver read ${which} after WskAcceptEvent had returned`);
        },
        bind_enter(record) {
          if (poisoned.length === 0 || record.local?.family !== GARBAGE_FAMILY) return;
          judge.violated(record, 'the driver bound a socket to an address that it read after WskAcceptEvent');
        },
      },
    };
  },
};

const isInside = (target: bigint, start: bigint, bytes: number): boolean =>
  start !== 0n && target >= start && target < start + BigInt(bytes);

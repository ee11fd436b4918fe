/**
 * accept-event/pending-accept-precedence: while WskAccept IRPs are queued on the listener, an arriving connection
 * completes one of them; WskAcceptEvent is called only if none is queued.
 *
 * Source: WskAcceptEvent, Remarks (2024-03-27). Status: documented, with an exception for races: a "should".
 * Choices: no single call can break it (accept-event/pending-accept-race). Broken if at least FEW events came
 * although an IRP had been queued for QUEUED_NS (a lab number), and they outnumber the IRPs that were used.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import type { Socket } from '../../../lab/check/socket.ts';
import { succeeded } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';

const FEW = 3;
const QUEUED_NS = 100_000_000;

export const rule: Rule = {
  clause: 'accept-event/pending-accept-precedence',
  party: 'subsystem',
  begin: (judge) => {
    let used = 0;
    let passed = 0;
    const shown: RecordOf<'accept_event_enter'>[] = [];
    const hasQueued = (listener: Socket, at: number) =>
      listener.pending.some(
        ({ fn, status, enter }) => fn === 'WskAccept' && status !== undefined && at - enter.time >= QUEUED_NS,
      );

    return {
      on: {
        accept_event_enter(record) {
          const listener = judge.world.socket(record.socket);
          if (record.accept_socket === 0 || !listener || !hasQueued(listener, record.time)) return;
          passed++;
          if (shown.length < FEW) shown.push(record);
        },
        irp_complete(record) {
          const call = judge.world.call(record.call);
          if (call?.fn === 'WskAccept' && call.status !== undefined && succeeded(record.status)) used++;
        },
      },
      finish() {
        const total = used + passed;
        if (passed >= FEW && passed > used) {
          const sentence = `${passed} of ${total} connections came as events though a WskAccept IRP was queued`;
          judge.violated(shown, sentence);
        } else {
          for (let count = 0; count < used; count++) judge.held();
        }
      },
    };
  },
};

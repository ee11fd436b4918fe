/**
 * SO_WSK_EVENT_CALLBACK is for listening, datagram and connection sockets, and for basic sockets only with the
 * callbacks of an extension; it names the standard callbacks by NPI_WSK_INTERFACE_ID.
 * network/so-wsk-event-callback. Status: documented.
 * Choices: stream sockets are silent and left alone. An extension is known by a successful
 * SIO_WSK_REGISTER_EXTENSION on some socket; its own NPI id is not in the trace, so from then on any id is accepted.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { isEventControl } from '../event-control.ts';
import { recordRule } from '../record-rule.ts';
import { EVENT_CALLBACK_CONTROL_BYTES, NPI_WSK_INTERFACE_ID, SIO_WSK_REGISTER_EXTENSION } from '../wsk.ts';

const appliesTo = recordRule({
  clause: 'evt/applies-to',
  party: 'driver',
  on: ['control_socket_enter'],
  ask(record, { world }) {
    const socket = world.socket(record.socket);
    if (!isEventControl(record) || !socket?.category || socket.category === 'stream') return undefined;
    if (socket.category !== 'basic') return true;
    return record.npi_id === NPI_WSK_INTERFACE_ID ? 'SO_WSK_EVENT_CALLBACK on a basic socket' : undefined;
  },
});

const npiid: Rule = {
  clause: 'evt/npiid',
  party: 'driver',
  begin(judge) {
    let hasExtension = false;
    return {
      on: {
        control_socket_enter(record) {
          if (record.code === SIO_WSK_REGISTER_EXTENSION) hasExtension = true;
          if (!isEventControl(record) || record.input_size !== EVENT_CALLBACK_CONTROL_BYTES) return;
          if (record.npi_id === NPI_WSK_INTERFACE_ID) judge.held();
          else if (!hasExtension) judge.violated(record, `NpiId is ${record.npi_id}, no interface of WSK`);
        },
      },
    };
  },
};

export const rules: readonly Rule[] = [appliesTo, npiid];

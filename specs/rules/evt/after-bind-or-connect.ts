/**
 * The option is used on a listening or datagram socket after it is bound, on a connection-oriented one after it
 * is connected. network/so-wsk-event-callback. Status: documented.
 * Choices: bound and connected from the moment the driver can know it: WskBind's return with STATUS_SUCCESS or the
 * completion of its IRP. A socket that is accepted is connected.
 */
import type { Category } from '../../../lab/check/socket.ts';
import type { Rule } from '../../../lab/check/rule.ts';
import { isEventControl } from '../event-control.ts';
import { recordRule } from '../record-rule.ts';

const afterReady = (clause: string, category: Category, ready: 'isBound' | 'isConnected'): Rule =>
  recordRule({
    clause,
    party: 'driver',
    on: ['control_socket_enter'],
    local: false,
    ask(record, { world }) {
      const socket = world.socket(record.socket);
      if (!isEventControl(record) || socket?.category !== category) return undefined;
      const state = ready === 'isBound' ? 'bound' : 'connected';
      return socket[ready] || `callbacks are switched on a ${category} socket that is not yet ${state}`;
    },
  });

export const rules: readonly Rule[] = [
  afterReady('evt/listen-after-bind', 'listen', 'isBound'),
  afterReady('evt/dgram-after-bind', 'datagram', 'isBound'),
  afterReady('evt/conn-after-connect', 'connection', 'isConnected'),
];

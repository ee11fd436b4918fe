/**
 * Arguments that a function's page fixes: flags, IRPs, buffers, addresses, categories. Each rule names its clause;
 * the pages are in the catalogue. Status: documented, buf/mdl-nonnull-otherwise derived.
 *
 * Choices. gen/irp-required is about the functions without a clause of their own. WSK_FLAG_OOB is in wsk.h and not on
 * the page of WskSend: not reported. Only AF_INET and AF_INET6 are known combinations of sock/valid-combination.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { functionName } from '../../../lab/check/call.ts';
import { SO_WSK_EVENT_CALLBACK, WSK_FLAG_ABORTIVE } from '../../../lab/check/wsk.ts';
import type { FunctionName } from '../../../lab/trace/schema.ts';
import { recordRule } from '../record-rule.ts';
import { AF, CATEGORY, CONTROL_WITHOUT_IRP, hex, IPPROTO, RECEIVE_FLAG, SEND_FLAG, SOCK } from '../wsk.ts';

const party = 'driver' as const;
const zero = (flags: number): true | string => flags === 0 || `Flags is ${hex(flags)} and has to be 0`;
const given = (irp: bigint): true | string => irp !== 0n || 'called without an IRP';
const isOneOf = (record: { fn: number }, ...functions: FunctionName[]) =>
  functions.includes(functionName(record.fn)!);

const flags: Rule[] = [
  recordRule({
    clause: 'accept/flags-zero',
    party,
    on: ['accept_enter'],
    ask: (record) => zero(record.flags),
  }),
  recordRule({ clause: 'bind/flags-zero', party, on: ['bind_enter'], ask: (record) => zero(record.flags) }),
  recordRule({
    clause: 'connect/flags-zero',
    party,
    on: ['other_enter'],
    ask: (record) =>
      isOneOf(record, 'WskConnect', 'WskConnectEx', 'WskSocketConnect') ? zero(record.flags) : undefined,
  }),
  recordRule({
    clause: 'dgram/flags-zero',
    party,
    on: ['other_enter'],
    ask: (record) =>
      isOneOf(record, 'WskSendTo', 'WskReceiveFrom', 'WskSendMessages') ? zero(record.flags) : undefined,
  }),
  recordRule({
    clause: 'send/flags',
    party,
    on: ['data_enter'],
    ask(record) {
      if (!isOneOf(record, 'WskSend')) return undefined;
      return (record.flags & ~(SEND_FLAG.NODELAY | SEND_FLAG.OOB)) === 0 || `Flags is ${hex(record.flags)}`;
    },
  }),
  recordRule({
    clause: 'disc/flags',
    party,
    on: ['disconnect_enter'],
    ask: ({ flags }) => (flags & ~WSK_FLAG_ABORTIVE) === 0 || `Flags is ${hex(flags)}`,
  }),
  recordRule({
    clause: 'recv/flags-exclusive',
    party,
    on: ['data_enter'],
    ask(record) {
      const both = RECEIVE_FLAG.WAITALL | RECEIVE_FLAG.DRAIN;
      if (!isOneOf(record, 'WskReceive')) return undefined;
      return (record.flags & both) !== both || 'WSK_FLAG_WAITALL and WSK_FLAG_DRAIN are combined';
    },
  }),
];

const irps: Rule[] = [
  recordRule({
    clause: 'accept/irp-required',
    party,
    on: ['accept_enter'],
    ask: (record) => given(record.irp),
  }),
  recordRule({
    clause: 'close/irp-required',
    party,
    on: ['close_enter'],
    ask: (record) => given(record.irp),
  }),
  recordRule({
    clause: 'gen/irp-required',
    party,
    on: ['socket_enter', 'bind_enter', 'address_enter', 'data_enter', 'disconnect_enter', 'other_enter'],
    ask: (record) =>
      record.event === 'other_enter' && isOneOf(record, 'WskFreeAddressInfo') ? undefined : given(record.irp),
  }),
  recordRule({
    clause: 'client/irp-null-codes',
    party,
    on: ['control_client_enter'],
    ask: ({ code, irp }) =>
      CONTROL_WITHOUT_IRP.includes(code) ? irp === 0n || `control code ${code} with an IRP` : undefined,
  }),
];

const buffers: Rule[] = [
  recordRule({
    clause: 'disc/abortive-no-buffer',
    party,
    on: ['disconnect_enter'],
    ask: ({ flags, buffer }) =>
      (flags & WSK_FLAG_ABORTIVE) === 0 ? undefined : buffer === 0n || 'an abortive disconnect with a buffer',
  }),
  recordRule({
    clause: 'recv/drain-zero-length',
    party,
    on: ['data_enter'],
    ask(record) {
      if (!isOneOf(record, 'WskReceive') || (record.flags & RECEIVE_FLAG.DRAIN) === 0) return undefined;
      return record.length === 0 || `WSK_FLAG_DRAIN with a buffer of ${record.length} bytes`;
    },
  }),
  recordRule({
    clause: 'buf/mdl-nonnull-otherwise',
    party,
    on: ['data_enter'],
    ask: ({ length, mdl }) =>
      length === 0 ? undefined : mdl !== 0n || `a buffer of ${length} bytes without an MDL`,
  }),
];

const family: Rule = recordRule({
  clause: 'bind/family',
  party,
  on: ['bind_enter'],
  ask({ socket: id, local }, { world }) {
    const socket = world.socket(id);
    if (!socket || socket.family === 0) return undefined;
    return (
      local?.family === socket.family ||
      `an address of family ${local?.family ?? 'NULL'} on a socket of family ${socket.family}`
    );
  },
});

const sockets: Rule[] = [
  recordRule({
    clause: 'sock/category-flag',
    party,
    on: ['socket_enter'],
    ask: ({ flags }) =>
      (Object.values(CATEGORY) as number[]).includes(flags) || `Flags ${hex(flags)} names no single category`,
  }),
  recordRule({
    clause: 'sock/valid-combination',
    party,
    on: ['socket_enter'],
    ask({ family, type, protocol, flags }) {
      if (family !== AF.INET && family !== AF.INET6) return undefined;
      const text = `type ${type} with protocol ${protocol}`;
      if (flags === CATEGORY.listen || flags === CATEGORY.connection || flags === CATEGORY.stream)
        return (type === SOCK.STREAM && protocol === IPPROTO.TCP) || `${text} on a TCP socket`;
      if (flags !== CATEGORY.datagram) return undefined;
      return (
        (type === SOCK.DGRAM && protocol === IPPROTO.UDP) ||
        type === SOCK.RAW ||
        `${text} on a datagram socket`
      );
    },
  }),
  recordRule({
    clause: 'sock/basic-no-context',
    party,
    on: ['socket_enter'],
    ask: ({ flags, context, table }) =>
      flags === CATEGORY.basic
        ? (context === 0n && table === 0n) || 'a basic socket with context or dispatch table'
        : undefined,
  }),
  recordRule({
    clause: 'accept/category',
    party,
    on: ['accept_enter'],
    ask({ socket: id }, { world }) {
      const category = world.socket(id)?.category;
      if (category === undefined) return undefined;
      return category === 'listen' || category === 'stream' || `WskAccept on a ${category} socket`;
    },
  }),
  recordRule({
    clause: 'ctl/request-type',
    party,
    on: ['control_socket_enter'],
    ask: ({ request }) => request <= 2 || `RequestType is ${request}`,
  }),
  recordRule({
    clause: 'ctl/null-unused-buffers',
    party,
    on: ['control_socket_enter'],
    ask({ input, input_size, output, output_size, code }) {
      // The shape of SO_WSK_EVENT_CALLBACK has a clause of its own.
      if (code === SO_WSK_EVENT_CALLBACK) return undefined;
      if ((input === 0n) !== (input_size === 0))
        return `InputBuffer ${hex(input)} with InputSize ${input_size}`;
      return (
        (output === 0n) === (output_size === 0) ||
        `OutputBuffer ${hex(output)} with OutputSize ${output_size}`
      );
    },
  }),
];

export const rules: readonly Rule[] = [...flags, ...irps, ...buffers, family, ...sockets];

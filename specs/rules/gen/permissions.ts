/** What the pages of functions and IRPs permit: never violated, only counted. Status: see the catalogue. */
import type { Rule } from '../../../lab/check/rule.ts';
import { functionName } from '../../../lab/check/call.ts';
import { DISPATCH_LEVEL, STATUS_PENDING, succeeded } from '../../../lab/check/wsk.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';
import { permissionRule } from '../record-rule.ts';

const isWaiting = (timeout: number) => timeout !== 0;

export const rules: readonly Rule[] = [
  permissionRule('buf/mdl-null-zero-length', ['data_enter'], ({ mdl, length }) => mdl === 0n && length === 0),
  permissionRule(
    'recv/zero-length-allowed',
    ['data_enter'],
    ({ fn, length }) => fn === FUNCTIONS.WskReceive && length === 0,
  ),
  permissionRule(
    'recv/multiple-queued',
    ['data_enter'],
    ({ fn, socket }, { world }) =>
      fn === FUNCTIONS.WskReceive &&
      world.socket(socket)?.pending.some((call) => call.fn === 'WskReceive') === true,
  ),
  permissionRule(
    'recv/race',
    ['receive_event_enter'],
    ({ socket }, { world }) =>
      world.socket(socket)?.pending.some((call) => call.fn === 'WskReceive' && !call.isExecuting) === true,
  ),
  permissionRule('recv/eof', ['irp_complete'], ({ call, fn, status, information }, { world }) => {
    const enter = world.call(call)?.enter;
    const length = enter?.event === 'data_enter' ? enter.length : 0;
    return fn === FUNCTIONS.WskReceive && succeeded(status) && information === 0n && length > 0;
  }),
  permissionRule(
    'accept/multiple-queued',
    ['accept_enter'],
    ({ socket }, { world }) => world.socket(socket)?.pending.some((call) => call.fn === 'WskAccept') === true,
  ),
  permissionRule(
    'accept/address-buffers-optional',
    ['accept_enter'],
    ({ local_buffer, remote_buffer }) => local_buffer === 0n || remote_buffer === 0n,
  ),
  permissionRule(
    'accept/close-vs-connection-race',
    ['irp_complete'],
    ({ fn, status, socket }, { world }) =>
      fn === FUNCTIONS.WskAccept && succeeded(status) && world.socket(socket)?.closeEnter !== undefined,
  ),
  permissionRule(
    'gen/one-thread-not-required',
    ['bind_enter', 'accept_enter', 'address_enter', 'data_enter', 'control_socket_enter', 'disconnect_enter'],
    ({ socket, tid }, { world }) =>
      world.socket(socket)?.executing.some(({ enter }) => enter.tid !== tid) === true,
  ),
  permissionRule('irp/inline-completion', ['irp_complete'], ({ call, tid }, { world }) => {
    const open = world.call(call);
    return open?.isExecuting === true && open.enter.tid === tid;
  }),
  permissionRule(
    'irp/pending-race',
    ['call_return'],
    ({ call, status }, { world }) => status === STATUS_PENDING && world.call(call)?.completion !== undefined,
  ),
  permissionRule('irp/completion-irql', ['irp_complete'], ({ irql }) => irql === DISPATCH_LEVEL),
  permissionRule('irp/blocking-outside-callbacks', ['wait_enter'], ({ tid, timeout }, { world }) => {
    if (!isWaiting(timeout) || world.activity(tid)) return false;
    for (const call of world.irps.values()) if (call.enter.tid === tid) return true;
    return false;
  }),
  permissionRule(
    'close/pending-irps-allowed',
    ['close_enter'],
    ({ socket }, { world }) => world.socket(socket)?.pending.some((call) => !call.isExecuting) === true,
  ),
  permissionRule(
    'close/failure',
    ['irp_complete'],
    ({ fn, status }) => functionName(fn) === 'WskCloseSocket' && !succeeded(status),
  ),
];

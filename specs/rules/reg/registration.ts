/**
 * Registering, capturing the provider NPI, and the way back: ddi/wsk/nf-wsk-wskregister, nf-wsk-wskcaptureprovidernpi,
 * nf-wsk-wskreleaseprovidernpi, nf-wsk-wskderegister, network/registering-a-winsock-kernel-application,
 * network/unregistering-a-winsock-kernel-application. Status: documented; reg/major-version-kept derived.
 *
 * Choices. A driver that is still loaded when the trace ends owes no WskDeregister yet. "No client calls after the
 * release" is read with the number of captures (ambiguity A-25). Sockets from accepts have clauses of their own for
 * being closed, and a dead listener has accept-event/null-must-close: reg/all-sockets-closed-for-deregister is about the
 * other sockets from WskSocket.
 */
import type { Call } from '../../../lab/check/call.ts';
import type { Judge, Rule } from '../../../lab/check/rule.ts';
import type { Registration } from '../../../lab/check/registration.ts';
import { succeeded } from '../../../lab/check/wsk.ts';
import type { RecordOf } from '../../../lab/trace/records.ts';
import { FUNCTIONS } from '../../../lab/trace/schema.ts';
import { mustClose } from '../must-close.ts';
import { permissionRule, recordRule } from '../record-rule.ts';
import { hex, STATUS, statusName, WSK_INFINITE_WAIT } from '../wsk.ts';

const CLIENT_CALLS = ['socket_enter', 'control_client_enter'] as const;
const known = ({ block }: { block: bigint }, { world }: Judge) => world.registrations.get(block);
const isLive = (it: Registration | undefined) => it?.isRegistered === true && !it.deregisterReturn;

const ofDriver: Rule[] = [
  recordRule({
    clause: 'reg/register-before-capture',
    party: 'driver',
    on: ['capture_enter'],
    local: false,
    ask: (record, judge) => known(record, judge)?.isRegistered || 'the block is not registered',
  }),
  recordRule({
    clause: 'reg/distinct-block',
    party: 'driver',
    on: ['register_enter'],
    local: false,
    ask: (record, judge) =>
      !isLive(known(record, judge)) || 'the block holds a registration that is still in force',
  }),
  recordRule({
    clause: 'reg/client-dispatch-reserved-zero',
    party: 'driver',
    on: ['register_enter'],
    ask: ({ reserved }) => reserved === 0 || `Reserved is ${hex(reserved)}`,
  }),
  recordRule({
    clause: 'reg/register-once-per-deregister',
    party: 'driver',
    on: ['registration_enter'],
    local: false,
    ask(record, judge) {
      if (record.fn !== FUNCTIONS.WskDeregister) return undefined;
      const it = known(record, judge);
      if (!it?.isRegistered) return 'WskDeregister without a successful WskRegister';
      return !it.deregisterEnter || 'WskDeregister was called before for this registration';
    },
  }),
  recordRule({
    clause: 'reg/capture-release-balance',
    party: 'driver',
    on: ['registration_enter'],
    local: false,
    ask(record, judge) {
      if (record.fn !== FUNCTIONS.WskReleaseProviderNPI) return undefined;
      return (
        (known(record, judge)?.captures ?? 0) > 0 ||
        'WskReleaseProviderNPI without a capture that is left to release'
      );
    },
  }),
  recordRule({
    clause: 'reg/no-client-calls-after-release',
    party: 'driver',
    on: CLIENT_CALLS,
    local: false,
    ask({ client }, { world }) {
      const it = world.registrationOf(client);
      return it && (it.captures > 0 || 'the provider NPI has been released');
    },
  }),
  captureFailureNoUse('reg/capture-failure-no-use'),
  clientPointer('sock/client-pointer', 'socket_enter'),
  clientPointer('client/control-client-pointer', 'control_client_enter'),
  mustClose(
    'reg/all-sockets-closed-for-deregister',
    ({ obtained, deadSince }) => !deadSince && (obtained === 'WskSocket' || obtained === 'WskSocketConnect'),
  ),
];

/** Without any capture there is no client that could be passed. */
function captureFailureNoUse(clause: string): Rule {
  return {
    clause,
    party: 'driver',
    begin(judge) {
      let captured = false;
      const use = (record: RecordOf<(typeof CLIENT_CALLS)[number]>) =>
        captured ? judge.held() : judge.violated(record, 'no capture of the provider NPI has succeeded yet');
      return {
        on: {
          capture_return(record) {
            if (succeeded(record.status)) captured = true;
          },
          socket_enter: use,
          control_client_enter: use,
        },
      };
    },
  };
}

/** Judged once something was captured; before that reg/capture-failure-no-use. */
function clientPointer(clause: string, on: (typeof CLIENT_CALLS)[number]): Rule {
  return {
    clause,
    party: 'driver',
    begin(judge) {
      const clients = new Set<bigint>();
      return {
        on: {
          capture_return(record) {
            if (succeeded(record.status)) clients.add(record.client);
          },
          [on]: (record: RecordOf<(typeof CLIENT_CALLS)[number]>) => {
            if (clients.has(record.client)) judge.held();
            else if (clients.size > 0)
              judge.violated(record, `Client ${hex(record.client)} came from no capture`);
          },
        },
      };
    },
  };
}

const captureOf = (call: number, { world }: Judge) => {
  const enter = world.call(call)?.enter;
  return enter?.event === 'capture_enter' ? enter : undefined;
};

const isOwnedBy = (call: Call, registration: Registration, { world }: Judge) =>
  (call.enter.event === 'socket_enter' || call.enter.event === 'control_client_enter') &&
  world.registrationOf(call.enter.client) === registration;

/** What has to be over when WskDeregister returns. */
const deregisterWaits = (
  clause: string,
  left: (it: Registration, judge: Judge) => string | undefined,
): Rule =>
  recordRule({
    clause,
    party: 'subsystem',
    on: ['call_return'],
    local: false,
    ask(record, judge) {
      const enter = judge.world.call(record.call)?.enter;
      if (record.fn !== FUNCTIONS.WskDeregister || enter?.event !== 'registration_enter') return undefined;
      const it = known(enter, judge);
      const what = it && left(it, judge);
      return what === undefined || `WskDeregister returned with ${what}`;
    },
  });

const ofSubsystem: Rule[] = [
  recordRule({
    clause: 'reg/capture-infinite-waits',
    party: 'subsystem',
    on: ['capture_return'],
    local: false,
    ask(record, judge) {
      if (captureOf(record.call, judge)?.timeout !== WSK_INFINITE_WAIT) return undefined;
      if (known(record, judge)?.deregisterEnter) return undefined;
      return record.status !== STATUS.DEVICE_NOT_READY || 'a capture with WSK_INFINITE_WAIT gave up';
    },
  }),
  recordRule({
    clause: 'reg/capture-success-npi',
    party: 'subsystem',
    on: ['capture_return'],
    ask({ status, client, dispatch }) {
      if (!succeeded(status)) return undefined;
      return (client !== 0n && dispatch !== 0n) || 'a successful capture without client or dispatch table';
    },
  }),
  recordRule({
    clause: 'reg/capture-after-deregister-fails',
    party: 'subsystem',
    on: ['capture_return'],
    local: false,
    ask(record, judge) {
      const enter = captureOf(record.call, judge);
      const deregister = known(record, judge)?.deregisterEnter;
      if (!enter || !deregister || deregister.position > enter.position) return undefined;
      return (
        record.status === STATUS.DEVICE_NOT_READY ||
        `a capture after WskDeregister returned ${statusName(record.status)}`
      );
    },
  }),
  deregisterWaits('reg/deregister-waits-releases', ({ captures }) =>
    captures > 0 ? `${captures} captures not released` : undefined,
  ),
  deregisterWaits('reg/deregister-waits-calls', (it, judge) => {
    const open = [...judge.world.calls.values()].find(
      (call) => call.isExecuting && isOwnedBy(call, it, judge),
    );
    return open && `${open.fn} still being executed`;
  }),
  deregisterWaits('reg/deregister-waits-irps', (it, judge) => {
    const open = [...judge.world.calls.values()].find((call) => call.isPending && isOwnedBy(call, it, judge));
    return open && `an IRP of ${open.fn} still pending`;
  }),
  deregisterWaits('reg/deregister-waits-sockets', (it, { world }) => {
    for (const socket of world.sockets.values())
      if (!socket.isClosed && !socket.isDisowned && world.registrationOf(socket.client) === it)
        return `socket ${socket.id} still open`;
    return undefined;
  }),
  majorVersionKept(),
];

function majorVersionKept(): Rule {
  return {
    clause: 'reg/major-version-kept',
    party: 'subsystem',
    begin(judge) {
      const requested = new Map<bigint, number>();
      return {
        on: {
          register_enter: (record) => void requested.set(record.block, record.version),
          capture_return(record) {
            const version = requested.get(record.block);
            if (version === undefined || !succeeded(record.status)) return;
            if (record.version >> 8 === version >> 8) judge.held();
            else judge.violated(record, `version ${hex(record.version)} for a request of ${hex(version)}`);
          },
        },
      };
    },
  };
}

const permissions: Rule[] = [
  permissionRule('reg/multiple-registrations', ['register_enter'], ({ block }, { world }) => {
    for (const it of world.registrations.values()) if (it.block !== block && isLive(it)) return true;
    return false;
  }),
  permissionRule(
    'reg/capture-multiple',
    ['capture_return'],
    (record, judge) => succeeded(record.status) && (known(record, judge)?.captures ?? 0) > 0,
  ),
  permissionRule(
    'reg/capture-after-deregister-allowed',
    ['capture_enter'],
    (record, judge) => known(record, judge)?.deregisterReturn !== undefined,
  ),
  permissionRule(
    'reg/sockets-outlive-release',
    ['bind_enter', 'accept_enter', 'data_enter', 'disconnect_enter', 'close_enter', 'control_socket_enter'],
    ({ socket: id }, { world }) => {
      const socket = world.socket(id);
      return socket !== undefined && world.registrationOf(socket.client)?.captures === 0;
    },
  ),
];

export const rules: readonly Rule[] = [...ofDriver, ...ofSubsystem, ...permissions];

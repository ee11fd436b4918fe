/**
 * The IRQL at which functions may be called: the requirements table of every function's page.
 * Status: documented.
 * Choices: gen/irql-max is about the functions that have no clause of their own.
 */
import type { Rule } from '../../../lab/check/rule.ts';
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../../../lab/check/wsk.ts';
import { functionName } from '../../../lab/check/call.ts';
import type { EventName, RecordOf } from '../../../lab/trace/records.ts';
import type { FunctionName } from '../../../lab/trace/schema.ts';
import { recordRule } from '../record-rule.ts';
import { SIO_ADDRESS_LIST, WSK_NO_WAIT } from '../wsk.ts';

const irqlRule = <Name extends EventName>(
  clause: string,
  on: readonly Name[],
  limit: number | ((record: RecordOf<Name>) => number | undefined),
): Rule =>
  recordRule({
    clause,
    party: 'driver',
    on,
    ask(record) {
      const highest = typeof limit === 'number' ? limit : limit(record);
      if (highest === undefined) return undefined;
      return record.irql <= highest || `called at IRQL ${record.irql}, at most ${highest} is allowed`;
    },
  });

/** For records that several functions share: the limit if it is one of these. */
const onlyFor =
  (limit: number, ...functions: FunctionName[]) =>
  (record: { fn: number }) =>
    functions.includes(functionName(record.fn)!) ? limit : undefined;

export const rules: readonly Rule[] = [
  irqlRule('gen/irql-max', ['socket_enter'], DISPATCH_LEVEL),
  irqlRule('accept/irql', ['accept_enter'], DISPATCH_LEVEL),
  irqlRule('bind/irql', ['bind_enter'], DISPATCH_LEVEL),
  irqlRule('close/irql', ['close_enter'], DISPATCH_LEVEL),
  irqlRule('addr/irql', ['address_enter'], DISPATCH_LEVEL),
  irqlRule('disc/irql', ['disconnect_enter'], DISPATCH_LEVEL),
  irqlRule('release/irql', ['release_enter'], DISPATCH_LEVEL),
  irqlRule('client/control-irql', ['control_client_enter'], DISPATCH_LEVEL),
  irqlRule('send/irql', ['data_enter'], onlyFor(DISPATCH_LEVEL, 'WskSend')),
  irqlRule('recv/irql', ['data_enter'], onlyFor(DISPATCH_LEVEL, 'WskReceive')),
  irqlRule(
    'connect/irql',
    ['other_enter'],
    onlyFor(DISPATCH_LEVEL, 'WskConnect', 'WskConnectEx', 'WskSocketConnect'),
  ),
  irqlRule('listen/irql', ['other_enter'], onlyFor(DISPATCH_LEVEL, 'WskListen')),
  irqlRule('inspect-complete/irql', ['other_enter'], onlyFor(DISPATCH_LEVEL, 'WskInspectComplete')),
  irqlRule('dgram/send-irql', ['other_enter'], onlyFor(DISPATCH_LEVEL, 'WskSendTo', 'WskReceiveFrom')),
  irqlRule(
    'name/irql',
    ['other_enter'],
    onlyFor(PASSIVE_LEVEL, 'WskGetAddressInfo', 'WskFreeAddressInfo', 'WskGetNameInfo'),
  ),
  irqlRule('ctl/irql', ['control_socket_enter'], ({ code }) =>
    SIO_ADDRESS_LIST.includes(code) ? PASSIVE_LEVEL : DISPATCH_LEVEL,
  ),
  irqlRule('reg/register-irql', ['register_enter'], PASSIVE_LEVEL),
  irqlRule('reg/capture-irql', ['capture_enter'], ({ timeout }) =>
    timeout === WSK_NO_WAIT ? DISPATCH_LEVEL : PASSIVE_LEVEL,
  ),
  irqlRule('reg/release-irql', ['registration_enter'], onlyFor(DISPATCH_LEVEL, 'WskReleaseProviderNPI')),
  irqlRule(
    'reg/query-irql',
    ['registration_enter'],
    onlyFor(DISPATCH_LEVEL, 'WskQueryProviderCharacteristics'),
  ),
  irqlRule('reg/deregister-irql', ['registration_enter'], onlyFor(PASSIVE_LEVEL, 'WskDeregister')),
];

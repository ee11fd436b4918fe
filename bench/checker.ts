/**
 * Speed and memory of the checker: a million records, or records and packets, made chunk by chunk so that they take no
 * memory themselves, of valid accept traffic: connections by WskAcceptEvent, echoed by callbacks and IRPs, every tenth
 * rejected, 64 open at a time. All rules judge it. Run: node --import tsx bench/checker.ts
 */
import { pathToFileURL } from 'node:url';
import { Checker } from '../lab/check/check.ts';
import type { Evidence, Packet } from '../lab/check/evidence.ts';
import { RecordMaker } from '../lab/check/record-maker.ts';
import type { Rule } from '../lab/check/rule.ts';
import type { Verdict } from '../lab/check/verdict.ts';
import {
  EVENT,
  SO_WSK_EVENT_CALLBACK,
  SOL_SOCKET,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_REQUEST_NOT_ACCEPTED,
} from '../lab/check/wsk.ts';
import type { EventName, RecordOf, SocketAddress } from '../lab/trace/records.ts';
import { FUNCTIONS, type FunctionName } from '../lab/trace/schema.ts';
import { loadRules } from '../specs/rules/index.ts';

const EVENTS_WANTED = 1_000_000;
const CHUNK = 5_000;
const OPEN_AT_ONCE = 64;

const POOL = 0xffff_9000_0000_0000n;
const LISTENER_CONTEXT = POOL;
const LISTEN_TABLE = { table: 0xffff_f800_0000_1000n, slot0: 0xffff_f800_0000_2000n };
const CONNECTION_TABLE = {
  table: 0xffff_f800_0000_1100n,
  slot0: 0xffff_f800_0000_2100n,
  slot1: 0xffff_f800_0000_2200n,
};
const COMPLETION_ROUTINE = 0xffff_f800_0000_3000n;
const NPI_WSK = '2227e803-8d8b-11d4-abad-009027719e09';
const LOCAL = { family: 2, port: 7, address: '10.77.0.2' };

interface Connection {
  remote: SocketAddress;
  socket: number;
  pointer: bigint;
  context: bigint;
  irp: bigint;
}

/** Makes the evidence; `next` gives it until the wanted number is about reached, then `end`. */
class Traffic {
  private readonly maker = new RecordMaker();
  private numbers = 0;
  private sockets = 1;
  private readonly open: Connection[] = [];
  private readonly pieces: Evidence[] = [];
  private packets = 0;
  private readonly hasWire: boolean;

  constructor(hasWire: boolean) {
    this.hasWire = hasWire;
  }

  get made(): number {
    return this.maker.made + this.packets;
  }

  /** The driver registers and listens. */
  begin(): Evidence[] {
    this.add('trace_start', { frequency: 1e9, schema: 1 });
    const block = POOL + 0x100n;
    const client = POOL + 0x200n;
    const register = this.call('register_enter', { block, version: 0x100 });
    this.returned(register, 'WskRegister');
    const capture = this.call('capture_enter', { block });
    this.add('capture_return', { call: capture, block, client, dispatch: POOL + 0x280n, version: 0x100 });
    this.add('pool_allocate', { address: LISTENER_CONTEXT, size: 128, pool_type: 0x200 });
    const irp = POOL + 0x300n;
    const pointer = POOL + 0x400n;
    this.add('irp_memory', { irp, fn: FUNCTIONS.IoAllocateIrp, stack_count: 1 });
    const socket = this.withIrp('socket_enter', irp, {
      client,
      context: LISTENER_CONTEXT,
      ...LISTEN_TABLE,
      protocol: 6,
      flags: 1,
      family: 2,
      type: 1,
    });
    this.returned(socket, 'WskSocket', 0, 0x103);
    this.add('socket_created', {
      call: socket,
      socket: 1,
      pointer,
      provider_table: POOL + 0x500n,
      fn: FUNCTIONS.WskSocket,
    });
    this.completed(socket, irp, 'WskSocket', { information: pointer });
    this.add('irp_memory', { irp, fn: FUNCTIONS.IoReuseIrp });
    const bind = this.withIrp('bind_enter', irp, { socket: 1, pointer, local: LOCAL });
    this.returned(bind, 'WskBind', 1, 0x103);
    this.completed(bind, irp, 'WskBind', { socket: 1 });
    for (const mask of [EVENT.receive | EVENT.disconnect, EVENT.accept]) {
      const enable = this.call('control_socket_enter', {
        socket: 1,
        pointer,
        input: POOL + 0x600n,
        input_size: 16,
        npi_id: NPI_WSK,
        code: SO_WSK_EVENT_CALLBACK,
        level: SOL_SOCKET,
        event_mask: mask,
      });
      this.returned(enable, 'WskControlSocket', 1);
    }
    return this.take();
  }

  /** One more connection, and the oldest one echoed and closed. */
  next(): Evidence[] {
    const ordinal = ++this.sockets;
    const base = POOL + 0x10000n + BigInt(ordinal % 4096) * 0x400n;
    const remote = { family: 2, port: 1024 + (ordinal % 60000), address: '10.77.0.1' };
    const connection = { remote, socket: ordinal, pointer: base, context: base + 0x100n, irp: base + 0x200n };
    const isRejected = ordinal % 10 === 0;
    const callback = ++this.numbers;
    const where = { tid: 20 + (ordinal % 2), irql: ordinal % 2 === 0 ? 2 : 0 };
    this.segment('client', remote, [0, 0], { syn: true, ack: false });
    this.segment('guest', remote, [0, 1], { syn: true });
    this.segment('client', remote, [1, 1]);
    this.add('accept_event_enter', {
      ...where,
      callback,
      socket: 1,
      context: LISTENER_CONTEXT,
      accept_socket: ordinal,
      accept_pointer: connection.pointer,
      provider_table: POOL + 0x700n,
      local: LOCAL,
      remote,
      flags: where.irql === 2 ? 8 : 0,
    });
    const returned = { ...where, callback, socket: 1, accept_socket: ordinal };
    if (isRejected) {
      this.add('accept_event_return', {
        ...returned,
        status: STATUS_REQUEST_NOT_ACCEPTED,
      });
      this.segment('guest', remote, [1, 1], { rst: true });
    } else {
      this.add('pool_allocate', { ...where, address: connection.context, size: 200, pool_type: 0x200 });
      const outputs = { context: connection.context, context_written: 1, table_written: 1 };
      this.add('accept_event_return', { ...returned, ...outputs, ...CONNECTION_TABLE });
      this.open.push(connection);
    }
    if (this.open.length > OPEN_AT_ONCE) this.finish(this.open.shift()!);
    return this.take();
  }

  /** The driver closes everything and is unloaded. */
  end(): Evidence[] {
    for (const connection of this.open.splice(0)) this.finish(connection);
    const irp = POOL + 0x300n;
    this.add('irp_memory', { irp, fn: FUNCTIONS.IoReuseIrp });
    const close = this.withIrp('close_enter', irp, { socket: 1, pointer: POOL + 0x400n });
    this.returned(close, 'WskCloseSocket', 1);
    this.completed(close, irp, 'WskCloseSocket', { socket: 1 });
    this.add('irp_memory', { irp, fn: FUNCTIONS.IoFreeIrp });
    this.add('pool_free', { address: LISTENER_CONTEXT });
    for (const fn of ['WskReleaseProviderNPI', 'WskDeregister'] as const) {
      const call = this.call('registration_enter', { block: POOL + 0x100n, fn: FUNCTIONS[fn] });
      this.returned(call, fn);
    }
    this.add('trace_stop', { records: this.maker.made + 1 });
    return this.take();
  }

  /** Five bytes echoed, the peer's FIN, our disconnect and close. */
  private finish({ remote, socket, pointer, context, irp }: Connection): void {
    const indication = irp + 0x80n;
    const data = { psh: true, payloadBytes: 5 };
    this.segment('client', remote, [1, 1], data);
    const receive = this.callback('receive_event_enter', { socket, context, indication, bytes: 5 });
    this.add('receive_event_return', { tid: 20, callback: receive, socket, status: 0x103 });
    this.add('irp_memory', { irp, fn: FUNCTIONS.IoAllocateIrp, stack_count: 1 });
    const send = this.withIrp('data_enter', irp, {
      socket,
      pointer,
      mdl: irp + 0x40n,
      length: 5,
      fn: FUNCTIONS.WskSend,
    });
    this.returned(send, 'WskSend', socket, 0x103);
    this.segment('guest', remote, [1, 6], data);
    this.segment('client', remote, [6, 6]);
    this.completed(send, irp, 'WskSend', { socket, information: 5n });
    this.returned(this.call('release_enter', { socket, pointer, indication }), 'WskRelease', socket);
    this.segment('client', remote, [6, 6], { fin: true });
    const gone = this.callback('disconnect_event_enter', { socket, context });
    this.add('callback_return', { tid: 20, callback: gone, socket });
    this.add('irp_memory', { irp, fn: FUNCTIONS.IoReuseIrp });
    const disconnect = this.withIrp('disconnect_enter', irp, { socket, pointer });
    this.returned(disconnect, 'WskDisconnect', socket, 0x103);
    this.segment('guest', remote, [6, 7], { fin: true });
    this.segment('client', remote, [7, 7]);
    this.completed(disconnect, irp, 'WskDisconnect', { socket });
    this.add('irp_memory', { irp, fn: FUNCTIONS.IoReuseIrp });
    const close = this.withIrp('close_enter', irp, { socket, pointer });
    this.returned(close, 'WskCloseSocket', socket, 0x103);
    this.completed(close, irp, 'WskCloseSocket', { socket });
    this.add('irp_memory', { irp, fn: FUNCTIONS.IoFreeIrp });
    this.add('pool_free', { address: context });
  }

  private call<Name extends EventName>(event: Name, fields: Partial<RecordOf<Name>>): number {
    const call = ++this.numbers;
    this.add(event, { ...fields, call });
    return call;
  }

  private withIrp<Name extends EventName>(event: Name, irp: bigint, fields: Partial<RecordOf<Name>>): number {
    const call = this.numbers + 1;
    this.add('irp_state', {
      call,
      irp,
      routine: COMPLETION_ROUTINE,
      control: 0xe0,
      stack_count: 1,
      current_location: 2,
    });
    return this.call(event, { ...fields, irp });
  }

  private callback<Name extends EventName>(event: Name, fields: Partial<RecordOf<Name>>): number {
    const callback = ++this.numbers;
    this.add(event, { ...fields, callback, tid: 20 });
    return callback;
  }

  private returned(call: number, fn: FunctionName, socket = 0, status = 0): void {
    this.add('call_return', { call, socket, fn: FUNCTIONS[fn], status });
  }

  private completed(
    call: number,
    irp: bigint,
    fn: FunctionName,
    result: Partial<RecordOf<'irp_complete'>>,
  ): void {
    const where = { tid: 9, irql: 2, call, irp, fn: FUNCTIONS[fn] };
    this.add('irp_complete', { ...where, ...result });
    this.add('irp_complete_return', { ...where, status: STATUS_MORE_PROCESSING_REQUIRED });
  }

  private add<Name extends EventName>(event: Name, fields: Partial<RecordOf<Name>>): void {
    this.pieces.push({ source: 'trace', record: this.maker.make(event, fields) });
  }

  /** A segment of the client, or of the guest; numbers are relative to those of the SYNs. */
  private segment(
    from: 'client' | 'guest',
    remote: SocketAddress,
    [sequence, acknowledgement]: readonly [number, number],
    more: Partial<Packet> = {},
  ): void {
    if (!this.hasWire) return;
    const [source, destination] = from === 'client' ? [remote, LOCAL] : [LOCAL, remote];
    const flags = { syn: false, ack: true, fin: false, rst: false, psh: false };
    const numbers = { sequence, acknowledgement, payloadBytes: 0 };
    const place = { position: this.packets++, time: this.maker.time };
    const packet = { ...place, source, destination, ...flags, ...numbers, ...more };
    this.pieces.push({ source: 'wire', packet });
  }

  private take(): Evidence[] {
    return this.pieces.splice(0);
  }
}

export interface CheckerFigures {
  events: number;
  rules: number;
  eventsPerSecond: number;
  /** Of the whole process, and what the check added to it. */
  peakRssBytes: number;
  addedRssBytes: number;
  /** Clauses that this valid trace is said to break: has to be empty. */
  broken: Verdict[];
}

export async function measureChecker(
  events = EVENTS_WANTED,
  only?: readonly Rule[],
  hasWire = false,
): Promise<CheckerFigures> {
  const rules = only ?? (await loadRules());
  const checker = new Checker({ rules, sources: hasWire ? ['wire'] : [] });
  const traffic = new Traffic(hasWire);
  const before = process.memoryUsage.rss();
  let peak = before;
  let spentNs = 0n;
  const feed = (pieces: readonly Evidence[]) => {
    const begun = process.hrtime.bigint();
    for (const piece of pieces) checker.take(piece);
    spentNs += process.hrtime.bigint() - begun;
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  feed(traffic.begin());
  while (traffic.made < events) {
    const chunk: Evidence[] = [];
    while (chunk.length < CHUNK && traffic.made < events) chunk.push(...traffic.next());
    feed(chunk);
  }
  feed(traffic.end());
  const begun = process.hrtime.bigint();
  const verdicts = checker.end();
  spentNs += process.hrtime.bigint() - begun;
  return {
    events: traffic.made,
    rules: rules.length,
    eventsPerSecond: Math.round((traffic.made * 1e9) / Number(spentNs)),
    peakRssBytes: peak,
    addedRssBytes: peak - before,
    broken: verdicts.filter(({ outcome }) => outcome === 'violated'),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`;
  for (const hasWire of [false, true]) {
    const figures = await measureChecker(EVENTS_WANTED, undefined, hasWire);
    const { events, rules, eventsPerSecond, peakRssBytes, addedRssBytes, broken } = figures;
    const what = hasWire ? 'records and packets' : 'records';
    console.log(`${events} ${what}, ${rules} rules: ${eventsPerSecond} events/s`);
    console.log(`peak RSS ${mebibytes(peakRssBytes)}, of which the check ${mebibytes(addedRssBytes)}`);
    for (const { clause, violations } of broken) console.log(`broken: ${clause}: ${violations[0]?.sentence}`);
    if (broken.length > 0) process.exitCode = 1;
  }
}

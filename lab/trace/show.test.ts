import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arbitraryTrace } from './arbitrary-record.ts';
import { RecordDecoder } from './decoder.ts';
import { encodeRecords, type RecordInput } from './encoder.ts';
import { eventMaskText } from './field-text.ts';
import { FUNCTIONS, SCHEMA_VERSION } from './schema.ts';
import { TraceText } from './show.ts';

const show = (...trace: RecordInput[]) => {
  const text = new TraceText();
  return new RecordDecoder().push(encodeRecords(trace)).records.flatMap((record) => text.lines(record));
};

describe('TraceText', function () {
  this.timeout(60_000);
  it('shows calls inside callbacks, pairs what returns, and names functions, statuses and addresses', () => {
    const local = { family: 2, port: 4000, address: '10.77.0.2' };
    const remote = { family: 23, port: 50000, address: 'fd77::1' };
    const common = { tid: 77, cpu: 1, irql: 2 };
    const lines = show(
      { event: 'trace_start', seed: 7 },
      {
        ...common,
        event: 'accept_event_enter',
        time: 1000,
        callback: 3,
        socket: 1,
        accept_socket: 4,
        local,
        remote,
        flags: 8,
      },
      {
        ...common,
        ...{
          event: 'control_socket_enter',
          time: 2000,
          call: 12,
          socket: 4,
          code: 0x4002,
          event_mask: 0x80000080,
        },
        side: 1,
      },
      {
        ...common,
        event: 'call_return',
        time: 3500,
        call: 12,
        socket: 4,
        fn: FUNCTIONS.WskControlSocket,
        status: 0x40000013,
      },
      {
        ...common,
        event: 'accept_event_return',
        time: 9000,
        callback: 3,
        socket: 1,
        accept_socket: 4,
        status: 0xc00000d0,
      },
      {
        event: 'irp_complete',
        time: 9500,
        call: 12,
        irp: 0x1000n,
        fn: FUNCTIONS.WskSend,
        information: 5n,
        discarded: 2,
      },
      { event: 'crash', time: 9600, code: 0xc0000005, module: 'echo\x1b[2J.sys', discarded: 2 },
    );
    assert.deepEqual(lines, [
      `      0.0000 ms  0/0            . trace_start  frequency 1000000000, seed 7, ring_bytes 0, schema ${SCHEMA_VERSION}, process 0`,
      '      0.0010 ms  1/77     @2   => WskAcceptEvent #3  socket 1, accept_socket 4, local 10.77.0.2:4000, remote [fd77::1]:50000, flags 0x8',
      '      0.0020 ms  1/77     @2 D   -> WskControlSocket #12  socket 4, input_size 0, output_size 0, request 0, code 0x4002, event_mask DISCONNECT|DISABLE',
      '      0.0035 ms  1/77     @2     <- WskControlSocket #12  STATUS_EVENT_PENDING after 1.5 us, socket 4',
      '      0.0090 ms  1/77     @2   <= WskAcceptEvent #3  STATUS_REQUEST_NOT_ACCEPTED after 8.0 us, socket 1, accept_socket 4, context_written 0, table_written 0, addresses_changed 0',
      '-- 2 records are missing here --',
      '      0.0095 ms  0/0           => completion of WskSend #12  STATUS_SUCCESS, socket 0, irp 0x1000, information 0x5',
      "      0.0096 ms  0/0              . crash  code 0xc0000005, access 0, module 'echo?[2J.sys'",
    ]);
  });

  it('names event masks and what has no name in them', () => {
    assert.equal(eventMaskText(0x200), 'ACCEPT');
    assert.equal(eventMaskText(0x800000c0), 'DISCONNECT|RECEIVE|DISABLE');
    assert.equal(eventMaskText(0x1040), 'RECEIVE|0x1000');
    assert.equal(eventMaskText(0), '0x0');
  });

  it('gives one printable line for any record', () => {
    fc.assert(
      fc.property(arbitraryTrace, (trace) => {
        for (const line of show(...trace)) assert.match(line, /^[\x20-\x7e]+$/);
      }),
    );
  });
});

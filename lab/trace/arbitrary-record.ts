/** Test fixture: fast-check arbitraries of records of every event, with values that survive a round trip. */
import fc from 'fast-check';
import { AF_INET, AF_INET6, formatIpv4, formatIpv6 } from './address.ts';
import type { RecordInput } from './encoder.ts';
import type { FieldValue } from './field-codec.ts';
import { EVENTS, type Field } from './schema.ts';

const record = <Shape extends object>(shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) =>
  fc.record<Shape>(shape, { noNullPrototype: true });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const port = fc.nat(0xffff);

const socketAddress = fc.oneof(
  fc.constant(null),
  record({ family: fc.constant(AF_INET), port, address: bytes(4).map((value) => formatIpv4(value)) }),
  record({
    family: fc.constant(AF_INET6),
    port,
    address: fc.tuple(bytes(16), fc.nat(9)).map(([value, scope]) => formatIpv6(value, 0, scope)),
  }),
  record({
    family: fc.constant(0xdddd),
    port,
    address: bytes(16).map((value) => Buffer.from(value).toString('hex')),
  }),
);

function valueOf({ type, display }: Field): fc.Arbitrary<FieldValue> {
  switch (type) {
    case 'u8':
      return fc.nat(0xff);
    case 'u16':
      return fc.nat(0xffff);
    case 'u32':
      return fc.nat(0xffffffff);
    case 'u64':
      return display === 'hex' ? fc.bigInt(0n, 2n ** 64n - 1n) : fc.maxSafeNat();
    case 'i64':
      return fc.maxSafeInteger();
    case 'sockaddr':
      return socketAddress;
    case 'guid':
      return fc.uuid();
    case 'name':
      return fc.stringMatching(/^[a-z0-9_.]{0,31}$/);
  }
}

const RECORDS = EVENTS.filter(({ name }) => name !== 'trace_start' && name !== 'trace_stop').map((event) =>
  record({
    event: fc.constant(event.name),
    tid: fc.nat(0xffffffff),
    cpu: fc.nat(0xffff),
    irql: fc.nat(0xff),
    side: fc.nat(2),
    ...Object.fromEntries(event.fields.map((field) => [field.name, valueOf(field)])),
  }),
);

/** A whole trace: trace_start, up to 20 records of any events, trace_stop; times grow. */
export const arbitraryTrace: fc.Arbitrary<RecordInput[]> = fc
  .array(fc.tuple(fc.oneof(...RECORDS), fc.nat(1e9), fc.nat(3)), { maxLength: 20 })
  .map((steps) => {
    let time = 0;
    let discarded = 0;
    const records = steps.map(([record, later, lost]) => ({
      ...record,
      time: (time += later),
      discarded: (discarded += lost === 3 ? 1 : 0),
    }));
    const all = [{ event: 'trace_start' }, ...records, { event: 'trace_stop', time, discarded }];
    return all as unknown as RecordInput[];
  });

/**
 * What Driver Verifier stops a guest for: bugcheck and parameter 1 name the rule. After Microsoft's pages on the bug checks
 * 0xC4, 0xC9, 0xC1 and 0xC2, in our words; the rules that drivers of WSK can break.
 */
import type { ParameterLabel } from './bugcheck-codes.ts';

export interface VerifierStop {
  rule: string;
  parameters?: readonly ParameterLabel[];
}

/** Stops that only Driver Verifier, or its special pool, makes. */
export const VERIFIER_CODES: readonly number[] = [0xc1, 0xc4, 0xc6, 0xc9, 0xcc, 0xcd, 0xd5, 0xd6, 0xe6];

/** The rule that parameter 1 (0xC1: parameter 4) names; undefined: no words for it, or the code has no such list. */
export function describeStop(code: number, parameters: readonly bigint[]): VerifierStop | undefined {
  const [which = 0n] = code === 0xc1 ? parameters.slice(3) : parameters;
  const known = which <= 0xffff_ffffn ? STOPS[code]?.[Number(which)] : undefined;
  if (known !== undefined) return typeof known === 'string' ? { rule: known } : known;
  if (code === 0xc4 && which >= 0x20000n && which < 0x30000n) return { rule: DDI_RULE };
  return undefined;
}

const DDI_RULE =
  'a rule of DDI compliance checking was broken; its text is where parameter 2 points to, in the memory dump';

const irqlFirst = (rule: string, ...more: ParameterLabel[]): VerifierStop => ({
  rule,
  parameters: [['rule', 'value'], ['IRQL', 'irql'], ...more],
});
const object = (name: string, rule: string): VerifierStop => ({
  rule,
  parameters: [['rule', 'value'], [name, 'address'], null, null],
});
const leak = (rule: string): VerifierStop => ({
  rule,
  parameters: [
    ['rule', 'value'],
    ['name of the driver at', 'address'],
    null,
    ['blocks that were not freed', 'number'],
  ],
});
const POOL: ParameterLabel = ['pool block', 'address'];
const MDL: ParameterLabel = ['MDL', 'address'];
const BYTES: ParameterLabel = ['bytes', 'number'];
const OVERRUN =
  'a block was freed whose end is overwritten: the driver wrote beyond what it had allocated (pool tracking)';
const FREED_BAD = 'the pool block that was to be freed is not as Driver Verifier remembers it';

const STOPS: Readonly<Record<number, Readonly<Record<number, VerifierStop | string>>>> = {
  0xc4: {
    0x00: irqlFirst('zero bytes of pool were asked for', ['pool type', 'value'], null),
    0x01: irqlFirst('paged pool was allocated above APC_LEVEL', ['pool type', 'value'], BYTES),
    0x02: irqlFirst('nonpaged pool was allocated above DISPATCH_LEVEL', ['pool type', 'value'], BYTES),
    0x10: object('address', 'memory was freed that no allocation had given'),
    0x11: irqlFirst('paged pool was freed above APC_LEVEL', ['pool type', 'value'], POOL),
    0x12: irqlFirst('nonpaged pool was freed above DISPATCH_LEVEL', ['pool type', 'value'], POOL),
    0x13: 'pool was freed that had been freed already',
    0x14: 'pool was freed that had been freed already',
    0x15: 'pool was freed in which a timer is still set',
    0x16: 'pool was freed at a bad address, or a memory routine got an invalid parameter',
    0x17: 'pool was freed in which a resource (ERESOURCE) is still in use',
    0x30: irqlFirst('KeRaiseIrql was asked for an IRQL that is lower than the current one, or none', [
      'wanted',
      'irql',
    ]),
    0x31: irqlFirst('KeLowerIrql was asked for an IRQL that is higher than the current one, or none', [
      'wanted',
      'irql',
    ]),
    0x32: irqlFirst('a spin lock was released at another IRQL than DISPATCH_LEVEL: released twice?', [
      'lock',
      'address',
    ]),
    0x33: irqlFirst('a fast mutex was acquired above APC_LEVEL', ['mutex', 'address']),
    0x34: irqlFirst('a fast mutex was released at another IRQL than APC_LEVEL', ['mutex', 'address']),
    0x35: irqlFirst('a spin lock was released at another IRQL than DISPATCH_LEVEL', ['lock', 'address']),
    0x37: irqlFirst('a resource was acquired while APCs are not disabled', null, ['resource', 'address']),
    0x38: irqlFirst('a resource was released while APCs are not disabled', null, ['resource', 'address']),
    0x3c: object('handle', 'ObReferenceObjectByHandle got a bad handle'),
    0x3e: 'KeLeaveCriticalRegion was called by a thread that is in no critical region',
    0x3f: object('object', 'an object was referenced or dereferenced whose count is zero'),
    0x40: irqlFirst('KeAcquireSpinLockAtDpcLevel was called below DISPATCH_LEVEL', ['lock', 'address']),
    0x41: irqlFirst('KeReleaseSpinLockFromDpcLevel was called below DISPATCH_LEVEL', ['lock', 'address']),
    0x42: irqlFirst('KeAcquireSpinLock was called above DISPATCH_LEVEL', ['lock', 'address']),
    0x51: { rule: OVERRUN, parameters: [['rule', 'value'], POOL, ['written at', 'address'], BYTES] },
    0x52: { rule: OVERRUN, parameters: [['rule', 'value'], POOL, null, BYTES] },
    0x53: object('pool block', OVERRUN),
    0x54: object('pool block', OVERRUN),
    0x59: object('pool block', OVERRUN),
    0x60: leak('the driver was unloaded and had not freed all its pool'),
    0x61: leak('a thread of the driver allocates pool while the driver is unloaded'),
    0x62: leak('the driver was unloaded and had not freed all its pool'),
    0x70: irqlFirst('MmProbeAndLockPages was called above DISPATCH_LEVEL', MDL),
    0x71: irqlFirst('MmProbeAndLockProcessPages was called above DISPATCH_LEVEL', MDL),
    0x73: irqlFirst('MmMapIoSpace was called above DISPATCH_LEVEL'),
    0x74: irqlFirst('MmMapLockedPages was called above DISPATCH_LEVEL', MDL),
    0x76: irqlFirst('MmMapLockedPagesSpecifyCache was called above DISPATCH_LEVEL', MDL),
    0x78: irqlFirst('MmUnlockPages was called above DISPATCH_LEVEL', MDL),
    0x79: irqlFirst('MmUnmapLockedPages was called above DISPATCH_LEVEL', ['mapping', 'address'], MDL),
    0x7c: object('MDL', 'MmUnlockPages got an MDL whose pages were never locked'),
    0x7d: object('MDL', 'MmUnlockPages got an MDL of nonpaged pool, which is never to be unlocked'),
    0x7e: irqlFirst('pages for an MDL were allocated or freed above DISPATCH_LEVEL'),
    0x7f: irqlFirst('MmBuildMdlForNonPagedPool got an MDL whose pages are from paged pool', MDL),
    0x80: irqlFirst('KeSetEvent was called above DISPATCH_LEVEL', ['event', 'address']),
    0x81: object(
      'MDL',
      'MmMapLockedPages was used, which stops the system when it fails: use MmMapLockedPagesSpecifyCache',
    ),
    0x82: object('MDL', 'MmMapLockedPagesSpecifyCache was told to stop the system when it fails'),
    0x85: object('MDL', 'pages were mapped that are not locked'),
    0x89: object('MDL', 'an MDL that is not marked as I/O describes addresses that are no memory'),
    0x91: 'the driver switched stacks in a way that the system does not know',
    0xb0: object('MDL', 'MmProbeAndLockPages got an MDL with wrong flags, for example one of nonpaged pool'),
    0xb1: object('MDL', 'MmProbeAndLockProcessPages got an MDL with wrong flags'),
    0xb2: object(
      'MDL',
      'MmMapLockedPages got an MDL with wrong flags, for example one that is mapped already',
    ),
    0xb3: object('MDL', 'MmMapLockedPages got an MDL with wrong flags, for example one that is not locked'),
    0xb4: object('MDL', 'MmUnlockPages got a partial MDL'),
    0xb8: object('MDL', 'IoFreeMdl got an MDL whose pages are still mapped'),
    0xc0: object('IRP', 'IoCallDriver was called with interrupts disabled'),
    0xc1: object('dispatch routine', 'a dispatch routine returned with interrupts disabled'),
    0xc5: object(
      'dispatch routine',
      'a dispatch routine left APCs disabled or enabled them once too often: a critical region or mutex is not paired',
    ),
    0xca: object('lookaside list', 'a lookaside list was initialised twice'),
    0xcb: object('lookaside list', 'a lookaside list was deleted that was never initialised'),
    0xcc: object('lookaside list', 'pool was freed that holds an active lookaside list'),
    0xcd: object('lookaside list', 'a lookaside list was made with blocks that are too small'),
    0xd0: object('resource', 'an ERESOURCE was initialised twice'),
    0xd1: object('resource', 'an ERESOURCE was deleted that was never initialised'),
    0xd2: object('resource', 'pool was freed that holds an active ERESOURCE'),
    0xd5: object('remove lock', 'a remove lock was released with another tag than it was acquired with'),
    0xd6: object('remove lock', 'IoReleaseRemoveLockAndWait got another tag than the lock was acquired with'),
    0xd7: object('remove lock', 'a remove lock was initialised a second time'),
    0xda: 'the driver was unloaded and had not deregistered its WMI callback',
    0xdb: object('device object', 'a device object was deleted that is still registered with WMI'),
    0xdc: 'EtwUnregister got an invalid handle',
    0xdd: 'the driver was unloaded and had not called EtwUnregister',
    0xdf: object('object', 'an object to wait for stands in session memory'),
    0xe0: object('address', 'a function of the kernel got a user-mode address as a parameter'),
    0xe1: object('object', 'an object to wait for stands in pageable memory, or nowhere'),
    0xe2: object('IRP', 'an IRP of kernel mode holds a user-mode address'),
    0xe3: object('call', 'a Zw function got a user-mode address as a parameter'),
    0xe4: object('call', 'a Zw function got a malformed UNICODE_STRING'),
    0xe5: irqlFirst('a function of the kernel was called at the wrong IRQL'),
    0xe6: object('call', 'a Zw function was not called at PASSIVE_LEVEL with special kernel APCs enabled'),
    0xea: irqlFirst('a push lock was acquired with APCs enabled', null, ['lock', 'address']),
    0xeb: irqlFirst('a push lock was released with APCs enabled', null, ['lock', 'address']),
    0xf0: object('destination', 'memcpy was called with buffers that overlap'),
    0xf5: 'ObReferenceObjectByHandle got a NULL handle',
    0xf6: object('handle', 'a user-mode handle was referenced as one of kernel mode'),
    0xf7: object('handle', 'a kernel handle was referenced as one of user mode'),
    0xfa: object('completion routine', 'a completion routine returned at another IRQL than it was called at'),
    0xfb: object(
      'completion routine',
      'a completion routine left APCs disabled or enabled them once too often',
    ),
    0x105: object('IRP', 'an IRP was freed by ExFreePool instead of IoFreeIrp'),
    0x10a: 'pool quota was charged to the idle process',
    0x10b: 'pool quota was charged from a DPC, where no process can be meant',
    0x110: object('interrupt routine', 'an interrupt routine corrupted the extended state of a thread'),
    0x111: object('interrupt routine', 'an interrupt routine returned at another IRQL'),
    0x115: object('thread', 'the shutdown has not come to its end for 20 minutes: a deadlock?'),
    0x11a: irqlFirst('KeEnterCriticalRegion was called above APC_LEVEL'),
    0x11b: irqlFirst('KeLeaveCriticalRegion was called above APC_LEVEL'),
    0x120: object('IRQL at', 'a thread waited above DISPATCH_LEVEL'),
    0x121: object('IRQL at', 'a thread waited at DISPATCH_LEVEL without a time limit'),
    0x122: object('IRQL at', 'a thread waited at DISPATCH_LEVEL with a time limit other than zero'),
    0x123: object('object', 'a wait of user mode was made for an object on the kernel stack'),
    0x130: object('work item', 'a work item stands in session memory'),
    0x131: object('work item', 'a work item stands in pageable memory'),
    0x135: {
      rule: 'a cancelled IRP was not completed in time',
      parameters: [['rule', 'value'], ['IRP', 'address'], ['milliseconds allowed', 'number'], null],
    },
    0x13a: object('pool block', FREED_BAD),
    0x13b: object('pool block', FREED_BAD),
    0x13c: object('pool block', FREED_BAD),
    0x13d: object('pool block', FREED_BAD),
    0x13e: object('pool block', 'the address that was to be freed is not the one that was allocated'),
    0x13f: object('pool block', FREED_BAD),
    0x140: irqlFirst('an MDL that is not locked was made of pageable memory', MDL),
    0x1000: object('lock', 'deadlock: a thread acquired a lock that it holds already'),
    0x1001: object('lock', 'deadlock: locks are acquired in different orders'),
    0x1002: object('lock', 'a lock was acquired that was never initialised'),
    0x1003: object('lock', 'a lock was released in the wrong order'),
    0x1004: object('lock', 'a lock was released by a thread that does not hold it'),
    0x1005: object('lock', 'a lock was initialised more than once'),
    0x1007: object('lock', 'a lock was released that nobody holds'),
    0x1008: object('lock', 'a lock was acquired by a function for another kind of lock'),
    0x1009: object('lock', 'a lock was released by a function for another kind of lock'),
    0x100a: object('thread', 'a thread ended that holds a lock'),
    0x100b: object('lock', 'a lock was deleted that a thread holds'),
  },
  0xc9: {
    0x01: object('IRP', 'IoFreeIrp got something that is no IRP'),
    0x02: object('IRP', 'an IRP was freed that still belongs to a thread'),
    0x03: object('IRP', 'IoCallDriver got something that is no IRP'),
    0x04: object('device object', 'IoCallDriver got an invalid device object'),
    0x05: object('device object', 'a dispatch routine returned at another IRQL'),
    0x06: {
      rule: 'an IRP was completed with STATUS_PENDING, or with -1, as its status',
      parameters: [['rule', 'value'], ['status', 'status'], ['IRP', 'address'], null],
    },
    0x07: {
      rule: 'an IRP was completed while its cancel routine was still set',
      parameters: [['rule', 'value'], ['cancel routine', 'address'], ['IRP', 'address'], null],
    },
    0x08: object('device object', 'IoBuildAsynchronousFsdRequest got an invalid buffer'),
    0x09: object('device object', 'IoBuildDeviceIoControlRequest got an invalid buffer'),
    0x0a: object('device object', 'IoInitializeTimer got a device object that has a timer already'),
    0x0c: object('status block', 'an I/O status block stands on a stack that has been left'),
    0x0d: object('event', 'an event of an IRP stands on a stack that has been left'),
    0x0e: irqlFirst('IoCompleteRequest was called above DISPATCH_LEVEL', ['IRP', 'address']),
    0x0f: object('device object', 'a create request was sent with a file object that is closed'),
    0x10: irqlFirst('IoCallDriver was called above DISPATCH_LEVEL'),
    0x203: object('code', 'IoCallDriver was called with an IRP whose cancel routine is still set'),
    0x204: object('code', 'IoCallDriver was called without a device object'),
    0x205: object(
      'code',
      'an IRP was forwarded that is still queued below: STATUS_PENDING is handled wrongly',
    ),
    0x206: object('code', 'an IRP was forwarded whose stack location was not prepared'),
    0x207: object(
      'code',
      "an IRP's stack location was copied with the completion routine of the layer above",
    ),
    0x208: object('code', 'an IRP has no stack location left'),
    0x209: object(
      'code',
      'an IRP was completed that is still queued below: STATUS_PENDING is handled wrongly',
    ),
    0x20a: object('code', 'IoFreeIrp got an IRP that is still in use'),
    0x20b: object('code', 'IoFreeIrp got an IRP that is still in use'),
    0x20c: object('code', 'IoFreeIrp got an IRP that is still queued to a thread'),
    0x20d: object('code', 'IoInitializeIrp got an IRP of IoAllocateIrp: use IoReuseIrp'),
  },
  0xc2: {
    0x06: object('code', 'pool was freed that had been freed already'),
    0x07: object('code', 'pool was freed that had been freed already'),
    0x08: irqlFirst(
      'pool was allocated at an IRQL that its type does not allow',
      ['pool type', 'value'],
      BYTES,
    ),
    0x09: irqlFirst('pool was freed at an IRQL that its type does not allow', ['pool type', 'value'], POOL),
    0x0a: {
      rule: 'pool was freed with another tag than it was allocated with',
      parameters: [
        ['kind of mistake', 'value'],
        POOL,
        ['tag of the allocation', 'value'],
        ['tag of the free', 'value'],
      ],
    },
    0x46: object('address', 'an address was freed that is no pool'),
    0x99: object('address', 'an address was freed that is no pool, or has been freed'),
    0x9b: 'pool was allocated with the tag 0',
  },
  0xc1: {
    0x20: 'pool was freed that was never allocated',
    0x21: 'a bad address was freed',
    0x22: 'a bad address was freed',
    0x23: 'bytes beside the block are overwritten: the driver wrote outside its own',
    0x24: 'bytes behind the block are overwritten: the driver wrote beyond its end',
    0x30: 'pool was allocated at an IRQL that its type does not allow',
    0x31: 'pool was freed at an IRQL that its type does not allow',
  },
};

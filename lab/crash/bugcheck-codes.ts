/** The bugcheck codes that drivers meet: name, what it means, what its four parameters are. A table and nothing else. */

/** How a parameter is written: as a name of a list, or in the form of its kind. */
export type ParameterKind = 'address' | 'value' | 'number' | 'irql' | 'access' | 'status' | readonly string[];

/** null: reserved, or of no use without a debugger. */
export type ParameterLabel = readonly [name: string, kind: ParameterKind] | null;

export interface BugcheckFacts {
  name: string;
  /** Lower-case start, no full stop. */
  means: string;
  parameters: readonly ParameterLabel[];
  /** 'guest': the machine, its host or the lab itself is the likelier reason. */
  blame?: 'guest';
}

const TOUCHED: ParameterLabel = ['address that was touched', 'address'];
const IRQL: ParameterLabel = ['IRQL', 'irql'];
const ACCESS: ParameterLabel = ['access', 'access'];
const FROM: ParameterLabel = ['code that touched it', 'address'];
const FAULT: readonly ParameterLabel[] = [TOUCHED, IRQL, ACCESS, FROM];
const UNRECORDED: readonly ParameterLabel[] = [TOUCHED, ACCESS, FROM, null];
const KIND: ParameterLabel = ['kind of mistake', 'value'];
const EXCEPTION: ParameterLabel = ['exception', 'status'];
const AT: ParameterLabel = ['code that raised it', 'address'];
const TRAPS = [
  ...['division by zero', 'debug trap', 'NMI', 'breakpoint', 'overflow', 'bound range', 'invalid opcode'],
  ...['no FPU', 'double fault, often a kernel stack that overflowed', 'FPU overrun', 'invalid TSS'],
  ...['segment not present', 'stack fault', 'general protection fault', 'page fault'],
];
const FAIL_FASTS = [
  ...['a stack buffer was overrun', 'virtual call guard', 'a stack cookie was overwritten'],
  ...['a LIST_ENTRY is corrupted: an entry was removed twice, inserted twice or overwritten', 'bad stack'],
  ...['invalid argument', 'a stack cookie was never initialised', 'fatal exit of an application'],
  ...['a range check failed', 'unsafe registry access', 'an indirect call that is not allowed'],
];

export const BUGCHECKS: Readonly<Record<number, BugcheckFacts>> = {
  0x0a: {
    name: 'IRQL_NOT_LESS_OR_EQUAL',
    means:
      'kernel code touched memory that is paged out, freed or not there, at an IRQL at which no page fault is allowed',
    parameters: FAULT,
  },
  0x18: {
    name: 'REFERENCE_BY_POINTER',
    means: 'the reference count of an object went below what is possible: it was dereferenced once too often',
    parameters: [['object type', 'address'], ['object', 'address'], null, null],
  },
  0x19: {
    name: 'BAD_POOL_HEADER',
    means:
      'the header of a pool block is overwritten: somebody wrote beyond the end of the block before it, or into freed memory',
    parameters: [KIND, ['pool block', 'address'], null, null],
  },
  0x1a: {
    name: 'MEMORY_MANAGEMENT',
    means:
      "the memory manager found its own data wrong, for example page tables or an MDL's page lists overwritten",
    parameters: [KIND, null, null, null],
  },
  0x1e: {
    name: 'KMODE_EXCEPTION_NOT_HANDLED',
    means: 'kernel code raised an exception that nobody handled',
    parameters: [
      EXCEPTION,
      AT,
      ["the exception's first parameter", 'value'],
      ["the exception's second parameter", 'address'],
    ],
  },
  0x3b: {
    name: 'SYSTEM_SERVICE_EXCEPTION',
    means:
      'an exception was raised while a thread was on its way from user mode into the kernel, often by a driver below an ioctl',
    parameters: [EXCEPTION, AT, ['context record', 'address'], null],
  },
  0x44: {
    name: 'MULTIPLE_IRP_COMPLETE_REQUESTS',
    means: 'an IRP was completed twice',
    parameters: [['IRP', 'address'], null, null, null],
  },
  0x4e: {
    name: 'PFN_LIST_CORRUPT',
    means:
      'the list of physical pages is wrong: an MDL was unlocked too often, or freed while its pages were in use',
    parameters: [KIND, ['page frame', 'value'], null, null],
  },
  0x50: {
    name: 'PAGE_FAULT_IN_NONPAGED_AREA',
    means: 'kernel code touched an address that no memory stands behind: a wild or stale pointer',
    parameters: [TOUCHED, ACCESS, FROM, null],
  },
  0x76: {
    name: 'PROCESS_HAS_LOCKED_PAGES',
    means: 'a process ended while pages of it were still locked: an MDL was not unlocked',
    parameters: [null, ['process', 'address'], ['locked pages', 'number'], null],
  },
  0x7b: {
    name: 'INACCESSIBLE_BOOT_DEVICE',
    means: 'Windows could not reach its own disk while it booted',
    parameters: [],
    blame: 'guest',
  },
  0x7e: {
    name: 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED',
    means:
      "a system thread (a driver's own, or one that runs a work item) raised an exception that nobody handled",
    parameters: [EXCEPTION, AT, ['exception record', 'address'], ['context record', 'address']],
  },
  0x7f: {
    name: 'UNEXPECTED_KERNEL_MODE_TRAP',
    means: 'the processor raised a trap that the kernel does not expect of kernel code',
    parameters: [['trap', TRAPS], null, null, null],
  },
  0x80: {
    name: 'NMI_HARDWARE_FAILURE',
    means: 'a non-maskable interrupt: the lab sends one to a guest that hangs, so that it leaves a dump',
    parameters: [],
    blame: 'guest',
  },
  0x8e: {
    name: 'KERNEL_MODE_EXCEPTION_NOT_HANDLED',
    means: 'kernel code raised an exception that nobody handled',
    parameters: [EXCEPTION, AT, ['trap frame', 'address'], null],
  },
  0x9f: {
    name: 'DRIVER_POWER_STATE_FAILURE',
    means: 'a power IRP was not completed in time, or not passed on',
    parameters: [KIND, ['device object', 'address'], null, ['IRP', 'address']],
  },
  0xb8: {
    name: 'ATTEMPTED_SWITCH_FROM_DPC',
    means: 'a DPC routine waited: code at DISPATCH_LEVEL may not wait',
    parameters: [['thread', 'address'], ['thread it would have switched to', 'address'], null, null],
  },
  0xbe: {
    name: 'ATTEMPTED_WRITE_TO_READONLY_MEMORY',
    means: 'kernel code wrote to memory that may only be read',
    parameters: [TOUCHED, ['page table entry', 'value'], null, null],
  },
  0xc1: {
    name: 'SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION',
    means:
      'a driver wrote outside its block of special pool, or freed it wrongly; seen when the block was freed',
    parameters: [
      ['address that was to be freed', 'address'],
      ['corrupted address, or bytes', 'address'],
      null,
      KIND,
    ],
  },
  0xc2: {
    name: 'BAD_POOL_CALLER',
    means:
      'a driver asked the pool for something that is not allowed: a block freed twice, with the wrong tag, or at the wrong IRQL',
    parameters: [KIND, null, null, ['pool block', 'address']],
  },
  0xc4: {
    name: 'DRIVER_VERIFIER_DETECTED_VIOLATION',
    means: 'Driver Verifier saw a rule broken that the lab has no words for',
    parameters: [['rule', 'value'], null, null, null],
  },
  0xc5: {
    name: 'DRIVER_CORRUPTED_EXPOOL',
    means:
      "the pool's own lists lead to an address that cannot be: a driver wrote over pool that is not its own",
    parameters: FAULT,
  },
  0xc6: {
    name: 'DRIVER_CAUGHT_MODIFYING_FREED_POOL',
    means: 'a driver wrote to pool that it had freed',
    parameters: [TOUCHED, ACCESS, null, null],
  },
  0xc7: {
    name: 'TIMER_OR_DPC_INVALID',
    means: 'memory was freed or a driver unloaded with a timer or DPC still queued in it',
    parameters: [
      ['what was found', ['a timer', 'a DPC', "a DPC's routine"]],
      ['its address', 'address'],
      ['from', 'address'],
      ['to', 'address'],
    ],
  },
  0xc9: {
    name: 'DRIVER_VERIFIER_IOMANAGER_VIOLATION',
    means: "Driver Verifier's I/O verification saw a rule broken that the lab has no words for",
    parameters: [['rule', 'value'], null, null, null],
  },
  0xcb: {
    name: 'DRIVER_LEFT_LOCKED_PAGES_IN_PROCESS',
    means: 'a driver did not unlock pages of a process that ended',
    parameters: [['code that locked them', 'address'], null, ['MDL', 'address'], null],
  },
  0xcc: {
    name: 'PAGE_FAULT_IN_FREED_SPECIAL_POOL',
    means: 'the system touched special pool that a driver had freed: it was still in use',
    parameters: UNRECORDED,
  },
  0xcd: {
    name: 'PAGE_FAULT_BEYOND_END_OF_ALLOCATION',
    means: "the system touched memory beyond the end of a driver's block of special pool",
    parameters: UNRECORDED,
  },
  0xce: {
    name: 'DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS',
    means:
      'a driver was unloaded and is called nevertheless: a callback, completion routine, timer, DPC, thread or work item of it was still to come',
    parameters: UNRECORDED,
  },
  0xd0: {
    name: 'DRIVER_CORRUPTED_MMPOOL',
    means:
      "the memory manager's lists lead to an address that cannot be: a driver wrote over pool that is not its own",
    parameters: FAULT,
  },
  0xd1: {
    name: 'DRIVER_IRQL_NOT_LESS_OR_EQUAL',
    means:
      'a driver touched memory that is paged out, freed or not there, at an IRQL at which no page fault is allowed',
    parameters: FAULT,
  },
  0xd3: {
    name: 'DRIVER_PORTION_MUST_BE_NONPAGED',
    means: 'a driver marked code or data as pageable that it uses at a raised IRQL',
    parameters: FAULT,
  },
  0xd4: {
    name: 'SYSTEM_SCAN_AT_RAISED_IRQL_CAUGHT_IMPROPER_DRIVER_UNLOAD',
    means: 'a driver was unloaded without undoing what it had registered or queued',
    parameters: FAULT,
  },
  0xd5: {
    name: 'DRIVER_PAGE_FAULT_IN_FREED_SPECIAL_POOL',
    means: 'a driver touched special pool that it had freed: use after free',
    parameters: UNRECORDED,
  },
  0xd6: {
    name: 'DRIVER_PAGE_FAULT_BEYOND_END_OF_ALLOCATION',
    means: 'a driver touched memory beyond the end of its block of special pool: buffer overrun',
    parameters: UNRECORDED,
  },
  0xd8: {
    name: 'DRIVER_USED_EXCESSIVE_PTES',
    means: 'the system ran out of page table entries: mappings of MDLs were not undone',
    parameters: [],
  },
  0xd9: {
    name: 'LOCKED_PAGES_TRACKER_CORRUPTION',
    means: 'the list of locked pages is wrong: an MDL was unlocked that is not in it',
    parameters: [KIND, null, ['locked pages', 'number'], null],
  },
  0xda: {
    name: 'SYSTEM_PTE_MISUSE',
    means:
      'system page table entries were used wrongly: something unmapped twice, or with other values than it was mapped with',
    parameters: [KIND, null, null, null],
  },
  0xe2: {
    name: 'MANUALLY_INITIATED_CRASH',
    means: 'the crash was asked for',
    parameters: [],
  },
  0xe4: {
    name: 'WORKER_INVALID',
    means: 'memory was freed that holds a work item which is still queued, or a work item was queued twice',
    parameters: [KIND, ['work item', 'address'], ['from', 'address'], ['to', 'address']],
  },
  0xe6: {
    name: 'DRIVER_VERIFIER_DMA_VIOLATION',
    means: "Driver Verifier's DMA verification saw a rule broken",
    parameters: [['rule', 'value'], null, null, null],
  },
  0xef: {
    name: 'CRITICAL_PROCESS_DIED',
    means: 'a process without which Windows cannot go on has ended',
    parameters: [['process', 'address'], null, null, null],
    blame: 'guest',
  },
  0xf7: {
    name: 'DRIVER_OVERRAN_STACK_BUFFER',
    means: 'a driver wrote beyond the end of a buffer on its stack',
    parameters: [['cookie found', 'address'], ['cookie expected', 'address'], null, null],
  },
  0xfc: {
    name: 'ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY',
    means:
      'kernel code jumped to memory that is not code: a wild function pointer, or one into a driver that is gone',
    parameters: [['address that was to be executed', 'address'], ['page table entry', 'value'], null, null],
  },
  0x101: {
    name: 'CLOCK_WATCHDOG_TIMEOUT',
    means:
      'a processor took no clock interrupt for too long: the host did not let it run, or code holds it at a high IRQL',
    parameters: [['clock ticks', 'number'], null, ['processor block', 'address'], ['processor', 'number']],
    blame: 'guest',
  },
  0x109: {
    name: 'CRITICAL_STRUCTURE_CORRUPTION',
    means:
      'kernel code or data that must not change was changed: a driver wrote through a wild pointer, or patched the kernel',
    parameters: [null, null, null, ['region', 'value']],
  },
  0x10d: {
    name: 'WDF_VIOLATION',
    means: 'a driver of the Windows Driver Framework broke one of its rules',
    parameters: [['rule', 'value'], null, null, null],
  },
  0x124: {
    name: 'WHEA_UNCORRECTABLE_ERROR',
    means: 'the hardware, here the virtual machine, reported an error that cannot be mended',
    parameters: [],
    blame: 'guest',
  },
  0x133: {
    name: 'DPC_WATCHDOG_VIOLATION',
    means:
      'code ran too long at DISPATCH_LEVEL: a DPC or a callback that loops or spins (on an overloaded host also one that was not let run)',
    parameters: [
      ['what took too long', ['one DPC or interrupt routine', 'all time at DISPATCH_LEVEL together']],
      ['ticks', 'number'],
      ['ticks allowed', 'value'],
      null,
    ],
  },
  0x139: {
    name: 'KERNEL_SECURITY_CHECK_FAILURE',
    means: 'kernel code found a data structure corrupted and stopped at once',
    parameters: [
      ['what was found', FAIL_FASTS],
      ['trap frame', 'address'],
      ['exception record', 'address'],
      null,
    ],
  },
  0x13a: {
    name: 'KERNEL_MODE_HEAP_CORRUPTION',
    means: 'the pool found one of its blocks corrupted: somebody wrote outside his own, or freed one twice',
    parameters: [KIND, ['heap', 'address'], ['pool block', 'address'], null],
  },
  0x161: {
    name: 'LIVE_SYSTEM_DUMP',
    means: 'no crash: the memory was dumped from outside while the guest ran',
    parameters: [],
    blame: 'guest',
  },
  0x162: {
    name: 'KERNEL_AUTO_BOOST_INVALID_LOCK_RELEASE',
    means: 'a lock was released by a thread that does not hold it',
    parameters: [['thread', 'address'], ['lock', 'address'], null, null],
  },
};

/**
 * Kernel supplement of the reference guest: what WSK drivers commonly import from ntoskrnl.exe and hal.dll
 * and Wine 8.0 lacks, leaves as a stub or does wrongly. The lab points a driver's imports here.
 *
 * A function is called SupXxx here and exported as Xxx (ntsup.def), so that Xxx itself still means Wine's.
 */
#pragma once

#include "compat/kernel.h"
#include "host.h"

/** The function has the type that the kernel headers give it. */
#define SUPPLIES(Name)                                                                                       \
    _Static_assert(__builtin_types_compatible_p(__typeof__(Name), __typeof__(Sup##Name)),                    \
                   "Sup" #Name " is not declared as " #Name)

/* irql.c: an IRQL per thread, served to MOV to and from CR8 by a vectored exception handler. */
NTSTATUS IrqlInitialize(VOID);
VOID IrqlUninitialize(VOID);
/** Exported. Cheap: one read or write of thread-local memory. */
KIRQL NTAPI NtsupGetIrql(VOID);
VOID NTAPI NtsupSetIrql(_In_ KIRQL Irql);

/* dpc.c and timer.c: one thread each, which run what is queued at simulated DISPATCH_LEVEL. */
NTSTATUS DpcInitialize(VOID);
BOOLEAN NTAPI SupKeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2);
BOOLEAN NTAPI SupKeRemoveQueueDpc(PRKDPC Dpc);
NTSTATUS TimerInitialize(VOID);

/* time.c */
/** 100 ns since the machine started, monotonic. */
ULONGLONG InterruptTime(VOID);

/* memory.c */
/** Exported. Name of the section that holds a block of SupMmAllocateContiguousMemory; NULL for any other. */
PCWSTR NTAPI NtsupContiguousMemoryName(_In_ PVOID BaseAddress);

/* crash.c: what no driver handles ends the driver host, as a bugcheck ends Windows. */
typedef VOID (*NTSUP_CRASH_ROUTINE)(ULONG Code, ULONG Access, VOID *Address, VOID *Target, const CHAR *Module,
                                    ULONGLONG Offset);
NTSTATUS CrashInitialize(VOID);
VOID CrashUninitialize(VOID);
/** Exported. `Routine` is called once, before the process ends; it must not wait. NULL: none. */
VOID NTAPI NtsupSetCrashRoutine(_In_opt_ NTSUP_CRASH_ROUTINE Routine);
/** Ends the driver host with exit code `Code`; `Address` tells whose fault it is. */
DECLSPEC_NORETURN VOID BugCheck(_In_ ULONG Code, _In_ ULONG Access, _In_ PVOID Address, _In_ PVOID Target);
#define BUGCHECK(Code, Access, Target)                                                                       \
    BugCheck((Code), (Access), __builtin_return_address(0), (PVOID)(Target))

/* panic.c */
typedef struct _STOP {
    ULONG Code;
    ULONG64 Parameters[4];
} STOP;
VOID PanicInitialize(VOID);
/** Comes back where a crash is no more than the driver host's end. At any IRQL, with any lock held. */
VOID PanicIfWanted(_In_ const STOP *Stop);

/* debug.c */
VOID ConsolePrint(_In_z_ const CHAR *Format, ...);

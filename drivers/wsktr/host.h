/*
 * What one host has and another lacks, looked up by name when the recorder is loaded: functions of the
 * reference guest's kernel supplement, and kernel functions that older Windows versions do not export.
 */
#ifndef HOST_H
#define HOST_H

#include "recorder.h"

/* How the supplement tells of an unhandled exception in the driver host, just before the process ends.
 * `Access` is 0 read, 1 write, 8 execute; `Target` is what was accessed; `Module` and `Offset` say where
 * `Address` lies. */
typedef VOID CRASH_ROUTINE(ULONG Code, ULONG Access, PVOID Address, PVOID Target, const char *Module,
                           ULONGLONG Offset);

/* Members are NULL where the host has no such function. */
typedef struct _HOST {
    KIRQL (*GetIrql)(VOID);
    VOID (*SetIrql)(KIRQL Irql);
    VOID (*SetCrashRoutine)(CRASH_ROUTINE *Routine);
    PCWSTR (*ContiguousMemoryName)(PVOID Base);
    PVOID(NTAPI *AllocatePool2)(ULONG64 Flags, SIZE_T Bytes, ULONG Tag);
} HOST;

extern HOST Host;

_IRQL_requires_(PASSIVE_LEVEL) VOID HostInitialize(VOID);

/*
 * Makes it PASSIVE_LEVEL, where that is possible: on a real system nobody may lower what a caller has raised,
 * on the reference guest the IRQL is a number. FALSE if it is higher still. HostRestoreIrql undoes it either
 * way.
 */
_Must_inspect_result_ BOOLEAN HostLowerIrql(_Out_ KIRQL *OldIrql);
VOID HostRestoreIrql(_In_ KIRQL OldIrql);

#endif

/*
 * Kernel functions that the driver under test finds in the recorder instead of in the kernel. They do what
 * the real ones do, at the same IRQL, and record it. Contracts: wdm.h.
 */
#ifndef HOOKS_H
#define HOOKS_H

#include "recorder.h"

NTSTATUS NTAPI OwnWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                      BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSTATUS NTAPI OwnWaitForMultipleObjects(ULONG Count, PVOID Objects[], WAIT_TYPE WaitType,
                                         KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                         PLARGE_INTEGER Timeout, PKWAIT_BLOCK WaitBlocks);
NTSTATUS NTAPI OwnDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval);

PIRP NTAPI OwnAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota);
VOID NTAPI OwnFreeIrp(PIRP Irp);
VOID NTAPI OwnReuseIrp(PIRP Irp, NTSTATUS Status);
PMDL NTAPI OwnAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota,
                          PIRP Irp);
VOID NTAPI OwnFreeMdl(PMDL Mdl);

PVOID NTAPI OwnAllocatePool(POOL_TYPE PoolType, SIZE_T Bytes);
PVOID NTAPI OwnAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T Bytes, ULONG Tag);
PVOID NTAPI OwnAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T Bytes, ULONG Tag);
PVOID NTAPI OwnAllocatePool2(ULONG64 Flags, SIZE_T Bytes, ULONG Tag);
VOID NTAPI OwnFreePool(PVOID Address);
VOID NTAPI OwnFreePoolWithTag(PVOID Address, ULONG Tag);

/* Answers with a function of the above where a driver looks one up by name, so that it is recorded all the
 * same. */
PVOID NTAPI OwnGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName);

#endif

/**
 * Deferred procedure calls: one queue, one thread that runs it at simulated DISPATCH_LEVEL (a machine with
 * one processor that takes DPCs).
 */
#include "ntsup.h"

static HOST_LOCK QueueLock;
static LIST_ENTRY Queue;
static volatile LONG Inserted; /* changes with each insertion; the thread sleeps on it */
static volatile LONG Running;  /* 1 while a routine runs or is about to; waiters sleep on it */
static ULONG DpcThreadId;

static PKDPC TakeFirst(VOID)
{
    PKDPC dpc = NULL;
    RtlAcquireSRWLockExclusive(&QueueLock);
    Running = 0;
    if (!IsListEmpty(&Queue)) {
        dpc = CONTAINING_RECORD(RemoveHeadList(&Queue), KDPC, DpcListEntry);
        dpc->DpcData = NULL;
        Running = 1;
    }
    RtlReleaseSRWLockExclusive(&QueueLock);
    RtlWakeAddressAll((const VOID *)&Running);
    return dpc;
}

static ULONG NTAPI DpcThread(PVOID Parameter)
{
    UNREFERENCED_PARAMETER(Parameter);
    NtsupSetIrql(DISPATCH_LEVEL);
    for (;;) {
        LONG seen = Inserted;
        PKDPC dpc = TakeFirst();
        if (dpc == NULL) {
            RtlWaitOnAddress((const VOID *)&Inserted, &seen, sizeof(seen), NULL);
            continue;
        }
        /* The routine may free or queue the DPC again: nothing of it is used after the call. */
        PKDEFERRED_ROUTINE routine = dpc->DeferredRoutine;
        routine(dpc, dpc->DeferredContext, dpc->SystemArgument1, dpc->SystemArgument2);
        if (NtsupGetIrql() != DISPATCH_LEVEL) {
            BugCheck(IRQL_UNEXPECTED_VALUE, NtsupGetIrql(), (PVOID)routine, dpc);
        }
    }
    return 0;
}

NTSTATUS DpcInitialize(VOID)
{
    InitializeListHead(&Queue);
    HANDLE thread = CreateThread(NULL, 0, DpcThread, NULL, 0, &DpcThreadId);
    if (thread == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    CloseHandle(thread);
    return STATUS_SUCCESS;
}

VOID NTAPI SupKeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
VOID NTAPI SupKeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
    RtlZeroMemory(Dpc, sizeof(*Dpc));
    Dpc->Type = 19; /* DpcObject */
    Dpc->Importance = MediumImportance;
    Dpc->DeferredRoutine = DeferredRoutine;
    Dpc->DeferredContext = DeferredContext;
}
SUPPLIES(KeInitializeDpc);

BOOLEAN NTAPI SupKeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    BOOLEAN inserted = FALSE;
    RtlAcquireSRWLockExclusive(&QueueLock);
    if (Dpc->DpcData == NULL) {
        Dpc->DpcData = &Queue; /* it is in the queue */
        Dpc->SystemArgument1 = SystemArgument1;
        Dpc->SystemArgument2 = SystemArgument2;
        if (Dpc->Importance == HighImportance) {
            InsertHeadList(&Queue, &Dpc->DpcListEntry);
        } else {
            InsertTailList(&Queue, &Dpc->DpcListEntry);
        }
        InterlockedIncrement(&Inserted);
        inserted = TRUE;
    }
    RtlReleaseSRWLockExclusive(&QueueLock);
    if (inserted) {
        RtlWakeAddressAll((const VOID *)&Inserted);
    }
    return inserted;
}
SUPPLIES(KeInsertQueueDpc);

BOOLEAN NTAPI SupKeRemoveQueueDpc(PRKDPC Dpc)
{
    BOOLEAN removed = FALSE;
    RtlAcquireSRWLockExclusive(&QueueLock);
    if (Dpc->DpcData != NULL) {
        RemoveEntryList(&Dpc->DpcListEntry);
        Dpc->DpcData = NULL;
        removed = TRUE;
    }
    RtlReleaseSRWLockExclusive(&QueueLock);
    return removed;
}
SUPPLIES(KeRemoveQueueDpc);

VOID NTAPI SupKeFlushQueuedDpcs(VOID);
VOID NTAPI SupKeFlushQueuedDpcs(VOID)
{
    if (GetCurrentThreadId() == DpcThreadId) {
        BUGCHECK(IRQL_NOT_LESS_OR_EQUAL, NtsupGetIrql(), 0);
    }
    for (;;) {
        RtlAcquireSRWLockExclusive(&QueueLock);
        BOOLEAN idle = IsListEmpty(&Queue) && !Running;
        LONG running = Running;
        RtlReleaseSRWLockExclusive(&QueueLock);
        if (idle) {
            return;
        }
        if (running) {
            RtlWaitOnAddress((const VOID *)&Running, &running, sizeof(running), NULL);
        } else {
            SwitchToThread();
        }
    }
}
SUPPLIES(KeFlushQueuedDpcs);

VOID NTAPI SupKeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance);
VOID NTAPI SupKeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance)
{
    Dpc->Importance = (UCHAR)Importance;
}
SUPPLIES(KeSetImportanceDpc);

VOID NTAPI SupKeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number);
VOID NTAPI SupKeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number)
{
    Dpc->Number = (USHORT)Number;
}
SUPPLIES(KeSetTargetProcessorDpc);

NTSTATUS NTAPI SupKeSetTargetProcessorDpcEx(PKDPC Dpc, PROCESSOR_NUMBER *ProcNumber);
NTSTATUS NTAPI SupKeSetTargetProcessorDpcEx(PKDPC Dpc, PROCESSOR_NUMBER *ProcNumber)
{
    Dpc->Number = ProcNumber->Number;
    return STATUS_SUCCESS;
}

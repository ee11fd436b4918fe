#include "worker.h"

static KSTART_ROUTINE WorkerMain;

static struct {
    KSPIN_LOCK Lock;
    LIST_ENTRY Queue;
    KEVENT Wake;
    BOOLEAN IsStopping;
    PVOID Thread;
} Worker;

_Use_decl_annotations_ NTSTATUS WorkerStart(VOID)
{
    HANDLE Handle;
    NTSTATUS Status;

    KeInitializeSpinLock(&Worker.Lock);
    InitializeListHead(&Worker.Queue);
    KeInitializeEvent(&Worker.Wake, SynchronizationEvent, FALSE);
    Worker.IsStopping = FALSE;
    Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, WorkerMain, NULL);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Status = ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, NULL, KernelMode, &Worker.Thread, NULL);
    ZwClose(Handle);
    return Status;
}

_Use_decl_annotations_ VOID WorkerStop(VOID)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&Worker.Lock, &OldIrql);
    Worker.IsStopping = TRUE;
    KeReleaseSpinLock(&Worker.Lock, OldIrql);
    KeSetEvent(&Worker.Wake, IO_NO_INCREMENT, FALSE);
    KeWaitForSingleObject(Worker.Thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(Worker.Thread);
}

/* The next work, or NULL when there is none; *IsStopping says whether more may come. */
static WORK *TakeWork(BOOLEAN *IsStopping)
{
    WORK *Work = NULL;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Worker.Lock, &OldIrql);
    *IsStopping = Worker.IsStopping;
    if (!IsListEmpty(&Worker.Queue)) {
        Work = CONTAINING_RECORD(RemoveHeadList(&Worker.Queue), WORK, Link);
        Work->IsQueued = FALSE;
    }
    KeReleaseSpinLock(&Worker.Lock, OldIrql);
    return Work;
}

static VOID WorkerMain(PVOID Context)
{
    BOOLEAN IsStopping = FALSE;

    UNREFERENCED_PARAMETER(Context);
    while (!IsStopping) {
        WORK *Work;

        KeWaitForSingleObject(&Worker.Wake, Executive, KernelMode, FALSE, NULL);
        while ((Work = TakeWork(&IsStopping)) != NULL) {
            Work->Run(Work); /* may free it */
        }
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

_Use_decl_annotations_ VOID WorkInitialize(WORK *Work, VOID (*Run)(WORK *Work))
{
    Work->IsQueued = FALSE;
    Work->Run = Run;
}

_Use_decl_annotations_ VOID WorkQueue(WORK *Work)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&Worker.Lock, &OldIrql);
    if (!Work->IsQueued) {
        Work->IsQueued = TRUE;
        InsertTailList(&Worker.Queue, &Work->Link);
    }
    KeReleaseSpinLock(&Worker.Lock, OldIrql);
    KeSetEvent(&Worker.Wake, IO_NO_INCREMENT, FALSE);
}

_Use_decl_annotations_ VOID WorkCancel(WORK *Work)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&Worker.Lock, &OldIrql);
    if (Work->IsQueued) {
        Work->IsQueued = FALSE;
        RemoveEntryList(&Work->Link);
    }
    KeReleaseSpinLock(&Worker.Lock, OldIrql);
}

_Use_decl_annotations_ BOOLEAN WorkIsQueued(const WORK *Work)
{
    return Work->IsQueued;
}

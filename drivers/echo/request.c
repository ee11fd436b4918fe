#include "request.h"

#include "choices.h"

static IO_COMPLETION_ROUTINE Completed;

static NTSTATUS Completed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    REQUEST *Request = Context;
    const RESULT Result = {Irp->IoStatus.Status, Irp->IoStatus.Information};

    UNREFERENCED_PARAMETER(Device);
    IoFreeIrp(Irp);
    Request->Done(Request, &Result);
    return Choices.Completion();
}

_Use_decl_annotations_ PIRP RequestIrp(REQUEST *Request)
{
    PIRP Irp = IoAllocateIrp(1, FALSE);

    if (Irp != NULL) {
        IoSetCompletionRoutine(Irp, Completed, Request, TRUE, TRUE, TRUE);
    }
    return Irp;
}

static VOID SyncDone(REQUEST *Request, const RESULT *Result)
{
    SYNC_REQUEST *Sync = CONTAINING_RECORD(Request, SYNC_REQUEST, Request);

    Sync->Result = *Result;
    KeSetEvent(&Sync->Completed, IO_NO_INCREMENT, FALSE);
}

_Use_decl_annotations_ PIRP SyncIrp(SYNC_REQUEST *Sync)
{
    Sync->Request.Done = SyncDone;
    KeInitializeEvent(&Sync->Completed, NotificationEvent, FALSE);
    return RequestIrp(&Sync->Request);
}

_Use_decl_annotations_ RESULT SyncWait(SYNC_REQUEST *Sync)
{
    KeWaitForSingleObject(&Sync->Completed, Executive, KernelMode, FALSE, NULL);
    return Sync->Result;
}

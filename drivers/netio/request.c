#include "request.h"

#include "endpoint.h"

/* Tail.Overlay.DriverContext of an IRP that the provider has. */
enum {
    SLOT_OWNER,
    SLOT_CANCELLED,
    SLOT_CONTEXT
};

_Use_decl_annotations_ VOID RequestBegin(PIRP Irp)
{
    IoSetNextIrpStackLocation(Irp);
    RtlZeroMemory(Irp->Tail.Overlay.DriverContext, sizeof Irp->Tail.Overlay.DriverContext);
}

_Use_decl_annotations_ VOID RequestComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

_Use_decl_annotations_ NTSTATUS RequestAnswer(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    if (Irp != NULL) {
        RequestBegin(Irp);
        RequestComplete(Irp, Status, Information);
    }
    return Status;
}

PVOID RequestOwner(PIRP Irp)
{
    return Irp->Tail.Overlay.DriverContext[SLOT_OWNER];
}

PVOID *RequestContext(PIRP Irp)
{
    return &Irp->Tail.Overlay.DriverContext[SLOT_CONTEXT];
}

/* IoCancelIrp took the cancel routine, so whoever takes the IRP from its queue meanwhile leaves it to this.
 */
static VOID NTAPI CancelQueued(PDEVICE_OBJECT Device, PIRP Irp)
{
    REQUEST_CANCELLED *cancelled = (REQUEST_CANCELLED *)Irp->Tail.Overlay.DriverContext[SLOT_CANCELLED];

    UNREFERENCED_PARAMETER(Device);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    ProviderLock();
    if (Irp->Tail.Overlay.ListEntry.Flink != NULL) {
        RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
        Irp->Tail.Overlay.ListEntry.Flink = NULL;
    }
    ProviderUnlock();
    cancelled(Irp);
}

/* The IRP is in its queue already. FALSE: it was cancelled before, and is out of the queue again. */
static BOOLEAN AllowCancel(PIRP Irp)
{
    IoSetCancelRoutine(Irp, CancelQueued);
    if (!Irp->Cancel || IoSetCancelRoutine(Irp, NULL) == NULL) {
        return TRUE;
    }
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    Irp->Tail.Overlay.ListEntry.Flink = NULL;
    return FALSE;
}

_Use_decl_annotations_ BOOLEAN RequestQueue(PIRP Irp, LIST_ENTRY *Queue, PVOID Owner,
                                            REQUEST_CANCELLED *Cancelled)
{
    Irp->Tail.Overlay.DriverContext[SLOT_OWNER] = Owner;
    Irp->Tail.Overlay.DriverContext[SLOT_CANCELLED] = (PVOID)Cancelled;
    IoMarkIrpPending(Irp);
    InsertTailList(Queue, &Irp->Tail.Overlay.ListEntry);
    return AllowCancel(Irp);
}

_Use_decl_annotations_ PIRP RequestTake(LIST_ENTRY *Queue)
{
    while (!IsListEmpty(Queue)) {
        PIRP irp = CONTAINING_RECORD(RemoveHeadList(Queue), IRP, Tail.Overlay.ListEntry);

        irp->Tail.Overlay.ListEntry.Flink = NULL;
        if (IoSetCancelRoutine(irp, NULL) != NULL) {
            return irp;
        }
    }
    return NULL;
}

_Use_decl_annotations_ BOOLEAN RequestPutBack(PIRP Irp, LIST_ENTRY *Queue)
{
    InsertHeadList(Queue, &Irp->Tail.Overlay.ListEntry);
    return AllowCancel(Irp);
}

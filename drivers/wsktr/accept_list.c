#include "accept_list.h"

/*
 * A cancelled IRP completes inside IoCancelIrp, or at the same time elsewhere, or later, and the driver frees
 * it as soon as it hears of that. So that IoCancelIrp never works on freed memory, a completion that finds a
 * cancellation under way leaves the delivery to it.
 */
enum {
    Idle,
    Cancelling,
    CompletedMeanwhile,
    Tried
};

_Use_decl_annotations_ VOID AcceptListAdd(REQUEST *Request)
{
    PROXY *Listener = Request->Socket;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Listener->Lock, &OldIrql);
    InsertTailList(&Listener->Accepts, &Request->Link);
    KeReleaseSpinLock(&Listener->Lock, OldIrql);
}

_Use_decl_annotations_ BOOLEAN AcceptListRemove(REQUEST *Request)
{
    PROXY *Listener = Request->Socket;
    BOOLEAN IsCancelling;
    KIRQL OldIrql;

    if (Listener == NULL) {
        return FALSE; /* it failed before it was ever added */
    }
    KeAcquireSpinLock(&Listener->Lock, &OldIrql);
    RemoveEntryList(&Request->Link);
    InitializeListHead(&Request->Link);
    IsCancelling = Request->Cancelling == Cancelling;
    if (IsCancelling) {
        Request->Cancelling = CompletedMeanwhile;
    }
    KeReleaseSpinLock(&Listener->Lock, OldIrql);
    return IsCancelling;
}

static REQUEST *NextToCancel(PROXY *Listener)
{
    PLIST_ENTRY Entry;
    REQUEST *Found = NULL;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Listener->Lock, &OldIrql);
    for (Entry = Listener->Accepts.Flink; Entry != &Listener->Accepts && Found == NULL;
         Entry = Entry->Flink) {
        REQUEST *Request = CONTAINING_RECORD(Entry, REQUEST, Link);

        if (Request->Cancelling == Idle) {
            Request->Cancelling = Cancelling;
            Found = Request;
        }
    }
    KeReleaseSpinLock(&Listener->Lock, OldIrql);
    return Found;
}

_Use_decl_annotations_ VOID AcceptListCancel(PROXY *Listener)
{
    REQUEST *Request;

    while ((Request = NextToCancel(Listener)) != NULL) {
        BOOLEAN IsCompleted;
        KIRQL OldIrql;

        IoCancelIrp(Request->Irp);
        KeAcquireSpinLock(&Listener->Lock, &OldIrql);
        IsCompleted = Request->Cancelling == CompletedMeanwhile;
        if (!IsCompleted) {
            Request->Cancelling = Tried;
        }
        KeReleaseSpinLock(&Listener->Lock, OldIrql);
        if (IsCompleted) {
            RequestDeliverCancelled(Request);
        }
    }
}

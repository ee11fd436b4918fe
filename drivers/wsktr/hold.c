#include "hold.h"

#include "perturb.h"

#define DEFAULT_BOUND_MS 2000

/* One reference for the frame, one for each request that was told to wait, one for the timer when it is set.
 */
struct _HOLD {
    volatile LONG References;
    KSPIN_LOCK Lock;
    BOOLEAN IsOpen;
    BOOLEAN TimerIsSet;
    ULONG BoundMs;
    ULONG64 Callback;
    LIST_ENTRY Requests;
    KTIMER Timer;
    KDPC Dpc;
};

static struct {
    KSPIN_LOCK Lock;
    LIST_ENTRY List;
} Frames;

static KDEFERRED_ROUTINE BoundPassed;

VOID FramesInitialize(VOID)
{
    KeInitializeSpinLock(&Frames.Lock);
    InitializeListHead(&Frames.List);
}

static HOLD *HoldMake(ULONG64 Callback, ULONG BoundMs)
{
    HOLD *Hold = PoolAllocate(sizeof(*Hold), TAG_HOLD);

    if (Hold == NULL) {
        return NULL;
    }
    Hold->References = 1;
    KeInitializeSpinLock(&Hold->Lock);
    Hold->IsOpen = TRUE;
    Hold->BoundMs = BoundMs == 0 ? DEFAULT_BOUND_MS : BoundMs;
    Hold->Callback = Callback;
    InitializeListHead(&Hold->Requests);
    KeInitializeTimer(&Hold->Timer);
    KeInitializeDpc(&Hold->Dpc, BoundPassed, Hold);
    return Hold;
}

static VOID HoldDereference(HOLD *Hold)
{
    if (InterlockedDecrement(&Hold->References) == 0) {
        ExFreePoolWithTag(Hold, TAG_HOLD);
    }
}

/* Lets everything go that was kept, and keeps nothing any more. */
static VOID HoldEnd(HOLD *Hold)
{
    LIST_ENTRY Kept;
    KIRQL OldIrql;

    InitializeListHead(&Kept);
    KeAcquireSpinLock(&Hold->Lock, &OldIrql);
    Hold->IsOpen = FALSE;
    while (!IsListEmpty(&Hold->Requests)) {
        InsertTailList(&Kept, RemoveHeadList(&Hold->Requests));
    }
    KeReleaseSpinLock(&Hold->Lock, OldIrql);
    while (!IsListEmpty(&Kept)) {
        REQUEST *Request = CONTAINING_RECORD(RemoveHeadList(&Kept), REQUEST, Link);

        Request->Side = TRACE_SIDE_DRIVER;
        RequestDeliver(Request);
        HoldDereference(Hold);
    }
}

_Use_decl_annotations_ static VOID BoundPassed(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    HOLD *Hold = Context;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    HoldEnd(Hold);
    HoldDereference(Hold);
}

_Use_decl_annotations_ VOID FrameOpen(FRAME *Frame, ULONG64 Callback)
{
    KIRQL OldIrql;

    Frame->Thread = NULL;
    Frame->Callback = Callback;
    Frame->Hold = NULL;
    if (!PerturbListed(TRACE_PERTURB_WITHHOLD_COMPLETIONS)) {
        return;
    }
    Frame->Thread = PsGetCurrentThreadId();
    KeAcquireSpinLock(&Frames.Lock, &OldIrql);
    InsertHeadList(&Frames.List, &Frame->Link);
    KeReleaseSpinLock(&Frames.Lock, OldIrql);
}

_Use_decl_annotations_ VOID FrameClose(FRAME *Frame)
{
    KIRQL OldIrql;

    if (Frame->Thread == NULL) {
        return;
    }
    KeAcquireSpinLock(&Frames.Lock, &OldIrql);
    RemoveEntryList(&Frame->Link);
    KeReleaseSpinLock(&Frames.Lock, OldIrql);
    if (Frame->Hold != NULL) {
        HoldEnd(Frame->Hold); /* a timer that is set still runs out, and finds nothing to do */
        HoldDereference(Frame->Hold);
    }
}

/* The innermost frame of this thread; only this thread adds or removes it. */
static FRAME *CurrentFrame(VOID)
{
    const HANDLE Thread = PsGetCurrentThreadId();
    FRAME *Found = NULL;
    PLIST_ENTRY Entry;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Frames.Lock, &OldIrql);
    for (Entry = Frames.List.Flink; Entry != &Frames.List && Found == NULL; Entry = Entry->Flink) {
        FRAME *Frame = CONTAINING_RECORD(Entry, FRAME, Link);

        if (Frame->Thread == Thread) {
            Found = Frame;
        }
    }
    KeReleaseSpinLock(&Frames.Lock, OldIrql);
    return Found;
}

_Use_decl_annotations_ VOID HoldConsider(REQUEST *Request)
{
    FRAME *Frame;
    ULONG BoundMs;

    if (!PerturbListed(TRACE_PERTURB_WITHHOLD_COMPLETIONS)) {
        return;
    }
    Frame = CurrentFrame();
    if (Frame == NULL || !PerturbDecide(TRACE_PERTURB_WITHHOLD_COMPLETIONS, &BoundMs)) {
        return;
    }
    if (Frame->Hold == NULL) {
        Frame->Hold = HoldMake(Frame->Callback, BoundMs);
    }
    if (Frame->Hold != NULL) {
        InterlockedIncrement(&Frame->Hold->References);
        Request->Hold = Frame->Hold;
    }
}

static VOID RecordKept(const REQUEST *Request, const HOLD *Hold)
{
    TRACE(PERTURBATION, TRACE_SIDE_BOTH, .kind = TRACE_PERTURB_WITHHOLD_COMPLETIONS,
          .argument = Hold->BoundMs, .socket = Request->SocketNumber,
          .call = TraceNumber(TraceCalls, Request->Number),
          .callback = TraceNumber(TraceCallbacks, Hold->Callback));
    RequestRecord(Request, TRACE_SIDE_PROVIDER);
    RequestRecordReturn(Request->Number, Request->Irp, Request->Function, STATUS_MORE_PROCESSING_REQUIRED,
                        TRACE_SIDE_PROVIDER);
}

_Use_decl_annotations_ BOOLEAN HoldKeep(REQUEST *Request)
{
    HOLD *Hold = Request->Hold;
    LARGE_INTEGER Bound;
    BOOLEAN Kept;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Hold->Lock, &OldIrql);
    Kept = Hold->IsOpen;
    if (Kept) {
        RecordKept(Request, Hold); /* under the lock: before whoever delivers it can record */
        InsertTailList(&Hold->Requests, &Request->Link);
        if (!Hold->TimerIsSet) {
            Hold->TimerIsSet = TRUE;
            InterlockedIncrement(&Hold->References);
            Bound.QuadPart = -10000ll * Hold->BoundMs;
            KeSetTimer(&Hold->Timer, Bound, &Hold->Dpc);
        }
    }
    KeReleaseSpinLock(&Hold->Lock, OldIrql);
    if (!Kept) {
        Request->Hold = NULL;
        HoldDereference(Hold);
    }
    return Kept;
}

#include "orphan.h"

#include "request.h"

static IO_COMPLETION_ROUTINE OrphanClosed;

typedef struct _ORPHAN {
    PROXY *Proxy;
    ULONG64 Number;
} ORPHAN;

static NTSTATUS OrphanClosed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    const ORPHAN Orphan = *(ORPHAN *)Context;
    const ULONG64 Call = TraceNumber(TraceCalls, Orphan.Number);

    UNREFERENCED_PARAMETER(Device);
    ExFreePoolWithTag(Context, TAG_ORPHAN);
    TRACE(IRP_COMPLETE, TRACE_SIDE_PROVIDER, .call = Call, .socket = SocketNumber(Orphan.Proxy),
          .irp = AS_U64(Irp), .fn = TRACE_FN_WskCloseSocket, .status = (ULONG)Irp->IoStatus.Status);
    RequestRecordReturn(Orphan.Number, Irp, TRACE_FN_WskCloseSocket, STATUS_MORE_PROCESSING_REQUIRED,
                        TRACE_SIDE_PROVIDER);
    if (Orphan.Proxy != NULL) {
        SocketDiscard(Orphan.Proxy);
    }
    IoFreeIrp(Irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

_Use_decl_annotations_ VOID OrphanClose(PROXY *Proxy, PWSK_SOCKET Real)
{
    const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Real->Dispatch;
    const ULONG64 Socket = SocketNumber(Proxy), Number = TraceNext(TraceCalls);
    ORPHAN *Orphan = PoolAllocate(sizeof(*Orphan), TAG_ORPHAN);
    PIRP Irp = Orphan == NULL ? NULL : IoAllocateIrp(1, FALSE);
    NTSTATUS Status;

    if (Irp == NULL) {
        if (Orphan != NULL) {
            ExFreePoolWithTag(Orphan, TAG_ORPHAN);
        }
        return; /* it stays open, and will keep WskDeregister waiting */
    }
    Orphan->Proxy = Proxy;
    Orphan->Number = Number;
    IoSetCompletionRoutine(Irp, OrphanClosed, Orphan, TRUE, TRUE, TRUE);
    TRACE(CLOSE_ENTER, TRACE_SIDE_PROVIDER, .call = TraceNumber(TraceCalls, Number), .socket = Socket,
          .pointer = AS_U64(Proxy), .irp = AS_U64(Irp));
    Status = Dispatch->WskCloseSocket(Real, Irp);
    TRACE(CALL_RETURN, TRACE_SIDE_PROVIDER, .call = TraceNumber(TraceCalls, Number), .socket = Socket,
          .fn = TRACE_FN_WskCloseSocket, .status = (ULONG)Status);
}

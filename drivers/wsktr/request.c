#include "request.h"

#include "accept_list.h"
#include "hold.h"
#include "orphan.h"
#include "slab.h"
#include "sockaddr.h"

static SLAB Requests;

static IO_COMPLETION_ROUTINE Completed;

VOID RequestsInitialize(VOID)
{
    SlabInitialize(&Requests, sizeof(REQUEST));
}

static NTSTATUS SocketRefusal(CALL *Call)
{
    PROXY *Socket = Call->Socket;

    if (Socket == NULL) {
        return STATUS_SOCKET_GONE;
    }
    SocketCheckOverwritten(Socket);
    if (Call->Function == TRACE_FN_WskCloseSocket) {
        return InterlockedCompareExchange(&Socket->State, SocketClosing, SocketOpen) == SocketOpen
                   ? STATUS_SUCCESS
                   : STATUS_SOCKET_GONE;
    }
    if (Socket->State != SocketOpen) {
        return STATUS_SOCKET_GONE;
    }
    return Socket->Dead ? STATUS_FILE_FORCED_CLOSED : STATUS_SUCCESS;
}

/* An IRP that has no stack location left, or that is still with WSK, cannot even be failed: it is left alone.
 */
static BOOLEAN IrpIsUsable(PIRP Irp)
{
    return Irp->CurrentLocation > 1 && IoGetNextIrpStackLocation(Irp)->CompletionRoutine != Completed;
}

static VOID Begin(CALL *Call, PIRP Irp, BOOLEAN NeedsIrp)
{
    Call->Irp = Irp;
    if (Irp == NULL) {
        if (NeedsIrp && NT_SUCCESS(Call->Refusal)) {
            Call->Refusal = STATUS_INVALID_PARAMETER;
        }
    } else if (!IrpIsUsable(Irp)) {
        Call->Refusal = STATUS_INVALID_PARAMETER;
        Call->Irp = NULL;
    }
    Call->Side = Call->Refusal == STATUS_SUCCESS ? TRACE_SIDE_BOTH : TRACE_SIDE_DRIVER;
    if (Irp != NULL && TraceIsOn()) {
        const IO_STACK_LOCATION *Next = IoGetNextIrpStackLocation(Irp);

        TRACE(IRP_STATE, Call->Side, .call = CallNumber(Call), .irp = AS_U64(Irp),
              .routine = AS_U64(Next->CompletionRoutine), .control = Next->Control,
              .stack_count = (ULONG)Irp->StackCount, .current_location = (ULONG)Irp->CurrentLocation);
    }
}

_Use_decl_annotations_ VOID CallBegin(CALL *Call, TRACE_FUNCTION Function, const VOID *Pointer, PIRP Irp,
                                      BOOLEAN NeedsIrp)
{
    Call->Number = TraceNext(TraceCalls);
    Call->Function = Function;
    Call->Socket = SocketFromDriver(Pointer);
    Call->SocketNumber = SocketNumber(Call->Socket);
    Call->Refusal = SocketRefusal(Call);
    Begin(Call, Irp, NeedsIrp);
}

_Use_decl_annotations_ VOID CallBeginClient(CALL *Call, TRACE_FUNCTION Function, BOOLEAN ClientIsKnown,
                                            PIRP Irp, BOOLEAN NeedsIrp)
{
    Call->Number = TraceNext(TraceCalls);
    Call->Function = Function;
    Call->Socket = NULL;
    Call->SocketNumber = 0;
    Call->Refusal = ClientIsKnown ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    Begin(Call, Irp, NeedsIrp);
}

_Use_decl_annotations_ ULONG64 CallNumber(const CALL *Call)
{
    return TraceNumber(TraceCalls, Call->Number);
}

static REQUEST *Attach(const CALL *Call)
{
    REQUEST *Request = SlabTake(&Requests);
    const IO_STACK_LOCATION *Next = IoGetNextIrpStackLocation(Call->Irp);

    if (Request == NULL) {
        return NULL;
    }
    RtlZeroMemory(Request, sizeof(*Request));
    InitializeListHead(&Request->Link);
    Request->Number = Call->Number;
    Request->Function = Call->Function;
    Request->Socket = Call->Socket;
    Request->SocketNumber = Call->SocketNumber;
    Request->Irp = Call->Irp;
    Request->Side = Call->Side;
    Request->Control = Next->Control;
    Request->Routine = Next->CompletionRoutine;
    Request->Context = Next->Context;
    IoSetCompletionRoutine(Call->Irp, Completed, Request, TRUE, TRUE, TRUE);
    return Request;
}

_Use_decl_annotations_ BOOLEAN CallPass(CALL *Call, BOOLEAN Exists, REQUEST **Request)
{
    *Request = NULL;
    if (Call->Refusal == STATUS_SUCCESS && !Exists) {
        Call->Refusal = STATUS_INVALID_DEVICE_REQUEST;
    }
    if (Call->Refusal != STATUS_SUCCESS) {
        return FALSE;
    }
    if (Call->Irp != NULL) {
        *Request = Attach(Call);
        if (*Request == NULL) {
            Call->Refusal = STATUS_INSUFFICIENT_RESOURCES;
            return FALSE;
        }
        (*Request)->Passed = TRUE;
        HoldConsider(*Request);
    }
    return TRUE;
}

_Use_decl_annotations_ NTSTATUS CallEnd(const CALL *Call, NTSTATUS Status)
{
    if (Call->Refusal != STATUS_SUCCESS) {
        Status = Call->Refusal;
        if (Call->Irp != NULL) {
            Attach(Call); /* without memory the driver's own routine is still in place */
            RequestFail(Call->Irp, Status);
        }
    }
    if (CallNumber(Call) != 0) {
        TRACE(CALL_RETURN, Call->Side, .call = CallNumber(Call), .socket = Call->SocketNumber,
              .fn = Call->Function, .status = (ULONG)Status);
    }
    return Status;
}

_Use_decl_annotations_ VOID RequestFail(PIRP Irp, NTSTATUS Status)
{
    IoSetNextIrpStackLocation(Irp);
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

/* Makes of what WSK put into the IRP what the driver is to find there. Once per request. */
static VOID Convert(REQUEST *Request)
{
    IO_STATUS_BLOCK *Result = &Request->Irp->IoStatus;

    if (Request->Function == TRACE_FN_WskCloseSocket && Request->Passed) {
        SocketCheckOverwritten(Request->Socket);
        SocketCheckTable(Request->Socket);
    }
    if (Request->Produced == NULL) {
        return;
    }
    if (NT_SUCCESS(Result->Status) && SocketOpened(Request->Produced, (PWSK_SOCKET)Result->Information)) {
        Result->Information = (ULONG_PTR)&Request->Produced->Public;
        return;
    }
    if (NT_SUCCESS(Result->Status)) {
        OrphanClose(NULL, (PWSK_SOCKET)Result->Information);
        Result->Status = STATUS_INSUFFICIENT_RESOURCES;
        Result->Information = 0;
    }
    SocketDiscard(Request->Produced);
    Request->Produced = NULL;
}

_Use_decl_annotations_ VOID RequestRecord(const REQUEST *Request, UCHAR Side)
{
    const ULONG64 Call = TraceNumber(TraceCalls, Request->Number);
    const IO_STATUS_BLOCK *Result = &Request->Irp->IoStatus;

    if (Call == 0 || !TraceIsOn()) {
        return;
    }
    if (Request->Produced != NULL) {
        TRACE(SOCKET_CREATED, Side, .call = Call, .socket = SocketNumber(Request->Produced),
              .parent = SocketNumber(Request->Produced->Parent), .pointer = AS_U64(Request->Produced),
              .provider_socket = AS_U64(Request->Produced->Real),
              .provider_table = AS_U64(Request->Produced->Shadow->ProviderTable), .fn = Request->Function);
        if (Request->Function == TRACE_FN_WskAccept) {
            TRACE(ACCEPT_ADDRESSES, Side, .call = Call, .socket = SocketNumber(Request->Produced),
                  .local = SockaddrForTrace(Request->Local), .remote = SockaddrForTrace(Request->Remote));
        }
    } else if (Request->Local != NULL && NT_SUCCESS(Result->Status) &&
               Request->Function != TRACE_FN_WskAccept) {
        TRACE(ADDRESS_RESULT, Side, .call = Call, .socket = Request->SocketNumber,
              .value = SockaddrForTrace(Request->Local), .fn = Request->Function);
    }
    TRACE(IRP_COMPLETE, Side, .call = Call, .socket = Request->SocketNumber, .irp = AS_U64(Request->Irp),
          .information = Result->Information, .fn = Request->Function, .status = (ULONG)Result->Status);
}

_Use_decl_annotations_ VOID RequestRecordReturn(ULONG64 Number, PIRP Irp, TRACE_FUNCTION Function,
                                                NTSTATUS Status, UCHAR Side)
{
    if (TraceNumber(TraceCalls, Number) != 0) {
        TRACE(IRP_COMPLETE_RETURN, Side, .call = TraceNumber(TraceCalls, Number), .irp = AS_U64(Irp),
              .fn = Function, .status = (ULONG)Status);
    }
}

/* A WskAccept that WSK served although the perturber declared the listener dead: the driver gets the failure,
 * and the connection that it will never know of is closed. */
static VOID FailOnDeadListener(REQUEST *Request)
{
    IO_STATUS_BLOCK *Result = &Request->Irp->IoStatus;

    RequestRecord(Request, TRACE_SIDE_PROVIDER);
    RequestRecordReturn(Request->Number, Request->Irp, Request->Function, STATUS_MORE_PROCESSING_REQUIRED,
                        TRACE_SIDE_PROVIDER);
    if (Request->Produced != NULL) {
        OrphanClose(Request->Produced, Request->Produced->Real);
        Request->Produced = NULL;
    }
    Result->Status = STATUS_FILE_FORCED_CLOSED;
    Result->Information = 0;
    Request->Side = TRACE_SIDE_DRIVER;
}

static BOOLEAN IsInvoked(const REQUEST *Request)
{
    const PIRP Irp = Request->Irp;

    return Request->Routine != NULL &&
           ((NT_SUCCESS(Irp->IoStatus.Status) && (Request->Control & SL_INVOKE_ON_SUCCESS)) ||
            (!NT_SUCCESS(Irp->IoStatus.Status) && (Request->Control & SL_INVOKE_ON_ERROR)) ||
            (Irp->Cancel && (Request->Control & SL_INVOKE_ON_CANCEL)));
}

/* Runs the driver's completion routine, after which neither the IRP nor the socket may be touched; then the
 * request is no more. Gives what the I/O manager is told. */
static NTSTATUS Finish(REQUEST *Request)
{
    const REQUEST Copy = *Request;
    const BOOLEAN HasOwner = Request->Irp->CurrentLocation <= Request->Irp->StackCount;
    const BOOLEAN Invoked = IsInvoked(Request);
    NTSTATUS Status = STATUS_CONTINUE_COMPLETION;
    FRAME Frame;

    RequestRecord(Request, Request->Side);
    SlabGive(&Requests, Request);
    if (Invoked) {
        FrameOpen(&Frame, 0);
        Status = Copy.Routine(Copy.Device, Copy.Irp, Copy.Context);
        RequestRecordReturn(Copy.Number, Copy.Irp, Copy.Function, Status, Copy.Side);
        FrameClose(&Frame);
    } else if (HasOwner && Copy.Irp->PendingReturned) {
        IoMarkIrpPending(Copy.Irp); /* what the I/O manager does for a routine that it does not call */
    }
    if (Copy.Function == TRACE_FN_WskCloseSocket && Copy.Passed) {
        SocketRetire(Copy.Socket, SocketGone);
    }
    return HasOwner ? Status : STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS Completed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    REQUEST *Request = Context;

    Request->Device = Device;
    if (Request->Pended) {
        Irp->PendingReturned = TRUE;
    }
    if (Request->Function == TRACE_FN_WskAccept && AcceptListRemove(Request)) {
        return STATUS_MORE_PROCESSING_REQUIRED; /* whoever cancels it delivers it */
    }
    Convert(Request);
    if (Request->Hold != NULL && HoldKeep(Request)) {
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    if (Request->Function == TRACE_FN_WskAccept && Request->Passed && Request->Socket->Dead) {
        FailOnDeadListener(Request);
    }
    return Finish(Request);
}

_Use_decl_annotations_ VOID RequestDeliver(REQUEST *Request)
{
    const PIRP Irp = Request->Irp;

    if (Finish(Request) != STATUS_MORE_PROCESSING_REQUIRED) {
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
    }
}

_Use_decl_annotations_ VOID RequestDeliverCancelled(REQUEST *Request)
{
    Convert(Request);
    FailOnDeadListener(Request);
    RequestDeliver(Request);
}

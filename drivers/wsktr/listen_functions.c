/* Functions of sockets that listen. */
#include "functions.h"

#include "accept_list.h"
#include "perturb.h"
#include "real.h"

static VOID RecordAcceptEnter(ULONG64 Call, const REQUEST *Request, PVOID Context, const CLIENT_TABLE *Client,
                              UCHAR Side)
{
    TRACE(ACCEPT_ENTER, Side, .call = Call, .socket = Request->SocketNumber,
          .pointer = AS_U64(Request->Socket), .irp = AS_U64(Request->Irp), .context = AS_U64(Context),
          .table = AS_U64(Client->Table), .slot0 = AS_U64(Client->Slots[0]),
          .slot1 = AS_U64(Client->Slots[1]), .slot2 = AS_U64(Client->Slots[2]),
          .local_buffer = AS_U64(Request->Local), .remote_buffer = AS_U64(Request->Remote),
          .flags = Request->Flags);
}

static NTSTATUS PassAccept(REQUEST *Request)
{
    PROXY *New = Request->Produced, *Listener = Request->Socket;
    const WSK_CLIENT_CONNECTION_DISPATCH *Table = ClientTableStandIn(&New->Client, New->Category);

    AcceptListAdd(Request);
    return Listener->Shadow->Real.WskAccept(Listener->Real, Request->Flags, New, Table, Request->Local,
                                            Request->Remote, Request->Irp);
}

/* The provider gets a WskAccept that the driver had been told is pending. */
static VOID PassKeptAccept(REQUEST *Request)
{
    const ULONG64 Call = TraceNumber(TraceCalls, Request->Number), Socket = Request->SocketNumber;
    NTSTATUS Status;

    RecordAcceptEnter(Call, Request, Request->Produced->Context, &Request->Produced->Client,
                      TRACE_SIDE_PROVIDER);
    Status = PassAccept(Request);
    TRACE(CALL_RETURN, TRACE_SIDE_PROVIDER, .call = Call, .socket = Socket, .fn = TRACE_FN_WskAccept,
          .status = (ULONG)Status);
}

/*
 * event-despite-irp: the driver's WskAccept is kept until a WskAcceptEvent has been called, which shows the
 * driver what a race between the two shows it. Only where that event is enabled, and one at a time.
 */
static BOOLEAN IsToBeKept(CALL *Call)
{
    ULONG Argument;

    if (!PerturbListed(TRACE_PERTURB_EVENT_DESPITE_IRP) || Call->Refusal != STATUS_SUCCESS ||
        !(Call->Socket->EnabledEvents & WSK_EVENT_ACCEPT) || Call->Socket->HeldAccept != NULL ||
        !PerturbDecide(TRACE_PERTURB_EVENT_DESPITE_IRP, &Argument)) {
        return FALSE;
    }
    TRACE(PERTURBATION, TRACE_SIDE_BOTH, .kind = TRACE_PERTURB_EVENT_DESPITE_IRP, .argument = Argument,
          .socket = Call->SocketNumber, .call = CallNumber(Call));
    Call->Side = TRACE_SIDE_DRIVER;
    return TRUE;
}

static NTSTATUS KeepAccept(PROXY *Listener, REQUEST *Request)
{
    Request->Pended = TRUE;
    Request->Side = TRACE_SIDE_BOTH; /* its completion is WSK's */
    if (InterlockedCompareExchangePointer((PVOID volatile *)&Listener->HeldAccept, Request, NULL) != NULL) {
        PassKeptAccept(Request);
    }
    return STATUS_PENDING;
}

_Use_decl_annotations_ VOID AcceptPassOn(PROXY *Listener)
{
    REQUEST *Request = InterlockedExchangePointer((PVOID volatile *)&Listener->HeldAccept, NULL);

    if (Request == NULL) {
        return;
    }
    if (!Listener->Dead) {
        PassKeptAccept(Request);
        return;
    }
    Request->Side = TRACE_SIDE_DRIVER;
    Request->Passed = FALSE;
    RequestFail(Request->Irp, STATUS_FILE_FORCED_CLOSED);
}

NTSTATUS WSKAPI OwnAccept(PWSK_SOCKET ListenSocket, ULONG Flags, PVOID AcceptSocketContext,
                          const WSK_CLIENT_CONNECTION_DISPATCH *AcceptSocketDispatch, PSOCKADDR LocalAddress,
                          PSOCKADDR RemoteAddress, PIRP Irp)
{
    PROXY *New = NULL;
    CLIENT_TABLE Client;
    REQUEST *Request;
    CALL Call;
    BOOLEAN Keep;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskAccept, ListenSocket, Irp, TRUE);
    Keep = IsToBeKept(&Call);
    ClientTableRead(&Client, AcceptSocketDispatch, CategoryConnection);
    {
        const REQUEST Given = {.Socket = (PROXY *)ListenSocket,
                               .SocketNumber = Call.SocketNumber,
                               .Irp = Irp,
                               .Local = LocalAddress,
                               .Remote = RemoteAddress,
                               .Flags = Flags};

        RecordAcceptEnter(CallNumber(&Call), &Given, AcceptSocketContext, &Client, Call.Side);
    }
    if (Call.Refusal == STATUS_SUCCESS) {
        New = SocketMake(CategoryConnection, Call.Socket, Call.Socket->Family);
        if (New == NULL) {
            Call.Refusal = STATUS_INSUFFICIENT_RESOURCES;
        }
    }
    if (CallPass(&Call, RealFunctions(&Call)->WskAccept != NULL, &Request)) {
        New->Context = AcceptSocketContext;
        New->Client = Client;
        Request->Produced = New;
        Request->Local = LocalAddress;
        Request->Remote = RemoteAddress;
        Request->Flags = Flags;
        Status = Keep ? KeepAccept(Call.Socket, Request) : PassAccept(Request);
    } else if (New != NULL) {
        SocketDiscard(New);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnInspectComplete(PWSK_SOCKET ListenSocket, PWSK_INSPECT_ID InspectID,
                                   WSK_INSPECT_ACTION Action, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskInspectComplete, ListenSocket, Irp, TRUE);
    TRACE(OTHER_ENTER, Call.Side, .call = CallNumber(&Call), .socket = Call.SocketNumber,
          .pointer = AS_U64(ListenSocket), .irp = AS_U64(Irp), .fn = Call.Function, .flags = (ULONG)Action);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskInspectComplete != NULL, &Request)) {
        Status = Real->WskInspectComplete(Call.Socket->Real, InspectID, Action, Irp);
    }
    return CallEnd(&Call, Status);
}

/* Functions of every socket, and those of the lifetime of a socket: control, close, bind, addresses. */
#include "functions.h"

#include "accept_event.h"
#include "real.h"
#include "sockaddr.h"

static BOOLEAN IsReadable(const VOID *Buffer)
{
    return Buffer != NULL && MmIsAddressValid((PVOID)Buffer);
}

/* What SO_WSK_EVENT_CALLBACK is asked; FALSE if the input is too short or not there. */
static BOOLEAN ReadEventControl(SIZE_T Size, const WSK_EVENT_CALLBACK_CONTROL *Input, TRACE_GUID *NpiId,
                                ULONG *Mask)
{
    if (Size < sizeof(*Input) || !IsReadable(Input)) {
        return FALSE;
    }
    *Mask = Input->EventMask;
    if (IsReadable(Input->NpiId)) {
        RtlCopyMemory(NpiId, Input->NpiId, sizeof(*NpiId));
    }
    return TRUE;
}

/* Keeps the listener's state of events, and tells a callback that waits for it that a disable has come back.
 */
static VOID EventsChanged(PROXY *Socket, ULONG Mask, NTSTATUS Status)
{
    if (!NT_SUCCESS(Status)) {
        return;
    }
    if (Mask & WSK_EVENT_DISABLE) {
        InterlockedAnd(&Socket->EnabledEvents, ~(LONG)Mask);
        if (Mask & WSK_EVENT_ACCEPT) {
            KeSetEvent(&Socket->DisableSeen, IO_NO_INCREMENT, FALSE);
        }
    } else {
        InterlockedOr(&Socket->EnabledEvents, (LONG)Mask);
    }
}

NTSTATUS WSKAPI OwnControlSocket(PWSK_SOCKET Socket, WSK_CONTROL_SOCKET_TYPE RequestType, ULONG ControlCode,
                                 ULONG Level, SIZE_T InputSize, PVOID InputBuffer, SIZE_T OutputSize,
                                 PVOID OutputBuffer, SIZE_T *OutputSizeReturned, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    TRACE_GUID NpiId = {0};
    ULONG Mask = 0;
    const BOOLEAN IsEvents = RequestType == WskSetOption && ControlCode == SO_WSK_EVENT_CALLBACK &&
                             ReadEventControl(InputSize, InputBuffer, &NpiId, &Mask);
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskControlSocket, Socket, Irp, FALSE);
    TRACE(CONTROL_SOCKET_ENTER, Call.Side, .call = CallNumber(&Call), .socket = Call.SocketNumber,
          .pointer = AS_U64(Socket), .irp = AS_U64(Irp), .input = AS_U64(InputBuffer),
          .input_size = InputSize, .output = AS_U64(OutputBuffer), .output_size = OutputSize,
          .output_returned = AS_U64(OutputSizeReturned), .npi_id = NpiId, .request = RequestType,
          .code = ControlCode, .level = Level, .event_mask = Mask);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskControlSocket != NULL, &Request)) {
        if (IsEvents && !(Mask & WSK_EVENT_DISABLE)) {
            AcceptOutputsSeen(Call.Socket);
        } else if (IsEvents && (Mask & WSK_EVENT_ACCEPT)) {
            AcceptPassOn(Call.Socket);
        }
        Status = Real->WskControlSocket(Call.Socket->Real, RequestType, ControlCode, Level, InputSize,
                                        InputBuffer, OutputSize, OutputBuffer, OutputSizeReturned, Irp);
    }
    Status = CallEnd(&Call, Status);
    if (IsEvents && Call.Socket != NULL) {
        EventsChanged(Call.Socket, Mask, Status);
    }
    return Status;
}

NTSTATUS WSKAPI OwnCloseSocket(PWSK_SOCKET Socket, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskCloseSocket, Socket, Irp, TRUE);
    TRACE(CLOSE_ENTER, Call.Side, .call = CallNumber(&Call), .socket = Call.SocketNumber,
          .pointer = AS_U64(Socket), .irp = AS_U64(Irp));
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskCloseSocket != NULL, &Request)) {
        AcceptPassOn(Call.Socket);
        Status = Real->WskCloseSocket(Call.Socket->Real, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnBind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskBind, Socket, Irp, TRUE);
    TRACE(BIND_ENTER, Call.Side, .call = CallNumber(&Call), .socket = Call.SocketNumber,
          .pointer = AS_U64(Socket), .irp = AS_U64(Irp), .local = SockaddrForTrace(LocalAddress),
          .flags = Flags);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskBind != NULL, &Request)) {
        Status = Real->WskBind(Call.Socket->Real, LocalAddress, Flags, Irp);
    }
    return CallEnd(&Call, Status);
}

/* The beginning of both address queries; TRUE if the call is to be passed on. */
static BOOLEAN AddressBegin(CALL *Call, TRACE_FUNCTION Function, PWSK_SOCKET Socket, PSOCKADDR Address,
                            PIRP Irp, const PROVIDER_FUNCTIONS **Real)
{
    REQUEST *Request;
    BOOLEAN Exists;

    CallBegin(Call, Function, Socket, Irp, TRUE);
    TRACE(ADDRESS_ENTER, Call->Side, .call = CallNumber(Call), .socket = Call->SocketNumber,
          .pointer = AS_U64(Socket), .irp = AS_U64(Irp), .buffer = AS_U64(Address), .fn = Function);
    *Real = RealFunctions(Call);
    Exists = Function == TRACE_FN_WskGetLocalAddress ? (*Real)->WskGetLocalAddress != NULL
                                                     : (*Real)->WskGetRemoteAddress != NULL;
    if (!CallPass(Call, Exists, &Request)) {
        return FALSE;
    }
    Request->Local = Address;
    return TRUE;
}

NTSTATUS WSKAPI OwnGetLocalAddress(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    if (AddressBegin(&Call, TRACE_FN_WskGetLocalAddress, Socket, LocalAddress, Irp, &Real)) {
        Status = Real->WskGetLocalAddress(Call.Socket->Real, LocalAddress, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnGetRemoteAddress(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    if (AddressBegin(&Call, TRACE_FN_WskGetRemoteAddress, Socket, RemoteAddress, Irp, &Real)) {
        Status = Real->WskGetRemoteAddress(Call.Socket->Real, RemoteAddress, Irp);
    }
    return CallEnd(&Call, Status);
}

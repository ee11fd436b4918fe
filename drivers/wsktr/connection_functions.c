/* Functions of sockets that are, or are to be, connected. */
#include "functions.h"

#include "real.h"

/* The record of a function that has none of its own. */
static VOID RecordOther(const CALL *Call, PWSK_SOCKET Socket, ULONG Flags, PIRP Irp)
{
    TRACE(OTHER_ENTER, Call->Side, .call = CallNumber(Call), .socket = Call->SocketNumber,
          .pointer = AS_U64(Socket), .irp = AS_U64(Irp), .fn = Call->Function, .flags = Flags);
}

static VOID RecordData(const CALL *Call, PWSK_SOCKET Socket, const WSK_BUF *Buffer, ULONG Flags, PIRP Irp)
{
    static const WSK_BUF None;
    const WSK_BUF *Given = Buffer == NULL ? &None : Buffer;

    TRACE(DATA_ENTER, Call->Side, .call = CallNumber(Call), .socket = Call->SocketNumber,
          .pointer = AS_U64(Socket), .irp = AS_U64(Irp), .mdl = AS_U64(Given->Mdl), .length = Given->Length,
          .offset = Given->Offset, .flags = Flags, .fn = Call->Function);
}

NTSTATUS WSKAPI OwnConnect(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, ULONG Flags, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskConnect, Socket, Irp, TRUE);
    RecordOther(&Call, Socket, Flags, Irp);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskConnect != NULL, &Request)) {
        Status = Real->WskConnect(Call.Socket->Real, RemoteAddress, Flags, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnConnectEx(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PWSK_BUF Buffer, ULONG Flags,
                             PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskConnectEx, Socket, Irp, TRUE);
    RecordOther(&Call, Socket, Flags, Irp);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskConnectEx != NULL, &Request)) {
        Status = Real->WskConnectEx(Call.Socket->Real, RemoteAddress, Buffer, Flags, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnListen(PWSK_SOCKET Socket, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskListen, Socket, Irp, TRUE);
    RecordOther(&Call, Socket, 0, Irp);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskListen != NULL, &Request)) {
        Status = Real->WskListen(Call.Socket->Real, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnSend(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskSend, Socket, Irp, TRUE);
    RecordData(&Call, Socket, Buffer, Flags, Irp);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskSend != NULL, &Request)) {
        Status = Real->WskSend(Call.Socket->Real, Buffer, Flags, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnReceive(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskReceive, Socket, Irp, TRUE);
    RecordData(&Call, Socket, Buffer, Flags, Irp);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskReceive != NULL, &Request)) {
        Status = Real->WskReceive(Call.Socket->Real, Buffer, Flags, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnDisconnect(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskDisconnect, Socket, Irp, TRUE);
    TRACE(DISCONNECT_ENTER, Call.Side, .call = CallNumber(&Call), .socket = Call.SocketNumber,
          .pointer = AS_U64(Socket), .irp = AS_U64(Irp), .buffer = AS_U64(Buffer),
          .length = Buffer == NULL ? 0 : Buffer->Length, .flags = Flags);
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskDisconnect != NULL, &Request)) {
        Status = Real->WskDisconnect(Call.Socket->Real, Buffer, Flags, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnRelease(PWSK_SOCKET Socket, PWSK_DATA_INDICATION DataIndication)
{
    const PROVIDER_FUNCTIONS *Real;
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBegin(&Call, TRACE_FN_WskRelease, Socket, NULL, FALSE);
    TRACE(RELEASE_ENTER, Call.Side, .call = CallNumber(&Call), .socket = Call.SocketNumber,
          .pointer = AS_U64(Socket), .indication = AS_U64(DataIndication));
    Real = RealFunctions(&Call);
    if (CallPass(&Call, Real->WskRelease != NULL, &Request)) {
        Status = Real->WskRelease(Call.Socket->Real, DataIndication);
    }
    return CallEnd(&Call, Status);
}

/* Any function whose first argument is the socket and that has at most seven more: on x64 it does not matter
 * to the one called how many are handed over. */
typedef NTSTATUS(WSKAPI *UNKNOWN_FUNCTION)(PWSK_SOCKET, PVOID, PVOID, PVOID, PVOID, PVOID, PVOID, PVOID);

NTSTATUS WSKAPI OwnSendEx(PWSK_SOCKET Socket, PVOID A, PVOID B, PVOID C, PVOID D, PVOID E, PVOID F, PVOID G)
{
    PROXY *Proxy = SocketFromDriver(Socket);

    if (Proxy == NULL || Proxy->State != SocketOpen) {
        return STATUS_SOCKET_GONE;
    }
    return ((UNKNOWN_FUNCTION)Proxy->Shadow->Real.WskSendEx)(Proxy->Real, A, B, C, D, E, F, G);
}

NTSTATUS WSKAPI OwnReceiveEx(PWSK_SOCKET Socket, PVOID A, PVOID B, PVOID C, PVOID D, PVOID E, PVOID F,
                             PVOID G)
{
    PROXY *Proxy = SocketFromDriver(Socket);

    if (Proxy == NULL || Proxy->State != SocketOpen) {
        return STATUS_SOCKET_GONE;
    }
    return ((UNKNOWN_FUNCTION)Proxy->Shadow->Real.WskReceiveEx)(Proxy->Real, A, B, C, D, E, F, G);
}

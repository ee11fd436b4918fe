/* Functions of datagram sockets. */
#include "functions.h"

#include "real.h"

static const PROVIDER_FUNCTIONS *Begin(CALL *Call, TRACE_FUNCTION Function, PWSK_SOCKET Socket, ULONG Flags,
                                       PIRP Irp)
{
    CallBegin(Call, Function, Socket, Irp, Function != TRACE_FN_WskRelease);
    TRACE(OTHER_ENTER, Call->Side, .call = CallNumber(Call), .socket = Call->SocketNumber,
          .pointer = AS_U64(Socket), .irp = AS_U64(Irp), .fn = Function, .flags = Flags);
    return RealFunctions(Call);
}

NTSTATUS WSKAPI OwnSendTo(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PSOCKADDR RemoteAddress,
                          ULONG ControlInfoLength, struct _CMSGHDR *ControlInfo, PIRP Irp)
{
    REQUEST *Request;
    CALL Call;
    const PROVIDER_FUNCTIONS *Real = Begin(&Call, TRACE_FN_WskSendTo, Socket, Flags, Irp);
    NTSTATUS Status = STATUS_SUCCESS;

    if (CallPass(&Call, Real->WskSendTo != NULL, &Request)) {
        Status = Real->WskSendTo(Call.Socket->Real, Buffer, Flags, RemoteAddress, ControlInfoLength,
                                 ControlInfo, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnReceiveFrom(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PSOCKADDR RemoteAddress,
                               PULONG ControlLength, struct _CMSGHDR *ControlInfo, PULONG ControlFlags,
                               PIRP Irp)
{
    REQUEST *Request;
    CALL Call;
    const PROVIDER_FUNCTIONS *Real = Begin(&Call, TRACE_FN_WskReceiveFrom, Socket, Flags, Irp);
    NTSTATUS Status = STATUS_SUCCESS;

    if (CallPass(&Call, Real->WskReceiveFrom != NULL, &Request)) {
        Status = Real->WskReceiveFrom(Call.Socket->Real, Buffer, Flags, RemoteAddress, ControlLength,
                                      ControlInfo, ControlFlags, Irp);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnReleaseDatagram(PWSK_SOCKET Socket, PWSK_DATAGRAM_INDICATION DatagramIndication)
{
    REQUEST *Request;
    CALL Call;
    const PROVIDER_FUNCTIONS *Real = Begin(&Call, TRACE_FN_WskRelease, Socket, 0, NULL);
    NTSTATUS Status = STATUS_SUCCESS;

    if (CallPass(&Call, Real->WskReleaseDatagram != NULL, &Request)) {
        Status = Real->WskReleaseDatagram(Call.Socket->Real, DatagramIndication);
    }
    return CallEnd(&Call, Status);
}

NTSTATUS WSKAPI OwnSendMessages(PWSK_SOCKET Socket, PWSK_BUF_LIST BufferList, ULONG Flags,
                                PSOCKADDR RemoteAddress, ULONG ControlInfoLength,
                                struct _CMSGHDR *ControlInfo, PIRP Irp)
{
    REQUEST *Request;
    CALL Call;
    const PROVIDER_FUNCTIONS *Real = Begin(&Call, TRACE_FN_WskSendMessages, Socket, Flags, Irp);
    NTSTATUS Status = STATUS_SUCCESS;

    if (CallPass(&Call, Real->WskSendMessages != NULL, &Request)) {
        Status = Real->WskSendMessages(Call.Socket->Real, BufferList, Flags, RemoteAddress, ControlInfoLength,
                                       ControlInfo, Irp);
    }
    return CallEnd(&Call, Status);
}

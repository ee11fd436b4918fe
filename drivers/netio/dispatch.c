/* The provider's dispatch tables. What is not TCP over listening and connection sockets answers
 * STATUS_NOT_SUPPORTED. */
#include "connection.h"
#include "listener.h"
#include "request.h"

static NTSTATUS WSKAPI NoInspectComplete(PWSK_SOCKET Socket, PWSK_INSPECT_ID InspectID,
                                         WSK_INSPECT_ACTION Action, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Socket);
    UNREFERENCED_PARAMETER(InspectID);
    UNREFERENCED_PARAMETER(Action);
    return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
}

static NTSTATUS WSKAPI NoConnect(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, ULONG Flags, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Socket);
    UNREFERENCED_PARAMETER(RemoteAddress);
    UNREFERENCED_PARAMETER(Flags);
    return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
}

static NTSTATUS WSKAPI NoConnectEx(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PWSK_BUF Buffer, ULONG Flags,
                                   PIRP Irp)
{
    UNREFERENCED_PARAMETER(Buffer);
    return NoConnect(Socket, RemoteAddress, Flags, Irp);
}

static const WSK_PROVIDER_BASIC_DISPATCH BasicTable = {SocketControl, SocketClose};

static const WSK_PROVIDER_LISTEN_DISPATCH ListenTable = {
    .WskControlSocket = SocketControl,
    .WskCloseSocket = SocketClose,
    .WskBind = ListenerBind,
    .WskAccept = ListenerAccept,
    .WskInspectComplete = NoInspectComplete,
    .WskGetLocalAddress = SocketGetLocalAddress,
};

static const WSK_PROVIDER_CONNECTION_DISPATCH ConnectionTable = {
    .WskControlSocket = SocketControl,
    .WskCloseSocket = SocketClose,
    .WskBind = ListenerBind,
    .WskConnect = NoConnect,
    .WskGetLocalAddress = SocketGetLocalAddress,
    .WskGetRemoteAddress = SocketGetRemoteAddress,
    .WskSend = ConnectionSend,
    .WskReceive = ConnectionReceive,
    .WskDisconnect = ConnectionDisconnect,
    .WskRelease = ConnectionRelease,
    .WskConnectEx = NoConnectEx,
};

const VOID *ProviderTable(ULONG Category)
{
    switch (Category) {
    case WSK_FLAG_LISTEN_SOCKET:
        return &ListenTable;
    case WSK_FLAG_CONNECTION_SOCKET:
        return &ConnectionTable;
    default:
        return &BasicTable;
    }
}

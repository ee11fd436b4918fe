#include "choices.h"

static NTSTATUS Start(VOID)
{
    return STATUS_SUCCESS;
}

static VOID Started(PDRIVER_OBJECT Driver)
{
    UNREFERENCED_PARAMETER(Driver);
}

static VOID Stop(VOID)
{
}

/* A listening socket's events can be enabled once it is bound, not before. */
static NTSTATUS Bind(LISTENER *Listener)
{
    const NTSTATUS Status = ListenerBind(Listener);

    return NT_SUCCESS(Status) && ListenerIsEnabledEarly() ? ListenerEnable(Listener) : Status;
}

/* The listener stays as it is: after STATUS_EVENT_PENDING calls may still come, and nobody tells when the
 * last was. */
static VOID Disabled(LISTENER *Listener, NTSTATUS Status)
{
    UNREFERENCED_PARAMETER(Listener);
    UNREFERENCED_PARAMETER(Status);
}

static LISTENER *Listener(PVOID SocketContext)
{
    return SocketContext;
}

/* The listener is no longer functional and has to be closed as soon as possible. */
static VOID Dead(LISTENER *Listener)
{
    ListenerCloseSoon(Listener);
}

static NTSTATUS Answer(BOOLEAN IsAccepted)
{
    return IsAccepted ? STATUS_SUCCESS : STATUS_REQUEST_NOT_ACCEPTED;
}

/* WSK closes it. */
static VOID Rejected(PWSK_SOCKET Socket)
{
    UNREFERENCED_PARAMETER(Socket);
}

static VOID Outputs(PVOID Context, const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch, PVOID *AcceptSocketContext,
                    const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    *AcceptSocketContext = Context;
    *AcceptSocketDispatch = Dispatch;
}

static VOID Accepted(CONNECTION *Connection)
{
    UNREFERENCED_PARAMETER(Connection);
}

/* The address is WSK's, and only until WskAcceptEvent returns. */
static VOID KeepPeer(CONNECTION *Connection, const SOCKADDR *RemoteAddress)
{
    const SIZE_T Bytes = RemoteAddress->sa_family == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);

    RtlCopyMemory(&Connection->Peer, RemoteAddress, Bytes);
}

static const SOCKADDR *KeptPeer(const CONNECTION *Connection)
{
    return (const SOCKADDR *)&Connection->Peer;
}

/* It may be DISPATCH_LEVEL, and waiting is forbidden anyway: the worker sends it. */
static VOID Received(CONNECTION *Connection, TRANSFER *Transfer)
{
    ConnectionEcho(Connection, Transfer);
}

static BOOLEAN Close(CONNECTION *Connection)
{
    UNREFERENCED_PARAMETER(Connection);
    return TRUE;
}

static VOID Closed(PWSK_SOCKET Socket)
{
    UNREFERENCED_PARAMETER(Socket);
}

/* The IRPs are ours: nobody above is to complete them. */
static NTSTATUS Completion(VOID)
{
    return STATUS_MORE_PROCESSING_REQUIRED;
}

CHOICES Choices = {Start,   Started,  Stop,     Bind,     Disabled, Listener, Dead,   Answer,    Rejected,
                   Outputs, Accepted, KeepPeer, KeptPeer, Received, Close,    Closed, Completion};

#include "choices.h"

NTSTATUS ChooseStart(PDRIVER_OBJECT Driver)
{
    UNREFERENCED_PARAMETER(Driver);
    return STATUS_SUCCESS;
}

VOID ChooseStarted(PDRIVER_OBJECT Driver)
{
    UNREFERENCED_PARAMETER(Driver);
}

VOID ChooseStop(VOID)
{
}

/* A listening socket's events can be enabled once it is bound, not before. */
NTSTATUS ChooseBind(LISTENER *Listener)
{
    const NTSTATUS Status = ListenerBind(Listener);

    return NT_SUCCESS(Status) && ListenerIsEnabledEarly() ? ListenerEnable(Listener) : Status;
}

/* The listener stays as it is: after STATUS_EVENT_PENDING calls may still come, and nobody tells when the
 * last one was. */
VOID ChooseDisabled(LISTENER *Listener, NTSTATUS Status)
{
    UNREFERENCED_PARAMETER(Listener);
    UNREFERENCED_PARAMETER(Status);
}

LISTENER *ChooseListener(PVOID SocketContext)
{
    return SocketContext;
}

/* The listener is no longer functional and has to be closed as soon as possible. */
VOID ChooseDead(LISTENER *Listener)
{
    ListenerCloseSoon(Listener);
}

NTSTATUS ChooseAnswer(BOOLEAN IsAccepted)
{
    return IsAccepted ? STATUS_SUCCESS : STATUS_REQUEST_NOT_ACCEPTED;
}

/* WSK closes it. */
VOID ChooseRejected(PWSK_SOCKET Socket)
{
    UNREFERENCED_PARAMETER(Socket);
}

VOID ChooseOutputs(PVOID Context, const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch, PVOID *AcceptSocketContext,
                   const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    *AcceptSocketContext = Context;
    *AcceptSocketDispatch = Dispatch;
}

VOID ChooseAccepted(CONNECTION *Connection)
{
    UNREFERENCED_PARAMETER(Connection);
}

/* The address is WSK's, and only until WskAcceptEvent returns. */
VOID ChoosePeer(CONNECTION *Connection, const SOCKADDR *RemoteAddress)
{
    const SIZE_T Bytes = RemoteAddress->sa_family == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);

    RtlCopyMemory(&Connection->Peer, RemoteAddress, Bytes);
}

const SOCKADDR *ChooseKeptPeer(const CONNECTION *Connection)
{
    return (const SOCKADDR *)&Connection->Peer;
}

VOID ChooseReceived(CONNECTION *Connection, TRANSFER *Transfer)
{
    ConnectionEcho(Connection, Transfer);
}

BOOLEAN ChooseClose(CONNECTION *Connection)
{
    UNREFERENCED_PARAMETER(Connection);
    return TRUE;
}

/* The IRPs are ours: nobody above is to complete them. */
NTSTATUS ChooseCompletion(VOID)
{
    return STATUS_MORE_PROCESSING_REQUIRED;
}

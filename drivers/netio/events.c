#include "events.h"

#include "irql.h"
#include "request.h"

static const ULONG FlagOf[EVENT_COUNT] = {WSK_EVENT_ACCEPT, WSK_EVENT_RECEIVE, WSK_EVENT_DISCONNECT,
                                          WSK_EVENT_SEND_BACKLOG};

ULONG EventFlags(VOID)
{
    return NtsupGetIrql() == DISPATCH_LEVEL ? WSK_FLAG_AT_DISPATCH_LEVEL : 0;
}

static BOOLEAN HasFunction(const SOCKET_OBJECT *socket, EVENT_INDEX event)
{
    const WSK_CLIENT_LISTEN_DISPATCH *listen = socket->Dispatch;
    const WSK_CLIENT_CONNECTION_DISPATCH *connection = socket->Dispatch;

    if (socket->Dispatch == NULL) {
        return FALSE;
    }
    switch (event) {
    case EVENT_ACCEPT:
        return listen->WskAcceptEvent != NULL;
    case EVENT_RECEIVE:
        return connection->WskReceiveEvent != NULL;
    case EVENT_DISCONNECT:
        return connection->WskDisconnectEvent != NULL;
    default:
        return connection->WskSendBacklogEvent != NULL;
    }
}

_Use_decl_annotations_ BOOLEAN EventIsOn(const SOCKET_OBJECT *Socket, EVENT_INDEX Event)
{
    return !Socket->Closing && (Socket->Enabled & FlagOf[Event]) != 0 && HasFunction(Socket, Event);
}

_Use_decl_annotations_ BOOLEAN EventBegin(SOCKET_OBJECT *Socket, EVENT_INDEX Event)
{
    if (!EventIsOn(Socket, Event)) {
        return FALSE;
    }
    Socket->InProgress[Event]++;
    SocketReference(Socket);
    return TRUE;
}

_Use_decl_annotations_ VOID EventEnd(SOCKET_OBJECT *Socket, EVENT_INDEX Event)
{
    PIRP irp;

    ProviderLock();
    Socket->InProgress[Event]--;
    ProviderUnlock();
    do {
        ProviderLock();
        irp = Socket->InProgress[Event] == 0 ? RequestTake(&Socket->DisableIrps[Event]) : NULL;
        ProviderUnlock();
        if (irp != NULL) {
            SocketComplete(Socket, irp, STATUS_SUCCESS, 0);
        }
    } while (irp != NULL);
    SocketDereference(Socket);
}

static NTSTATUS Enable(SOCKET_OBJECT *socket, ULONG mask, PIRP irp)
{
    const ULONG own = socket->Category == WSK_FLAG_LISTEN_SOCKET ? WSK_EVENT_ACCEPT : CONNECTION_EVENTS;
    const ULONG inherited = socket->Category == WSK_FLAG_LISTEN_SOCKET ? CONNECTION_EVENTS : 0;

    if (irp != NULL || mask == 0 || (mask & ~(own | inherited)) != 0) {
        return RequestAnswer(irp, STATUS_INVALID_PARAMETER, 0);
    }
    ProviderLock();
    socket->Enabled |= mask & own;
    socket->Listener.Inherited |= mask & inherited;
    socket->Connection.DataWaiting = FALSE;
    ProviderUnlock();
    EndpointsWake();
    return STATUS_SUCCESS;
}

static NTSTATUS Disable(SOCKET_OBJECT *socket, ULONG mask, PIRP irp)
{
    EVENT_INDEX event = EVENT_ACCEPT;
    NTSTATUS status;

    while (event < EVENT_COUNT && FlagOf[event] != mask) {
        event++;
    }
    if (event == EVENT_COUNT || (event == EVENT_ACCEPT) != (socket->Category == WSK_FLAG_LISTEN_SOCKET) ||
        (socket->Static & mask) != 0) {
        return RequestAnswer(irp, STATUS_INVALID_PARAMETER, 0);
    }
    if (irp != NULL) {
        RequestBegin(irp);
    }
    ProviderLock();
    socket->Enabled &= ~mask;
    if (socket->InProgress[event] == 0) {
        ProviderUnlock();
        if (irp != NULL) {
            RequestComplete(irp, STATUS_SUCCESS, 0);
        }
        return STATUS_SUCCESS;
    }
    ProviderUnlock();
    if (irp == NULL) {
        return STATUS_EVENT_PENDING;
    }
    return SocketQueue(socket, &socket->DisableIrps[event], irp, NULL, &status) ? STATUS_PENDING : status;
}

_Use_decl_annotations_ NTSTATUS EventsControl(SOCKET_OBJECT *Socket,
                                              const WSK_EVENT_CALLBACK_CONTROL *Control, PIRP Irp)
{
    if ((Socket->Category & (WSK_FLAG_LISTEN_SOCKET | WSK_FLAG_CONNECTION_SOCKET)) == 0 ||
        Control->NpiId == NULL || !RtlEqualMemory(Control->NpiId, &NPI_WSK_INTERFACE_ID, sizeof(NPIID))) {
        return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
    }
    return (Control->EventMask & WSK_EVENT_DISABLE) != 0
               ? Disable(Socket, Control->EventMask & ~WSK_EVENT_DISABLE, Irp)
               : Enable(Socket, Control->EventMask, Irp);
}

#include "listener.h"

#include "connection.h"
#include "events.h"
#include "request.h"

/* What a queued WskAccept wants, as the request's context. */
typedef struct _ACCEPT {
    PVOID Context;
    const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch;
    PSOCKADDR Local, Remote;
} ACCEPT;

NTSTATUS WSKAPI ListenerBind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp)
{
    SOCKET_OBJECT *socket = SocketOf(Socket);

    if (Flags != 0 || LocalAddress == NULL || LocalAddress->sa_family != socket->Family) {
        return RequestAnswer(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    if (!EndpointBind(socket->Endpoint, LocalAddress) ||
        (socket->Category == WSK_FLAG_LISTEN_SOCKET && !EndpointListen(socket->Endpoint))) {
        return RequestAnswer(Irp, EndpointError(), 0);
    }
    EndpointLocalAddress(socket->Endpoint, socket->Local);
    ProviderLock();
    socket->Bound = TRUE;
    ProviderUnlock();
    EndpointsWake();
    return RequestAnswer(Irp, STATUS_SUCCESS, 0);
}

BOOLEAN ListenerHasConsumer(const SOCKET_OBJECT *Listener)
{
    return !Listener->Closing &&
           (!IsListEmpty(&Listener->Listener.Accepts) || EventIsOn(Listener, EVENT_ACCEPT));
}

/* A connection that the stack has accepted, as a socket; NULL (and the connection is ended) without memory.
 */
static SOCKET_OBJECT *MakeConnection(SOCKET_OBJECT *listener, ENDPOINT endpoint)
{
    CLIENT *client = ClientReference(listener->Client);
    SOCKET_OBJECT *connection =
        client == NULL ? NULL : SocketCreate(client, WSK_FLAG_CONNECTION_SOCKET, listener->Family);

    if (connection == NULL) {
        if (client != NULL) {
            ClientDereference(client);
        }
        EndpointClose(endpoint, TRUE);
        return NULL;
    }
    connection->Endpoint = endpoint;
    connection->Bound = TRUE;
    connection->Connection.Connected = TRUE;
    EndpointLocalAddress(endpoint, connection->Local);
    EndpointRemoteAddress(endpoint, connection->Remote);
    if (((PSOCKADDR)connection->Remote)->sa_family != connection->Family) {
        /* Reset before it was accepted: the stack does not know its address any more. It may be dropped. */
        SocketDereference(connection);
        return NULL;
    }
    return connection;
}

/* The next connection: one that waits here, or one that waits in the stack; NULL if there is none. */
static SOCKET_OBJECT *NextConnection(SOCKET_OBJECT *listener)
{
    SOCKET_OBJECT *connection = NULL;
    ENDPOINT endpoint;

    ProviderLock();
    if (!IsListEmpty(&listener->Listener.Waiting)) {
        connection = CONTAINING_RECORD(RemoveHeadList(&listener->Listener.Waiting), SOCKET_OBJECT, Link);
        InitializeListHead(&connection->Link);
    }
    ProviderUnlock();
    if (connection != NULL) {
        return connection;
    }
    endpoint = listener->Bound && listener->Endpoint != NO_ENDPOINT ? EndpointAccept(listener->Endpoint)
                                                                    : NO_ENDPOINT;
    return endpoint == NO_ENDPOINT ? NULL : MakeConnection(listener, endpoint);
}

static VOID GiveAddresses(const SOCKET_OBJECT *connection, PSOCKADDR local, PSOCKADDR remote)
{
    const SIZE_T size = connection->Family == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);

    if (local != NULL) {
        RtlCopyMemory(local, connection->Local, size);
    }
    if (remote != NULL) {
        RtlCopyMemory(remote, connection->Remote, size);
    }
}

/* The driver has it now: its callbacks may come. */
static VOID HandOver(SOCKET_OBJECT *connection, PVOID context, const VOID *dispatch, ULONG events)
{
    connection->Context = context;
    connection->Dispatch = dispatch;
    connection->Enabled |= events;
    SocketPublish(connection);
}

static VOID DeliverByIrp(SOCKET_OBJECT *listener, SOCKET_OBJECT *connection, PIRP irp)
{
    const ACCEPT *accept = *RequestContext(irp);

    GiveAddresses(connection, accept->Local, accept->Remote);
    HandOver(connection, accept->Context, accept->Dispatch, 0);
    SocketComplete(listener, irp, STATUS_SUCCESS, (ULONG_PTR)&connection->Public);
}

/* EventBegin has succeeded. */
static VOID DeliverByEvent(SOCKET_OBJECT *listener, SOCKET_OBJECT *connection)
{
    const WSK_CLIENT_LISTEN_DISPATCH *table = listener->Dispatch;
    SOCKADDR_IN6 local, remote; /* valid for the call only */
    const WSK_CLIENT_CONNECTION_DISPATCH *dispatch = NULL;
    PVOID context = NULL;
    NTSTATUS status;

    GiveAddresses(connection, (PSOCKADDR)&local, (PSOCKADDR)&remote);
    status = table->WskAcceptEvent(listener->Context, EventFlags(), (PSOCKADDR)&local, (PSOCKADDR)&remote,
                                   &connection->Public, &context, &dispatch);
    if (status == STATUS_SUCCESS) {
        HandOver(connection, context, dispatch, listener->Listener.Inherited);
    } else {
        connection->Closing = TRUE;
        if (connection->Connection.AbortIrp != NULL) {
            ConnectionAbort(connection);
        }
        SocketTearDown(connection);
    }
    EventEnd(listener, EVENT_ACCEPT);
}

/* FALSE: nobody takes connections now; it waits. */
static BOOLEAN Deliver(SOCKET_OBJECT *listener, SOCKET_OBJECT *connection)
{
    BOOLEAN event = FALSE;
    PIRP irp;

    ProviderLock();
    irp = listener->Closing ? NULL : RequestTake(&listener->Listener.Accepts);
    if (irp == NULL) {
        event = EventBegin(listener, EVENT_ACCEPT);
        if (!event) {
            InsertHeadList(&listener->Listener.Waiting, &connection->Link);
        }
    }
    ProviderUnlock();
    if (irp != NULL) {
        DeliverByIrp(listener, connection, irp);
    } else if (event) {
        DeliverByEvent(listener, connection);
    }
    return irp != NULL || event;
}

VOID ListenerService(SOCKET_OBJECT *Listener)
{
    for (;;) {
        SOCKET_OBJECT *connection;
        BOOLEAN wanted;

        ProviderLock();
        wanted = ListenerHasConsumer(Listener);
        ProviderUnlock();
        connection = wanted ? NextConnection(Listener) : NULL;
        if (connection == NULL || !Deliver(Listener, connection)) {
            return;
        }
    }
}

VOID ListenerDropWaiting(SOCKET_OBJECT *Listener)
{
    for (;;) {
        SOCKET_OBJECT *connection = NULL;

        ProviderLock();
        if (!IsListEmpty(&Listener->Listener.Waiting)) {
            connection = CONTAINING_RECORD(RemoveHeadList(&Listener->Listener.Waiting), SOCKET_OBJECT, Link);
            InitializeListHead(&connection->Link);
        }
        ProviderUnlock();
        if (connection == NULL) {
            return;
        }
        connection->Closing = TRUE;
        SocketTearDown(connection);
    }
}

NTSTATUS WSKAPI ListenerAccept(PWSK_SOCKET ListenSocket, ULONG Flags, PVOID AcceptSocketContext,
                               const WSK_CLIENT_CONNECTION_DISPATCH *AcceptSocketDispatch,
                               PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress, PIRP Irp)
{
    SOCKET_OBJECT *listener = SocketOf(ListenSocket);
    SOCKET_OBJECT *connection;
    BOOLEAN first;
    NTSTATUS status;
    ACCEPT *accept;

    if (Irp == NULL || Flags != 0) {
        return RequestAnswer(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    if (!listener->Bound) {
        return RequestAnswer(Irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
    ProviderLock();
    first = IsListEmpty(&listener->Listener.Accepts) && !listener->Closing;
    ProviderUnlock();
    connection = first ? NextConnection(listener) : NULL;
    if (connection != NULL) {
        GiveAddresses(connection, LocalAddress, RemoteAddress);
        HandOver(connection, AcceptSocketContext, AcceptSocketDispatch, 0);
        return RequestAnswer(Irp, STATUS_SUCCESS, (ULONG_PTR)&connection->Public);
    }
    accept = PoolAllocate(sizeof *accept, REQUEST_TAG);
    if (accept == NULL) {
        return RequestAnswer(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    *accept = (ACCEPT){AcceptSocketContext, AcceptSocketDispatch, LocalAddress, RemoteAddress};
    RequestBegin(Irp);
    SocketQueue(listener, &listener->Listener.Accepts, Irp, accept, &status);
    return status;
}

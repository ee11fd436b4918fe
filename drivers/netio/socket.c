#include "socket.h"

#include "connection.h"
#include "listener.h"
#include "request.h"

#define SOCKET_TAG 'kcSN'

LIST_ENTRY AllSockets = {&AllSockets, &AllSockets};

_Use_decl_annotations_ SOCKET_OBJECT *SocketCreate(CLIENT *Client, ULONG Category, ADDRESS_FAMILY Family)
{
    SOCKET_OBJECT *socket = PoolAllocate(sizeof *socket, SOCKET_TAG);

    if (socket == NULL) {
        return NULL;
    }
    socket->Public.Dispatch = ProviderTable(Category);
    socket->References = 1;
    socket->Client = Client;
    socket->Category = Category;
    socket->Family = Family;
    socket->Endpoint = NO_ENDPOINT;
    socket->Static =
        Client->StaticEvents & (Category == WSK_FLAG_LISTEN_SOCKET ? WSK_EVENT_ACCEPT : CONNECTION_EVENTS);
    socket->Enabled = socket->Static;
    for (ULONG event = 0; event < EVENT_COUNT; event++) {
        InitializeListHead(&socket->DisableIrps[event]);
    }
    InitializeListHead(&socket->Listener.Accepts);
    InitializeListHead(&socket->Listener.Waiting);
    InitializeListHead(&socket->Connection.Receives);
    InitializeListHead(&socket->Connection.Sends);
    InitializeListHead(&socket->Connection.Disconnects);
    InitializeListHead(&socket->Connection.Buffered);
    InitializeListHead(&socket->Connection.Retained);
    InitializeListHead(&socket->Link);
    return socket;
}

_Use_decl_annotations_ VOID SocketPublish(SOCKET_OBJECT *Socket)
{
    ProviderLock();
    RemoveEntryList(&Socket->Link);
    InsertTailList(&AllSockets, &Socket->Link);
    ProviderUnlock();
}

_Use_decl_annotations_ VOID SocketReference(SOCKET_OBJECT *Socket)
{
    Socket->References++;
}

_Use_decl_annotations_ VOID SocketDereference(SOCKET_OBJECT *Socket)
{
    BOOLEAN last;

    ProviderLock();
    last = --Socket->References == 0;
    if (last) {
        RemoveEntryList(&Socket->Link);
    }
    ProviderUnlock();
    if (!last) {
        return;
    }
    /* Nobody else can find it: no request, no callback, no turn of the transport, and the driver gave it up.
     */
    if (Socket->Endpoint != NO_ENDPOINT) {
        EndpointClose(Socket->Endpoint, FALSE);
    }
    ConnectionFreeData(Socket);
    if (Socket->CloseIrp != NULL) {
        RequestComplete(Socket->CloseIrp, STATUS_SUCCESS, 0);
    }
    ClientDereference(Socket->Client);
    ExFreePoolWithTag(Socket, SOCKET_TAG);
}

/* IoCancelIrp took it from its queue. */
static VOID CompleteCancelled(PIRP irp)
{
    SocketComplete(RequestOwner(irp), irp, STATUS_CANCELLED, 0);
}

_Use_decl_annotations_ BOOLEAN SocketQueue(SOCKET_OBJECT *Socket, LIST_ENTRY *Queue, PIRP Irp, PVOID Context,
                                           NTSTATUS *Status)
{
    BOOLEAN queued = FALSE;

    ProviderLock();
    SocketReference(Socket);
    *Status = STATUS_FILE_FORCED_CLOSED;
    if (!Socket->Closing) {
        *Status = STATUS_CANCELLED;
        *RequestContext(Irp) = Context;
        queued = RequestQueue(Irp, Queue, Socket, CompleteCancelled);
    }
    ProviderUnlock();
    if (queued) {
        *Status = STATUS_PENDING;
        EndpointsWake();
    } else {
        *RequestContext(Irp) = Context;
        SocketComplete(Socket, Irp, *Status, 0);
    }
    return queued;
}

_Use_decl_annotations_ VOID SocketComplete(SOCKET_OBJECT *Socket, PIRP Irp, NTSTATUS Status,
                                           ULONG_PTR Information)
{
    PVOID context = *RequestContext(Irp);

    if (context != NULL) {
        ExFreePoolWithTag(context, REQUEST_TAG);
    }
    RequestComplete(Irp, Status, Information);
    SocketDereference(Socket);
}

static VOID CancelQueue(SOCKET_OBJECT *socket, LIST_ENTRY *queue)
{
    for (;;) {
        PIRP irp;

        ProviderLock();
        irp = RequestTake(queue);
        ProviderUnlock();
        if (irp == NULL) {
            return;
        }
        SocketComplete(socket, irp, STATUS_CANCELLED, 0);
    }
}

VOID SocketTearDown(SOCKET_OBJECT *Socket)
{
    const BOOLEAN abortive =
        Socket->Connection.Connected && !(Socket->Connection.EndReceived && Socket->Connection.EndSent);

    if (Socket->Endpoint != NO_ENDPOINT) {
        EndpointClose(Socket->Endpoint, abortive);
        Socket->Endpoint = NO_ENDPOINT;
    }
    CancelQueue(Socket, &Socket->Listener.Accepts);
    CancelQueue(Socket, &Socket->Connection.Receives);
    CancelQueue(Socket, &Socket->Connection.Sends);
    CancelQueue(Socket, &Socket->Connection.Disconnects);
    ListenerDropWaiting(Socket);
    SocketDereference(Socket);
}

NTSTATUS WSKAPI SocketClose(PWSK_SOCKET Socket, PIRP Irp)
{
    SOCKET_OBJECT *socket = SocketOf(Socket);

    if (Irp == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    RequestBegin(Irp);
    ProviderLock();
    if (socket->Closing) {
        ProviderUnlock();
        RequestComplete(Irp, STATUS_INVALID_DEVICE_STATE, 0);
        return STATUS_INVALID_DEVICE_STATE;
    }
    IoMarkIrpPending(Irp);
    socket->Closing = TRUE;
    socket->CloseIrp = Irp;
    ProviderUnlock();
    /* The transport's thread ends the connection and cancels what is pending. */
    EndpointsWake();
    return STATUS_PENDING;
}

static NTSTATUS CheckCombination(ADDRESS_FAMILY family, USHORT type, ULONG protocol, ULONG category)
{
    if (category == WSK_FLAG_BASIC_SOCKET) {
        return STATUS_SUCCESS;
    }
    if (category != WSK_FLAG_LISTEN_SOCKET && category != WSK_FLAG_CONNECTION_SOCKET) {
        return STATUS_NOT_SUPPORTED;
    }
    return (family == AF_INET || family == AF_INET6) && type == SOCK_STREAM && protocol == IPPROTO_TCP
               ? STATUS_SUCCESS
               : STATUS_INVALID_PARAMETER;
}

NTSTATUS WSKAPI SocketCreateForClient(PWSK_CLIENT Client, ADDRESS_FAMILY AddressFamily, USHORT SocketType,
                                      ULONG Protocol, ULONG Flags, PVOID SocketContext, const VOID *Dispatch,
                                      PEPROCESS OwningProcess, PETHREAD OwningThread,
                                      PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp)
{
    CLIENT *client = ClientReference(Client);
    NTSTATUS status = CheckCombination(AddressFamily, SocketType, Protocol, Flags);
    SOCKET_OBJECT *socket;

    UNREFERENCED_PARAMETER(OwningProcess);
    UNREFERENCED_PARAMETER(OwningThread);
    UNREFERENCED_PARAMETER(SecurityDescriptor);
    if (client == NULL || Irp == NULL) {
        if (client != NULL) {
            ClientDereference(client);
        }
        return RequestAnswer(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    socket = NT_SUCCESS(status) ? SocketCreate(client, Flags, AddressFamily) : NULL;
    if (socket == NULL) {
        ClientDereference(client);
        return RequestAnswer(Irp, NT_SUCCESS(status) ? STATUS_INSUFFICIENT_RESOURCES : status, 0);
    }
    socket->Context = SocketContext;
    socket->Dispatch = Dispatch;
    if (Flags != WSK_FLAG_BASIC_SOCKET) {
        socket->Endpoint = EndpointCreate(AddressFamily);
        if (socket->Endpoint == NO_ENDPOINT) {
            status = EndpointError();
            SocketDereference(socket);
            return RequestAnswer(Irp, status, 0);
        }
    }
    SocketPublish(socket);
    return RequestAnswer(Irp, STATUS_SUCCESS, (ULONG_PTR)&socket->Public);
}

static SIZE_T AddressSize(ADDRESS_FAMILY family)
{
    return family == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
}

NTSTATUS WSKAPI SocketGetLocalAddress(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, PIRP Irp)
{
    SOCKET_OBJECT *socket = SocketOf(Socket);

    if (!socket->Bound) {
        return RequestAnswer(Irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
    RtlCopyMemory(LocalAddress, socket->Local, AddressSize(socket->Family));
    return RequestAnswer(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS WSKAPI SocketGetRemoteAddress(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PIRP Irp)
{
    SOCKET_OBJECT *socket = SocketOf(Socket);

    if (!socket->Connection.Connected) {
        return RequestAnswer(Irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
    RtlCopyMemory(RemoteAddress, socket->Remote, AddressSize(socket->Family));
    return RequestAnswer(Irp, STATUS_SUCCESS, 0);
}

/* WskSend and WskDisconnect: one queue, because a graceful disconnect waits for the sends before it. */
#include "buffer.h"
#include "connection.h"
#include "request.h"

/* What a queued WskSend or graceful WskDisconnect wants, as the request's context. */
typedef struct _SEND {
    WSK_BUF Buffer;
    SIZE_T Done;
    BOOLEAN Disconnect; /* FIN behind the bytes */
} SEND;

/* Sends as far as it goes. STATUS_PENDING: the stack takes no more now. */
static NTSTATUS Push(SOCKET_OBJECT *connection, SEND *send)
{
    for (;;) {
        SIZE_T size, sent;
        const PUCHAR from = BufferAt(&send->Buffer, send->Done, &size);
        ENDPOINT_RESULT result;

        if (from == NULL) {
            return send->Done >= send->Buffer.Length ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
        }
        if (connection->Connection.Broken || connection->Endpoint == NO_ENDPOINT) {
            return STATUS_CONNECTION_RESET;
        }
        result = EndpointSend(connection->Endpoint, from, size, &sent);
        if (result == ENDPOINT_WOULD_BLOCK) {
            return STATUS_PENDING;
        }
        if (result != ENDPOINT_DONE) {
            ProviderLock();
            connection->Connection.Broken = TRUE;
            ProviderUnlock();
            return STATUS_CONNECTION_RESET;
        }
        send->Done += sent;
    }
}

/*
 * The bytes before it are on their way: sends the FIN. The request then waits until the peer has it, because
 * a WskCloseSocket after it is abortive and would take back what is still on its way. Not so when the peer
 * has ended, too: then the close is quiet.
 */
static VOID SendEnd(SOCKET_OBJECT *connection, PIRP irp)
{
    BOOLEAN queued, quiet;

    if (connection->Endpoint != NO_ENDPOINT) {
        EndpointShutdown(connection->Endpoint);
    }
    ProviderLock();
    connection->Connection.EndSent = TRUE;
    quiet = connection->Connection.EndReceived;
    queued = !quiet && RequestPutBack(irp, &connection->Connection.Disconnects);
    ProviderUnlock();
    if (queued) {
        EndpointsWake();
    } else {
        SocketComplete(connection, irp, quiet ? STATUS_SUCCESS : STATUS_CANCELLED, 0);
    }
}

static VOID Finish(SOCKET_OBJECT *connection, PIRP irp, NTSTATUS status)
{
    const SEND *send = *RequestContext(irp);

    if (send->Disconnect && NT_SUCCESS(status)) {
        SendEnd(connection, irp);
        return;
    }
    SocketComplete(connection, irp, status, NT_SUCCESS(status) && !send->Disconnect ? send->Done : 0);
}

/* The first request; FALSE: none is left, or it has to wait, and this thread has let go of the queue. */
static BOOLEAN ServeSend(SOCKET_OBJECT *connection)
{
    BOOLEAN ending;
    PIRP irp;
    NTSTATUS status;

    ProviderLock();
    irp = connection->Closing ? NULL : RequestTake(&connection->Connection.Sends);
    if (irp == NULL) {
        ending = connection->Closing || connection->Connection.AbortIrp != NULL;
        connection->Connection.Sending = FALSE;
        ProviderUnlock();
        if (ending) {
            EndpointsWake(); /* the transport waited for this thread to let go */
        }
        return FALSE;
    }
    ProviderUnlock();
    status = Push(connection, *RequestContext(irp));
    if (status == STATUS_PENDING) {
        BOOLEAN queued;

        ProviderLock();
        queued = RequestPutBack(irp, &connection->Connection.Sends);
        if (queued) {
            connection->Connection.Sending = FALSE;
        }
        ProviderUnlock();
        if (queued) {
            EndpointsWake();
            return FALSE;
        }
        status = STATUS_CANCELLED;
    }
    Finish(connection, irp, status);
    return TRUE;
}

VOID SendService(SOCKET_OBJECT *Connection)
{
    BOOLEAN mine;

    ProviderLock();
    mine = !Connection->Connection.Sending;
    Connection->Connection.Sending = TRUE;
    if (mine) {
        SocketReference(Connection);
    }
    ProviderUnlock();
    if (!mine) {
        return;
    }
    while (ServeSend(Connection)) {
    }
    SocketDereference(Connection);
}

static NTSTATUS QueueSend(SOCKET_OBJECT *connection, const WSK_BUF *buffer, BOOLEAN disconnect, PIRP irp)
{
    SEND *send = PoolAllocate(sizeof *send, REQUEST_TAG);
    NTSTATUS status;

    if (send == NULL) {
        return RequestAnswer(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    if (buffer != NULL) {
        send->Buffer = *buffer;
    }
    send->Disconnect = disconnect;
    RequestBegin(irp);
    if (!SocketQueue(connection, &connection->Connection.Sends, irp, send, &status)) {
        return status;
    }
    SendService(connection);
    return STATUS_PENDING;
}

NTSTATUS WSKAPI ConnectionSend(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp)
{
    SOCKET_OBJECT *connection = SocketOf(Socket);

    if (Irp == NULL || Buffer == NULL) {
        return RequestAnswer(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    if ((Flags & ~WSK_FLAG_NODELAY) != 0) {
        return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
    }
    if (!connection->Connection.Connected || connection->Connection.EndSent) {
        return RequestAnswer(Irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
    return QueueSend(connection, Buffer, FALSE, Irp);
}

static NTSTATUS Abort(SOCKET_OBJECT *connection, PIRP irp)
{
    RequestBegin(irp);
    ProviderLock();
    if (connection->Closing || connection->Connection.Aborting) {
        ProviderUnlock();
        RequestComplete(irp, STATUS_INVALID_DEVICE_STATE, 0);
        return STATUS_INVALID_DEVICE_STATE;
    }
    IoMarkIrpPending(irp);
    SocketReference(connection);
    connection->Connection.Aborting = TRUE;
    connection->Connection.AbortIrp = irp;
    ProviderUnlock();
    EndpointsWake();
    return STATUS_PENDING;
}

NTSTATUS WSKAPI ConnectionDisconnect(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp)
{
    SOCKET_OBJECT *connection = SocketOf(Socket);
    const BOOLEAN abortive = (Flags & WSK_FLAG_ABORTIVE) != 0;

    if (Irp == NULL || (Flags & ~WSK_FLAG_ABORTIVE) != 0 || (abortive && Buffer != NULL)) {
        return RequestAnswer(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    if (!connection->Connection.Connected || (!abortive && connection->Connection.EndSent)) {
        return RequestAnswer(Irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
    return abortive ? Abort(connection, Irp) : QueueSend(connection, Buffer, TRUE, Irp);
}

VOID DisconnectService(SOCKET_OBJECT *Connection)
{
    PIRP irp;

    if (Connection->Endpoint != NO_ENDPOINT && !EndpointEndIsAcknowledged(Connection->Endpoint)) {
        return;
    }
    do {
        ProviderLock();
        irp = RequestTake(&Connection->Connection.Disconnects);
        ProviderUnlock();
        if (irp != NULL) {
            SocketComplete(Connection, irp, STATUS_SUCCESS, 0);
        }
    } while (irp != NULL);
}

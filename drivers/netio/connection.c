#include "connection.h"

#include "buffer.h"
#include "events.h"
#include "request.h"

#define INDICATION_TAG 'dnSN'
#define READ_BYTES 8192

/* Bytes that were read and are shown to the driver, or wait for it. */
typedef struct _INDICATION {
    LIST_ENTRY Link;
    WSK_DATA_INDICATION Public;
    UCHAR Data[ANYSIZE_ARRAY];
} INDICATION;

/* What a queued WskReceive wants, as the request's context. */
typedef struct _RECEIVE {
    WSK_BUF Buffer;
    ULONG Flags;
    SIZE_T Done;
} RECEIVE;

static VOID FreeIndication(INDICATION *indication)
{
    IoFreeMdl(indication->Public.Buffer.Mdl);
    ExFreePoolWithTag(indication, INDICATION_TAG);
}

static INDICATION *MakeIndication(const UCHAR *bytes, SIZE_T size)
{
    INDICATION *indication = PoolAllocate(FIELD_OFFSET(INDICATION, Data) + size, INDICATION_TAG);
    PMDL mdl = indication == NULL ? NULL : IoAllocateMdl(indication->Data, (ULONG)size, FALSE, FALSE, NULL);

    if (mdl == NULL) {
        if (indication != NULL) {
            ExFreePoolWithTag(indication, INDICATION_TAG);
        }
        return NULL;
    }
    MmBuildMdlForNonPagedPool(mdl);
    RtlCopyMemory(indication->Data, bytes, size);
    indication->Public.Buffer.Mdl = mdl;
    indication->Public.Buffer.Length = size;
    return indication;
}

static VOID FreeIndications(LIST_ENTRY *list)
{
    while (!IsListEmpty(list)) {
        FreeIndication(CONTAINING_RECORD(RemoveHeadList(list), INDICATION, Link));
    }
}

VOID ConnectionFreeData(SOCKET_OBJECT *Connection)
{
    FreeIndications(&Connection->Connection.Buffered);
    FreeIndications(&Connection->Connection.Retained);
}

static BOOLEAN IsOver(const SOCKET_OBJECT *connection)
{
    return connection->Connection.EndReceived || connection->Connection.Broken || connection->Closing;
}

BOOLEAN ConnectionWantsRead(const SOCKET_OBJECT *Connection)
{
    if (IsOver(Connection) || Connection->Endpoint == NO_ENDPOINT || !Connection->Connection.Connected) {
        return FALSE;
    }
    return !IsListEmpty(&Connection->Connection.Receives) ||
           (EventIsOn(Connection, EVENT_RECEIVE) && !Connection->Connection.Stopped) ||
           (EventIsOn(Connection, EVENT_DISCONNECT) && !Connection->Connection.DataWaiting);
}

/* The driver is to hear of an end that it has not heard of, and all data before it is gone. */
static BOOLEAN OwesDisconnect(const SOCKET_OBJECT *connection)
{
    if (!EventIsOn(connection, EVENT_DISCONNECT) || !IsListEmpty(&connection->Connection.Buffered)) {
        return FALSE;
    }
    return connection->Connection.Broken
               ? !connection->Connection.BreakTold && !connection->Connection.Aborting
               : connection->Connection.EndReceived && !connection->Connection.EndTold;
}

BOOLEAN ConnectionIsUrgent(const SOCKET_OBJECT *Connection)
{
    if (Connection->Closing) {
        return FALSE;
    }
    if (!IsListEmpty(&Connection->Connection.Receives)) {
        return IsOver(Connection) || !IsListEmpty(&Connection->Connection.Buffered);
    }
    return OwesDisconnect(Connection) ||
           (!IsListEmpty(&Connection->Connection.Buffered) && EventIsOn(Connection, EVENT_RECEIVE) &&
            !Connection->Connection.Stopped);
}

static VOID Note(SOCKET_OBJECT *connection, ENDPOINT_RESULT result)
{
    ProviderLock();
    if (result == ENDPOINT_END) {
        connection->Connection.EndReceived = TRUE;
    } else if (result == ENDPOINT_RESET || result == ENDPOINT_FAILED) {
        connection->Connection.Broken = TRUE;
        FreeIndications(&connection->Connection.Buffered); /* nothing is received after an abort */
    }
    ProviderUnlock();
}

/* Moves buffered bytes to a receive; FALSE when there are none. Only the transport's thread touches the list
 * here. */
static BOOLEAN TakeBuffered(SOCKET_OBJECT *connection, PUCHAR to, SIZE_T room, SIZE_T *taken)
{
    INDICATION *indication;
    WSK_BUF *buffer;

    *taken = 0;
    ProviderLock();
    if (IsListEmpty(&connection->Connection.Buffered)) {
        ProviderUnlock();
        return FALSE;
    }
    indication = CONTAINING_RECORD(connection->Connection.Buffered.Flink, INDICATION, Link);
    buffer = &indication->Public.Buffer;
    *taken = min(room, buffer->Length);
    RtlCopyMemory(to, indication->Data + buffer->Offset, *taken);
    buffer->Offset += (ULONG)*taken;
    buffer->Length -= *taken;
    if (buffer->Length == 0) {
        RemoveEntryList(&indication->Link);
        FreeIndication(indication);
    }
    ProviderUnlock();
    return TRUE;
}

static ENDPOINT_RESULT Read(SOCKET_OBJECT *connection, PUCHAR to, SIZE_T room, SIZE_T *got)
{
    ENDPOINT_RESULT result;

    if (TakeBuffered(connection, to, room, got)) {
        return ENDPOINT_DONE;
    }
    if (connection->Connection.EndReceived) {
        return ENDPOINT_END;
    }
    if (connection->Connection.Broken || connection->Endpoint == NO_ENDPOINT) {
        return ENDPOINT_RESET;
    }
    result = EndpointReceive(connection->Endpoint, to, room, got);
    Note(connection, result);
    return result;
}

/* Fills a receive as far as it goes. STATUS_PENDING: it has to wait; else the status to complete it with. */
static NTSTATUS Fill(SOCKET_OBJECT *connection, RECEIVE *receive)
{
    static UCHAR dropped[READ_BYTES]; /* the transport's thread only */
    const BOOLEAN drain = (receive->Flags & WSK_FLAG_DRAIN) != 0;

    for (;;) {
        SIZE_T room = sizeof dropped, got = 0;
        PUCHAR to = drain ? dropped : BufferAt(&receive->Buffer, receive->Done, &room);
        ENDPOINT_RESULT result;

        if (to == NULL) {
            return receive->Done >= receive->Buffer.Length ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
        }
        result = Read(connection, to, room, &got);
        if (result == ENDPOINT_WOULD_BLOCK) {
            return receive->Done != 0 && (receive->Flags & (WSK_FLAG_WAITALL | WSK_FLAG_DRAIN)) == 0
                       ? STATUS_SUCCESS
                       : STATUS_PENDING;
        }
        if (result == ENDPOINT_END) {
            return STATUS_SUCCESS;
        }
        if (result != ENDPOINT_DONE) {
            return connection->Connection.Aborting ? STATUS_CONNECTION_ABORTED : STATUS_CONNECTION_RESET;
        }
        if (!drain) {
            receive->Done += got;
        }
    }
}

/* Serves the first queued WskReceive. FALSE: none, or it has to wait. */
static BOOLEAN ServeReceive(SOCKET_OBJECT *connection, BOOLEAN *waits)
{
    PIRP irp;
    RECEIVE *receive;
    NTSTATUS status;

    ProviderLock();
    irp = RequestTake(&connection->Connection.Receives);
    ProviderUnlock();
    *waits = FALSE;
    if (irp == NULL) {
        return FALSE;
    }
    receive = *RequestContext(irp);
    status = Fill(connection, receive);
    if (status == STATUS_PENDING) {
        BOOLEAN queued;

        ProviderLock();
        queued = RequestPutBack(irp, &connection->Connection.Receives);
        ProviderUnlock();
        *waits = queued;
        if (queued) {
            return FALSE;
        }
        status = STATUS_CANCELLED;
    }
    SocketComplete(connection, irp, status, NT_SUCCESS(status) ? receive->Done : 0);
    return TRUE;
}

/* Bytes that the driver did not take wait in front of all others. */
static VOID KeepRest(SOCKET_OBJECT *connection, INDICATION *indication, SIZE_T accepted)
{
    indication->Public.Buffer.Offset += (ULONG)accepted;
    indication->Public.Buffer.Length -= accepted;
    ProviderLock();
    connection->Connection.Stopped = TRUE;
    InsertHeadList(&connection->Connection.Buffered, &indication->Link);
    ProviderUnlock();
}

/* EventBegin has succeeded. Takes the indication over. */
static VOID Indicate(SOCKET_OBJECT *connection, INDICATION *indication)
{
    const WSK_CLIENT_CONNECTION_DISPATCH *table = connection->Dispatch;
    const SIZE_T bytes = indication->Public.Buffer.Length;
    SIZE_T accepted = bytes;
    NTSTATUS status;

    /* Retained before the call: the driver may release it on another thread before it returns. */
    ProviderLock();
    InsertTailList(&connection->Connection.Retained, &indication->Link);
    ProviderUnlock();
    status = table->WskReceiveEvent(connection->Context, EventFlags(), &indication->Public, bytes, &accepted);
    if (status != STATUS_PENDING) {
        ProviderLock();
        RemoveEntryList(&indication->Link);
        ProviderUnlock();
        if (status == STATUS_SUCCESS && accepted >= bytes) {
            FreeIndication(indication);
        } else {
            KeepRest(connection, indication, status == STATUS_SUCCESS ? accepted : 0);
        }
    }
    EventEnd(connection, EVENT_RECEIVE);
}

/* What WskReceiveEvent would be told next; NULL when there is nothing (yet). */
static INDICATION *NextIndication(SOCKET_OBJECT *connection)
{
    static UCHAR bytes[READ_BYTES]; /* the transport's thread only */
    INDICATION *indication = NULL;
    SIZE_T got = 0;

    ProviderLock();
    if (!IsListEmpty(&connection->Connection.Buffered)) {
        indication = CONTAINING_RECORD(RemoveHeadList(&connection->Connection.Buffered), INDICATION, Link);
    }
    ProviderUnlock();
    if (indication != NULL || IsOver(connection)) {
        return indication;
    }
    return Read(connection, bytes, sizeof bytes, &got) == ENDPOINT_DONE ? MakeIndication(bytes, got) : NULL;
}

/* One WskReceiveEvent. FALSE: it is not enabled, or there is nothing to say. */
static BOOLEAN ServeReceiveEvent(SOCKET_OBJECT *connection)
{
    INDICATION *indication;
    BOOLEAN begun;

    ProviderLock();
    begun = !connection->Connection.Stopped && IsListEmpty(&connection->Connection.Receives) &&
            EventBegin(connection, EVENT_RECEIVE);
    ProviderUnlock();
    if (!begun) {
        return FALSE;
    }
    indication = NextIndication(connection);
    if (indication == NULL) {
        EventEnd(connection, EVENT_RECEIVE);
        return FALSE;
    }
    Indicate(connection, indication);
    return TRUE;
}

/* Nobody reads: looks whether the peer has ended behind what lies there. */
static VOID LookForEnd(SOCKET_OBJECT *connection)
{
    const ENDPOINT_RESULT result = EndpointPeek(connection->Endpoint);

    Note(connection, result);
    if (result == ENDPOINT_DONE) {
        ProviderLock();
        connection->Connection.DataWaiting = TRUE;
        ProviderUnlock();
    }
}

static VOID TellDisconnect(SOCKET_OBJECT *connection)
{
    const WSK_CLIENT_CONNECTION_DISPATCH *table;
    BOOLEAN begun, broken;

    ProviderLock();
    begun = OwesDisconnect(connection) && EventBegin(connection, EVENT_DISCONNECT);
    broken = connection->Connection.Broken;
    if (begun) {
        *(broken ? &connection->Connection.BreakTold : &connection->Connection.EndTold) = TRUE;
    }
    ProviderUnlock();
    if (!begun) {
        return;
    }
    table = connection->Dispatch;
    table->WskDisconnectEvent(connection->Context, EventFlags() | (broken ? WSK_FLAG_ABORTIVE : 0));
    EventEnd(connection, EVENT_DISCONNECT);
}

static BOOLEAN IsGone(SOCKET_OBJECT *connection)
{
    return connection->Closing || connection->Endpoint == NO_ENDPOINT;
}

VOID ConnectionService(SOCKET_OBJECT *Connection)
{
    BOOLEAN waits = FALSE;

    while (!Connection->Closing && ServeReceive(Connection, &waits)) {
    }
    while (!Connection->Closing && !waits && ServeReceiveEvent(Connection)) {
    }
    if (!waits && !IsGone(Connection) && !IsOver(Connection) && ConnectionWantsRead(Connection) &&
        (Connection->Connection.Stopped || !EventIsOn(Connection, EVENT_RECEIVE))) {
        LookForEnd(Connection);
    }
    if (Connection->Connection.Broken) {
        ConnectionFailReceives(Connection, STATUS_CONNECTION_RESET);
        ConnectionFailSends(Connection, STATUS_CONNECTION_RESET);
    }
    TellDisconnect(Connection);
}

static VOID FailQueue(SOCKET_OBJECT *connection, LIST_ENTRY *queue, NTSTATUS status)
{
    for (;;) {
        PIRP irp;

        ProviderLock();
        irp = RequestTake(queue);
        ProviderUnlock();
        if (irp == NULL) {
            return;
        }
        SocketComplete(connection, irp, status, 0);
    }
}

VOID ConnectionFailReceives(SOCKET_OBJECT *Connection, NTSTATUS Status)
{
    FailQueue(Connection, &Connection->Connection.Receives, Status);
}

VOID ConnectionFailSends(SOCKET_OBJECT *Connection, NTSTATUS Status)
{
    FailQueue(Connection, &Connection->Connection.Sends, Status);
    FailQueue(Connection, &Connection->Connection.Disconnects, Status);
}

VOID ConnectionAbort(SOCKET_OBJECT *Connection)
{
    ENDPOINT endpoint = NO_ENDPOINT;
    PIRP irp = NULL;

    ProviderLock();
    Connection->Connection.Broken = TRUE;
    if (!Connection->Connection
             .Sending) { /* else whoever sends sees Broken, and wakes the transport when done */
        irp = Connection->Connection.AbortIrp;
        Connection->Connection.AbortIrp = NULL;
        endpoint = Connection->Endpoint;
        Connection->Endpoint = NO_ENDPOINT;
        FreeIndications(&Connection->Connection.Buffered);
    }
    ProviderUnlock();
    if (irp == NULL) {
        return;
    }
    if (endpoint != NO_ENDPOINT) {
        EndpointClose(endpoint, TRUE);
    }
    ConnectionFailReceives(Connection, STATUS_CONNECTION_ABORTED);
    ConnectionFailSends(Connection, STATUS_CONNECTION_ABORTED);
    SocketComplete(Connection, irp, STATUS_SUCCESS, 0);
}

NTSTATUS WSKAPI ConnectionReceive(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp)
{
    SOCKET_OBJECT *connection = SocketOf(Socket);
    RECEIVE *receive;
    NTSTATUS status;

    if (Irp == NULL || Buffer == NULL || !connection->Connection.Connected) {
        return RequestAnswer(
            Irp, connection->Connection.Connected ? STATUS_INVALID_PARAMETER : STATUS_INVALID_DEVICE_STATE,
            0);
    }
    if ((Flags & ~(WSK_FLAG_WAITALL | WSK_FLAG_DRAIN)) != 0) {
        return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
    }
    ProviderLock();
    connection->Connection.Stopped = FALSE;
    connection->Connection.DataWaiting = FALSE;
    ProviderUnlock();
    receive = PoolAllocate(sizeof *receive, REQUEST_TAG);
    if (receive == NULL) {
        return RequestAnswer(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    receive->Buffer = *Buffer;
    receive->Flags = Flags;
    RequestBegin(Irp);
    if (Buffer->Length == 0 && (Flags & WSK_FLAG_DRAIN) == 0) {
        ExFreePoolWithTag(receive, REQUEST_TAG);
        RequestComplete(Irp, STATUS_SUCCESS, 0);
        EndpointsWake();
        return STATUS_SUCCESS;
    }
    SocketQueue(connection, &connection->Connection.Receives, Irp, receive, &status);
    return status;
}

NTSTATUS WSKAPI ConnectionRelease(PWSK_SOCKET Socket, PWSK_DATA_INDICATION DataIndication)
{
    SOCKET_OBJECT *connection = SocketOf(Socket);
    LIST_ENTRY *entry;

    ProviderLock();
    for (entry = connection->Connection.Retained.Flink; entry != &connection->Connection.Retained;
         entry = entry->Flink) {
        INDICATION *indication = CONTAINING_RECORD(entry, INDICATION, Link);

        if (&indication->Public == DataIndication) {
            RemoveEntryList(entry);
            ProviderUnlock();
            FreeIndication(indication);
            return STATUS_SUCCESS;
        }
    }
    ProviderUnlock();
    return STATUS_INVALID_PARAMETER;
}

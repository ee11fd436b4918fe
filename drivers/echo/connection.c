#include "connection.h"

#include "choices.h"
#include "server.h"

#define RECEIVE_BYTES 4096
/* More than that is not taken from a peer that does not read what it is sent. */
#define MAX_OUTGOING_BYTES (1u << 20)

static const WSK_PROVIDER_CONNECTION_DISPATCH *Functions(const CONNECTION *Connection)
{
    return Connection->Socket->Dispatch;
}

/* Ends every change of what is under Lock: the worker looks at it. Queued under the lock, so that whoever
 * finds under the lock that no work is queued knows that nobody is about to. */
static VOID UnlockAndQueue(CONNECTION *Connection, KIRQL OldIrql)
{
    WorkQueue(&Connection->Work);
    KeReleaseSpinLock(&Connection->Lock, OldIrql);
}

static VOID Broken(CONNECTION *Connection)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    Connection->IsBroken = TRUE;
    UnlockAndQueue(Connection, OldIrql);
}

_Use_decl_annotations_ VOID ConnectionEcho(CONNECTION *Connection, TRANSFER *Transfer)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    InsertTailList(&Connection->Outgoing, &Transfer->Link);
    Connection->OutgoingBytes += Transfer->Buffer.Length;
    UnlockAndQueue(Connection, OldIrql);
}

static VOID SendDone(REQUEST *Request, const RESULT *Result)
{
    TRANSFER *Transfer = CONTAINING_RECORD(Request, TRANSFER, Request);
    CONNECTION *Connection = Transfer->Connection;
    const SIZE_T Bytes = Transfer->Buffer.Length;
    KIRQL OldIrql;

    TransferFree(Transfer);
    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    Connection->Requests--;
    Connection->IsSending = FALSE;
    Connection->OutgoingBytes -= Bytes;
    if (NT_SUCCESS(Result->Status)) {
        Connection->Bytes += Bytes;
    } else {
        Connection->IsBroken = TRUE;
    }
    UnlockAndQueue(Connection, OldIrql);
}

/* Success without a byte is the end of the peer's half. */
static VOID ReceiveDone(REQUEST *Request, const RESULT *Result)
{
    TRANSFER *Transfer = CONTAINING_RECORD(Request, TRANSFER, Request);
    CONNECTION *Connection = Transfer->Connection;
    const BOOLEAN HasData = NT_SUCCESS(Result->Status) && Result->Information != 0;
    KIRQL OldIrql;

    if (!HasData) {
        TransferFree(Transfer);
    }
    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    Connection->Requests--;
    Connection->IsReceiving = FALSE;
    if (HasData) {
        Transfer->Buffer.Length = Result->Information;
        Connection->OutgoingBytes += Transfer->Buffer.Length;
        InsertTailList(&Connection->Outgoing, &Transfer->Link);
    } else if (NT_SUCCESS(Result->Status)) {
        Connection->PeerHasFinished = TRUE;
    } else {
        Connection->IsBroken = TRUE;
    }
    UnlockAndQueue(Connection, OldIrql);
}

static VOID DisconnectDone(REQUEST *Request, const RESULT *Result)
{
    CONNECTION *Connection = CONTAINING_RECORD(Request, CONNECTION, Disconnect);
    KIRQL OldIrql;

    UNREFERENCED_PARAMETER(Result); /* either way the socket is closed next */
    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    Connection->Requests--;
    Connection->IsDisconnected = TRUE;
    UnlockAndQueue(Connection, OldIrql);
}

static VOID CloseDone(REQUEST *Request, const RESULT *Result)
{
    CONNECTION *Connection = CONTAINING_RECORD(Request, CONNECTION, Close);
    KIRQL OldIrql;

    UNREFERENCED_PARAMETER(Result);
    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    Connection->Requests--;
    Connection->IsClosed = TRUE;
    UnlockAndQueue(Connection, OldIrql);
}

static VOID Send(CONNECTION *Connection, TRANSFER *Transfer)
{
    PIRP Irp;

    Transfer->Request.Done = SendDone;
    Irp = RequestIrp(&Transfer->Request);
    if (Irp == NULL) {
        const RESULT NoMemory = {STATUS_INSUFFICIENT_RESOURCES, 0};

        SendDone(&Transfer->Request, &NoMemory);
        return;
    }
    Functions(Connection)->WskSend(Connection->Socket, &Transfer->Buffer, 0, Irp);
}

static VOID Receive(CONNECTION *Connection)
{
    const RESULT NoMemory = {STATUS_INSUFFICIENT_RESOURCES, 0};
    TRANSFER *Transfer = TransferMake(Connection, RECEIVE_BYTES);
    KIRQL OldIrql;
    PIRP Irp;

    if (Transfer == NULL) {
        KeAcquireSpinLock(&Connection->Lock, &OldIrql);
        Connection->Requests--;
        Connection->IsReceiving = FALSE;
        Connection->IsBroken = TRUE;
        UnlockAndQueue(Connection, OldIrql);
        return;
    }
    Transfer->Request.Done = ReceiveDone;
    Irp = RequestIrp(&Transfer->Request);
    if (Irp == NULL) {
        ReceiveDone(&Transfer->Request, &NoMemory);
        return;
    }
    Functions(Connection)->WskReceive(Connection->Socket, &Transfer->Buffer, 0, Irp);
}

/* Graceful: FIN, after all that was sent. */
static VOID Disconnect(CONNECTION *Connection)
{
    const RESULT NoMemory = {STATUS_INSUFFICIENT_RESOURCES, 0};
    PIRP Irp;

    Connection->Disconnect.Done = DisconnectDone;
    Irp = RequestIrp(&Connection->Disconnect);
    if (Irp == NULL) {
        DisconnectDone(&Connection->Disconnect, &NoMemory);
        return;
    }
    Functions(Connection)->WskDisconnect(Connection->Socket, NULL, 0, Irp);
}

static VOID Close(CONNECTION *Connection)
{
    const SOCKADDR_IN *Peer =
        (const SOCKADDR_IN *)Choices.KeptPeer(Connection); /* ports of both families lie there */

    Server.LastPort = Peer->sin_port;
    if (Choices.Close(Connection)) {
        const PWSK_SOCKET Socket = Connection->Socket;
        const PIRP Irp = Connection->CloseIrp;

        Connection->CloseIrp = NULL;
        Functions(Connection)->WskCloseSocket(Socket, Irp);
        Choices.Closed(Socket);
    } else {
        const RESULT Forgotten = {STATUS_SUCCESS, 0};

        CloseDone(&Connection->Close, &Forgotten);
    }
}

static VOID Free(CONNECTION *Connection)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&Server.Lock, &OldIrql);
    RemoveEntryList(&Connection->Link);
    KeReleaseSpinLock(&Server.Lock, OldIrql);
    ConnectionDiscard(Connection);
    ServerDereference();
}

typedef enum _STEP {
    StepNothing,
    StepSend,
    StepReceive,
    StepDisconnect,
    StepClose,
    StepFree
} STEP;

/* Whether a WskReceive is due: always one at a time with ReceiveStyle irp, else to make WskReceiveEvent go
 * on. */
static BOOLEAN WantsReceive(const CONNECTION *Connection)
{
    return !Connection->IsReceiving && !Connection->PeerHasFinished && Connection->OutgoingBytes == 0 &&
           (!Server.Settings.ReceivesByEvent || Connection->WasRefused);
}

/* What comes next, noted as begun. Lock is held. */
static STEP Decide(CONNECTION *Connection, TRANSFER **Transfer)
{
    if (Connection->IsClosing) {
        return Connection->IsClosed && Connection->Requests == 0 && !WorkIsQueued(&Connection->Work)
                   ? StepFree
                   : StepNothing;
    }
    if (Connection->IsBroken || Connection->IsDisconnected || Server.IsStopping) {
        Connection->IsClosing = TRUE;
        Connection->Requests++;
        return StepClose;
    }
    if (!Connection->IsSending && !IsListEmpty(&Connection->Outgoing)) {
        Connection->IsSending = TRUE;
        Connection->Requests++;
        *Transfer = CONTAINING_RECORD(RemoveHeadList(&Connection->Outgoing), TRANSFER, Link);
        return StepSend;
    }
    if (Connection->PeerHasFinished && Connection->OutgoingBytes == 0 && !Connection->IsDisconnecting) {
        Connection->IsDisconnecting = TRUE;
        Connection->Requests++;
        return StepDisconnect;
    }
    if (WantsReceive(Connection)) {
        Connection->IsReceiving = TRUE;
        Connection->WasRefused = FALSE;
        Connection->Requests++;
        return StepReceive;
    }
    return StepNothing;
}

static VOID Run(WORK *Work)
{
    CONNECTION *Connection = CONTAINING_RECORD(Work, CONNECTION, Work);

    for (;;) {
        TRANSFER *Transfer = NULL;
        KIRQL OldIrql;
        STEP Step;

        KeAcquireSpinLock(&Connection->Lock, &OldIrql);
        Step = Decide(Connection, &Transfer);
        KeReleaseSpinLock(&Connection->Lock, OldIrql);
        switch (Step) {
        case StepNothing:
            return;
        case StepSend:
            Send(Connection, Transfer);
            break;
        case StepReceive:
            Receive(Connection);
            break;
        case StepDisconnect:
            Disconnect(Connection);
            break;
        case StepClose:
            Close(Connection);
            break;
        case StepFree:
            Free(Connection);
            return;
        }
    }
}

_Use_decl_annotations_ CONNECTION *ConnectionMake(VOID)
{
    CONNECTION *Connection = PoolAllocate(sizeof(*Connection), TAG_CONNECTION);

    if (Connection == NULL) {
        return NULL;
    }
    KeInitializeSpinLock(&Connection->Lock);
    InitializeListHead(&Connection->Outgoing);
    WorkInitialize(&Connection->Work, Run);
    Connection->Close.Done = CloseDone;
    Connection->CloseIrp = RequestIrp(&Connection->Close);
    if (Connection->CloseIrp == NULL) {
        ExFreePoolWithTag(Connection, TAG_CONNECTION);
        return NULL;
    }
    return Connection;
}

_Use_decl_annotations_ VOID ConnectionDiscard(CONNECTION *Connection)
{
    while (!IsListEmpty(&Connection->Outgoing)) {
        TransferFree(CONTAINING_RECORD(RemoveHeadList(&Connection->Outgoing), TRANSFER, Link));
    }
    if (Connection->CloseIrp != NULL) {
        IoFreeIrp(Connection->CloseIrp); /* never handed to WSK */
    }
    ExFreePoolWithTag(Connection, TAG_CONNECTION);
}

_Use_decl_annotations_ VOID ConnectionStart(CONNECTION *Connection, PWSK_SOCKET Socket)
{
    KIRQL OldIrql;

    Connection->Socket = Socket;
    InterlockedIncrement(&Server.Accepted);
    ServerReference();
    KeAcquireSpinLock(&Server.Lock, &OldIrql);
    InsertTailList(&Server.Connections, &Connection->Link);
    KeReleaseSpinLock(&Server.Lock, OldIrql);
    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    if (Server.Settings.ReceivesEarly) {
        Connection->IsReceiving = TRUE;
        Connection->Requests++;
    }
    UnlockAndQueue(Connection, OldIrql);
    if (Server.Settings.ReceivesEarly) {
        Receive(Connection);
    }
}

_Use_decl_annotations_ VOID ConnectionEnable(CONNECTION *Connection)
{
    WSK_EVENT_CALLBACK_CONTROL Control = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT};
    const NTSTATUS Status =
        Functions(Connection)
            ->WskControlSocket(Connection->Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                               sizeof(Control), &Control, 0, NULL, NULL, NULL);

    if (!NT_SUCCESS(Status)) {
        Broken(Connection);
    }
}

/* Takes all or nothing. A NULL indication: the socket is no longer functional. */
static NTSTATUS WSKAPI ReceiveEvent(PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION DataIndication,
                                    SIZE_T BytesIndicated, SIZE_T *BytesAccepted)
{
    CONNECTION *Connection = SocketContext;
    TRANSFER *Transfer = NULL;
    BOOLEAN HasRoom;
    KIRQL OldIrql;

    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(BytesAccepted); /* unset: all of it */
    if (DataIndication == NULL) {
        Broken(Connection);
        return STATUS_SUCCESS;
    }
    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    HasRoom = Connection->OutgoingBytes < MAX_OUTGOING_BYTES;
    KeReleaseSpinLock(&Connection->Lock, OldIrql);
    if (HasRoom) {
        Transfer = TransferMake(Connection, BytesIndicated);
    }
    if (Transfer == NULL) {
        KeAcquireSpinLock(&Connection->Lock, &OldIrql);
        Connection->WasRefused = TRUE;
        UnlockAndQueue(Connection, OldIrql);
        return STATUS_DATA_NOT_ACCEPTED;
    }
    if (!TransferCopy(Transfer, DataIndication)) {
        TransferFree(Transfer);
        Broken(Connection);
        return STATUS_DATA_NOT_ACCEPTED;
    }
    Choices.Received(Connection, Transfer);
    return STATUS_SUCCESS;
}

static NTSTATUS WSKAPI DisconnectEvent(PVOID SocketContext, ULONG Flags)
{
    CONNECTION *Connection = SocketContext;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Connection->Lock, &OldIrql);
    if (Flags & WSK_FLAG_ABORTIVE) {
        Connection->IsBroken = TRUE;
    } else {
        Connection->PeerHasFinished = TRUE;
    }
    UnlockAndQueue(Connection, OldIrql);
    return STATUS_SUCCESS;
}

const WSK_CLIENT_CONNECTION_DISPATCH ConnectionDispatch = {ReceiveEvent, DisconnectEvent, NULL};

/*
 * An accepted connection: what comes in goes out again; when the peer ends its half the rest is echoed, our
 * half is ended gracefully, and the socket is closed.
 *
 * Callbacks and completion routines note under Lock what happened and queue Work; the worker decides what to
 * do next and calls WSK. A connection is freed by the worker when its socket's close and every other IRP of
 * it have completed and no work of it is queued: then nobody else can reach it.
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "transfer.h"
#include "worker.h"

typedef struct _CONNECTION {
    LIST_ENTRY Link; /* SERVER.Connections, once started */
    WORK Work;
    PWSK_SOCKET Socket;
    SOCKADDR_STORAGE Peer;
    REQUEST Disconnect;
    REQUEST Close;
    PIRP CloseIrp; /* allocated beforehand: closing must not fail for want of memory */
    ULONG64 Bytes; /* echoed */

    KSPIN_LOCK Lock;
    /* What follows is under Lock. */
    LIST_ENTRY Outgoing;  /* TRANSFERs to be sent */
    SIZE_T OutgoingBytes; /* those being sent included */
    ULONG Requests;       /* IRPs that are with WSK */
    BOOLEAN IsSending;
    BOOLEAN IsReceiving;
    BOOLEAN WasRefused; /* WskReceiveEvent answered STATUS_DATA_NOT_ACCEPTED: a WskReceive is owed */
    BOOLEAN PeerHasFinished;
    BOOLEAN IsBroken; /* nothing more to be had from it: close it */
    BOOLEAN IsDisconnecting;
    BOOLEAN IsDisconnected;
    BOOLEAN IsClosing;
    BOOLEAN IsClosed;
} CONNECTION;

/* The callbacks of a connection that receives by event; the context is the CONNECTION. */
extern const WSK_CLIENT_CONNECTION_DISPATCH ConnectionDispatch;

/* One that is complete and may be given to WSK as a context; NULL without memory. */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ CONNECTION *ConnectionMake(VOID);

/* One that was never started. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID ConnectionDiscard(_In_ CONNECTION *Connection);

/* The socket is ours: from now on the connection lives until its socket is closed. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    ConnectionStart(_Inout_ CONNECTION *Connection, _In_ PWSK_SOCKET Socket);

/* Enables its events, where it inherited none. The worker's. */
_IRQL_requires_(PASSIVE_LEVEL) VOID ConnectionEnable(_Inout_ CONNECTION *Connection);

/* Has the data sent back. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    ConnectionEcho(_Inout_ CONNECTION *Connection, _In_ TRANSFER *Transfer);

#endif

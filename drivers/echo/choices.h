/*
 * The places at which a WSK driver can go wrong, as a table of functions: choices.c has them right. A driver
 * of drivers/faulty is this driver with one entry replaced by MakeMistake, which is called before anything
 * else.
 */
#ifndef CHOICES_H
#define CHOICES_H

#include "connection.h"
#include "listener.h"

typedef struct _CHOICES {
    /* DriverEntry: before anything else, and after all else has gone well. DriverUnload: before anything
     * else. */
    NTSTATUS (*Start)(VOID);
    VOID (*Started)(PDRIVER_OBJECT Driver);
    VOID (*Stop)(VOID);

    /* Binds the listening socket, and enables its events if they are to be on from the start. */
    NTSTATUS (*Bind)(LISTENER *Listener);
    /* After a disable of the accept event came back. */
    VOID (*Disabled)(LISTENER *Listener, NTSTATUS Status);

    /* WskAcceptEvent. The listener it is for; a NULL AcceptSocket; what it returns. */
    LISTENER *(*Listener)(PVOID SocketContext);
    VOID (*Dead)(LISTENER *Listener);
    NTSTATUS (*Answer)(BOOLEAN IsAccepted);
    /* A socket that it rejects. */
    VOID (*Rejected)(PWSK_SOCKET Socket);
    /* One that it accepts: what the output variables get, and what else is done before it returns. */
    VOID(*Outputs)
    (PVOID Context, const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch, PVOID *AcceptSocketContext,
     const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch);
    VOID (*Accepted)(CONNECTION *Connection);
    /* Keeps the peer's address while it runs, and gives it later. */
    VOID (*KeepPeer)(CONNECTION *Connection, const SOCKADDR *RemoteAddress);
    const SOCKADDR *(*KeptPeer)(const CONNECTION *Connection);

    /* Data that WskReceiveEvent brought, copied. */
    VOID (*Received)(CONNECTION *Connection, TRANSFER *Transfer);
    /* Just before a connection's socket is closed; FALSE: it is not. Just after WskCloseSocket came back. */
    BOOLEAN (*Close)(CONNECTION *Connection);
    VOID (*Closed)(PWSK_SOCKET Socket);

    /* What every completion routine returns. */
    NTSTATUS (*Completion)(VOID);
} CHOICES;

extern CHOICES Choices;

VOID MakeMistake(VOID);

#endif

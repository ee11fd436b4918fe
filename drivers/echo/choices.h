/*
 * The places at which a WSK driver can go wrong, as functions of their own: choices.c has them right. A
 * driver of drivers/faulty is this driver with one of them replaced.
 */
#ifndef CHOICES_H
#define CHOICES_H

#include "connection.h"
#include "listener.h"

/* DriverEntry: before anything else, and after all else has gone well. */
NTSTATUS ChooseStart(_In_ PDRIVER_OBJECT Driver);
VOID ChooseStarted(_In_ PDRIVER_OBJECT Driver);
/* DriverUnload: before anything else. */
VOID ChooseStop(VOID);

/* Binds the listening socket, and enables its events if they are to be on from the start. */
NTSTATUS ChooseBind(_Inout_ LISTENER *Listener);
/* After a disable of the accept event came back. */
VOID ChooseDisabled(_Inout_ LISTENER *Listener, _In_ NTSTATUS Status);
/* The listener that a WskAcceptEvent is for. */
LISTENER *ChooseListener(_In_ PVOID SocketContext);
/* WskAcceptEvent with a NULL AcceptSocket. */
VOID ChooseDead(_Inout_ LISTENER *Listener);

/* What WskAcceptEvent returns. */
NTSTATUS ChooseAnswer(_In_ BOOLEAN IsAccepted);
/* A rejected socket, before WskAcceptEvent returns. */
VOID ChooseRejected(_In_ PWSK_SOCKET Socket);
/* An accepted one: what the output variables get, and what else is done before WskAcceptEvent returns. */
VOID ChooseOutputs(_In_opt_ PVOID Context, _In_opt_ const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
                   _Out_ PVOID *AcceptSocketContext,
                   _Out_ const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch);
VOID ChooseAccepted(_Inout_ CONNECTION *Connection);
/* Keeps the peer's address while WskAcceptEvent runs, and gives it later. */
VOID ChoosePeer(_Inout_ CONNECTION *Connection, _In_ const SOCKADDR *RemoteAddress);
const SOCKADDR *ChooseKeptPeer(_In_ const CONNECTION *Connection);

/* Data that WskReceiveEvent brought, copied; at any IRQL up to DISPATCH_LEVEL. */
VOID ChooseReceived(_Inout_ CONNECTION *Connection, _In_ TRANSFER *Transfer);
/* Just before a connection's socket is closed; FALSE: it is not. */
BOOLEAN ChooseClose(_Inout_ CONNECTION *Connection);

/* What every completion routine returns. */
NTSTATUS ChooseCompletion(VOID);

#endif

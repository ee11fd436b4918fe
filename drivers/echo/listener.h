/*
 * The listening socket. Everything here is called by the worker, but for the callback and the choices made in
 * it. The LISTENER is the socket's context: it is freed when the close of the socket has completed, and no
 * earlier.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include "connection.h"
#include "worker.h"

/* When the accept event is disabled by the callback itself: a call is then in progress for certain. */
typedef enum _SELF_DISABLE {
    SelfDisableOff,
    SelfDisableArmed
} SELF_DISABLE;

typedef struct _LISTENER {
    WORK CloseWork;
    PWSK_SOCKET Socket;
    volatile LONG SelfDisable; /* SELF_DISABLE */
    volatile LONG Offered;     /* connections that WskAcceptEvent brought */
    volatile LONG IsDead;      /* a close is on its way because WSK said so */
} LISTENER;

/* Creates, binds, enables, and queues accepts, as the settings say. STATUS_SUCCESS if it is open already. */
_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS ListenerOpen(VOID);

/* Closes it and waits for that. Harmless when it is closed. */
_IRQL_requires_(PASSIVE_LEVEL) VOID ListenerClose(VOID);

/* Has the worker close it; for callbacks. Harmless the second time. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID ListenerCloseSoon(_Inout_ LISTENER *Listener);

/* The events of the listener that the settings ask for, those to be inherited included. */
_IRQL_requires_max_(DISPATCH_LEVEL) ULONG ListenerEvents(VOID);

/* Whether they are enabled when it is opened. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN ListenerIsEnabledEarly(VOID);

_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS ListenerBind(_In_ LISTENER *Listener);
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ NTSTATUS ListenerEnable(_In_ LISTENER *Listener);

/* Turns the accept event off: without an IRP, which may answer STATUS_EVENT_PENDING, or with one, which is
 * waited for. */
_IRQL_requires_max_(DISPATCH_LEVEL) NTSTATUS ListenerDisable(_Inout_ LISTENER *Listener);
_IRQL_requires_(PASSIVE_LEVEL) NTSTATUS ListenerDisableAndWait(_Inout_ LISTENER *Listener);

#endif

/*
 * The recorder's own WSK_SOCKETs: what the driver holds instead of the provider's.
 *
 * A proxy's memory is never given back to the pool and not used again for a long while after its socket is
 * gone, so that a driver which goes on using it is recognised and reported. Such a call is recorded, its IRP
 * fails with STATUS_SOCKET_GONE, and WSK never sees it: reporting the mistake is the recorder's purpose,
 * letting it take the guest down is not.
 */
#ifndef SOCKET_H
#define SOCKET_H

#include "shadow.h"

typedef enum _SOCKET_STATE {
    SocketPending, /* its IRP has not completed yet; the driver does not have it */
    SocketOpen,
    SocketClosing,  /* the driver called WskCloseSocket */
    SocketRejected, /* offered by a WskAcceptEvent that did not accept it: WSK closes it */
    SocketGone      /* its close completed */
} SOCKET_STATE;

struct _ACCEPT_EVENT;
struct _REQUEST;

typedef struct _PROXY {
    WSK_SOCKET Public; /* must be first: its address is what the driver holds */
    /* Belongs to the subsystem as far as the driver knows; written only by a driver that must not. */
    ULONG64 Guard[3];

    volatile LONG State; /* SOCKET_STATE */
    volatile LONG Generation;
    ULONG64 Number;        /* in the trace of that generation: use SocketNumber */
    struct _PROXY *Parent; /* the listener that an accepted socket came from */
    CATEGORY Category;
    ADDRESS_FAMILY Family;
    PWSK_SOCKET Real;
    const SHADOW *Shadow;
    PVOID Context; /* the driver's */
    CLIENT_TABLE Client;
    volatile LONG Overwritten; /* that was recorded */

    /* While the WskAcceptEvent that offers this socket runs. */
    struct _ACCEPT_EVENT *volatile Offer;

    /* Listeners. */
    volatile LONG Dead;          /* the perturber declared it dead: everything but WskCloseSocket fails */
    volatile LONG EnabledEvents; /* WSK_EVENT_*, as far as the driver got */
    KSPIN_LOCK Lock;
    LIST_ENTRY Accepts;                   /* REQUEST.Link of WskAccept that are with the provider; Lock */
    struct _REQUEST *volatile HeldAccept; /* a WskAccept that is kept from the provider */
    KEVENT DisableSeen;                   /* a disable of WSK_EVENT_ACCEPT came back */
} PROXY;

VOID SocketsInitialize(VOID);

/* A proxy in state SocketPending, with the driver's context and table; NULL without memory. */
_IRQL_requires_max_(DISPATCH_LEVEL) PROXY *SocketMake(_In_ CATEGORY Category, _In_opt_ PROXY *Parent,
                                                      _In_ ADDRESS_FAMILY Family);

/* Sets what the driver gave for its callbacks. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    SocketSetClient(_Inout_ PROXY *Proxy, _In_opt_ PVOID Context, _In_opt_ const VOID *Table);

/* The provider's socket has come: from now on the driver may use the proxy. */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ BOOLEAN
    SocketOpened(_Inout_ PROXY *Proxy, _In_ PWSK_SOCKET Real);

/* The driver never got it: its memory can be used again at once. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID SocketDiscard(_In_ PROXY *Proxy);

/* The driver may still hold it, but it is gone. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID SocketRetire(_Inout_ PROXY *Proxy, _In_ SOCKET_STATE State);

/* The proxy that the driver's pointer means, or NULL. Any pointer may be asked about. */
_IRQL_requires_max_(DISPATCH_LEVEL) PROXY *SocketFromDriver(_In_opt_ const VOID *Pointer);

/* Its number in the running trace, given at first sight; 0 for NULL. */
_IRQL_requires_max_(DISPATCH_LEVEL) ULONG64 SocketNumber(_In_opt_ PROXY *Proxy);

/* Records it if the driver wrote into the WSK_SOCKET, and repairs it. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID SocketCheckOverwritten(_Inout_ PROXY *Proxy);

/* Records it if the driver's dispatch table is not what it was. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID SocketCheckTable(_In_ PROXY *Proxy);

#endif

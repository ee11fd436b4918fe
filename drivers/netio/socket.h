/**
 * A WSK_SOCKET and what lies behind it. The driver sees `Public`; everything else is guarded by ProviderLock
 * unless it says otherwise.
 *
 * Life: WskSocket, or an arriving connection, makes it with one reference that WskCloseSocket (or a
 * rejection) gives up. Every queued IRP, callback in progress and turn of the transport's thread holds one
 * more. The last one to go completes the close IRP and frees the memory: so closing waits for callbacks and
 * pending requests.
 */
#pragma once

#include "client.h"
#include "endpoint.h"

/** Callbacks that SO_WSK_EVENT_CALLBACK switches, as indices. */
typedef enum {
    EVENT_ACCEPT,
    EVENT_RECEIVE,
    EVENT_DISCONNECT,
    EVENT_SEND_BACKLOG,
    EVENT_COUNT
} EVENT_INDEX;
#define CONNECTION_EVENTS (WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT | WSK_EVENT_SEND_BACKLOG)

typedef struct _SOCKET_OBJECT {
    WSK_SOCKET Public; /* first: the driver's pointer is ours */
    LIST_ENTRY Link;   /* of all sockets */
    LONG References;
    CLIENT *Client;
    ULONG Category; /* WSK_FLAG_*_SOCKET */
    ADDRESS_FAMILY Family;
    ENDPOINT Endpoint;
    PVOID Context;
    const VOID *Dispatch;
    PIRP CloseIrp;
    BOOLEAN Bound, Closing, TornDown;

    ULONG Enabled;                       /* WSK_EVENT_* that fire */
    ULONG Static;                        /* those that were enabled for all sockets of the client */
    ULONG InProgress[EVENT_COUNT];       /* callbacks entered and not returned */
    LIST_ENTRY DisableIrps[EVENT_COUNT]; /* wait for InProgress to become 0 */

    struct {                /* listening */
        ULONG Inherited;    /* connection events that accepted sockets begin with */
        LIST_ENTRY Accepts; /* WskAccept IRPs */
        LIST_ENTRY Waiting; /* connections taken from the stack that nobody wanted then: SOCKET_OBJECT.Link */
    } Listener;

    struct { /* connection */
        BOOLEAN Connected;
        BOOLEAN EndReceived, EndSent; /* FIN */
        BOOLEAN Broken;               /* RST, or aborted from here */
        BOOLEAN Aborting;             /* WskDisconnect with WSK_FLAG_ABORTIVE */
        BOOLEAN EndTold, BreakTold;   /* WskDisconnectEvent was called for it */
        BOOLEAN Stopped;              /* no WskReceiveEvent until the driver calls WskReceive */
        BOOLEAN DataWaiting;          /* bytes lie in the stack and nobody reads */
        BOOLEAN Sending;              /* somebody is in SendService */
        PIRP AbortIrp;
        LIST_ENTRY Receives, Sends;    /* IRPs; a graceful WskDisconnect queues behind the sends */
        LIST_ENTRY Disconnects;        /* those whose FIN was sent and is not known to be acknowledged */
        LIST_ENTRY Buffered, Retained; /* INDICATION.Link */
    } Connection;

    UCHAR Local[ENDPOINT_ADDRESS_BYTES], Remote[ENDPOINT_ADDRESS_BYTES];
} SOCKET_OBJECT;

FORCEINLINE SOCKET_OBJECT *SocketOf(PWSK_SOCKET Socket)
{
    return CONTAINING_RECORD(Socket, SOCKET_OBJECT, Public);
}

/** A socket with one reference, not yet in the list of all sockets; takes over the caller's use of the
 * client. */
_IRQL_requires_max_(DISPATCH_LEVEL) SOCKET_OBJECT *SocketCreate(_In_ CLIENT *Client, _In_ ULONG Category,
                                                                _In_ ADDRESS_FAMILY Family);
/** Makes the transport's thread look at it. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID SocketPublish(_In_ SOCKET_OBJECT *Socket);

/** ProviderLock is held. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID SocketReference(_In_ SOCKET_OBJECT *Socket);
/** ProviderLock is not held. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID SocketDereference(_In_ SOCKET_OBJECT *Socket);

/**
 * Queues a request with a reference to its socket; TRUE: it is pending. FALSE: the socket is closing, or the
 * request was cancelled before: it has been completed with *Status.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN
    SocketQueue(_In_ SOCKET_OBJECT *Socket, _In_ LIST_ENTRY *Queue, _Inout_ PIRP Irp, _In_opt_ PVOID Context,
                _Out_ NTSTATUS *Status);

/** Completes a request that SocketQueue queued and gives its context and its reference back. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID SocketComplete(_In_ SOCKET_OBJECT *Socket, _Inout_ PIRP Irp,
                                                        _In_ NTSTATUS Status, _In_ ULONG_PTR Information);

/** Ends a socket that WskCloseSocket closed, or that was rejected: on the transport's thread only. */
VOID SocketTearDown(_In_ SOCKET_OBJECT *Socket);

/** All sockets; ProviderLock is held while it is walked. */
extern LIST_ENTRY AllSockets;

/** The functions of the provider's tables that are common to all categories. */
NTSTATUS WSKAPI SocketCreateForClient(PWSK_CLIENT Client, ADDRESS_FAMILY AddressFamily, USHORT SocketType,
                                      ULONG Protocol, ULONG Flags, PVOID SocketContext, const VOID *Dispatch,
                                      PEPROCESS OwningProcess, PETHREAD OwningThread,
                                      PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp);
NTSTATUS WSKAPI SocketClose(PWSK_SOCKET Socket, PIRP Irp);
NTSTATUS WSKAPI SocketGetLocalAddress(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, PIRP Irp);
NTSTATUS WSKAPI SocketGetRemoteAddress(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PIRP Irp);
/** options.c */
NTSTATUS WSKAPI SocketControl(PWSK_SOCKET Socket, WSK_CONTROL_SOCKET_TYPE RequestType, ULONG ControlCode,
                              ULONG Level, SIZE_T InputSize, PVOID InputBuffer, SIZE_T OutputSize,
                              PVOID OutputBuffer, SIZE_T *OutputSizeReturned, PIRP Irp);
/** dispatch.c: the provider's table of a category. */
const VOID *ProviderTable(ULONG Category);

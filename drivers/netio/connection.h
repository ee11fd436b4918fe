/** Connections: what arrives, what goes out, and how they end. */
#pragma once

#include "socket.h"

NTSTATUS WSKAPI ConnectionReceive(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS WSKAPI ConnectionRelease(PWSK_SOCKET Socket, PWSK_DATA_INDICATION DataIndication);
NTSTATUS WSKAPI ConnectionSend(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS WSKAPI ConnectionDisconnect(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);

/** The transport should wait until there is something to read. ProviderLock is held. */
BOOLEAN ConnectionWantsRead(_In_ const SOCKET_OBJECT *Connection);
/** There is work that need not wait for the stack. ProviderLock is held. */
BOOLEAN ConnectionIsUrgent(_In_ const SOCKET_OBJECT *Connection);

/** Reads and hands on what there is, on the transport's thread. */
VOID ConnectionService(_In_ SOCKET_OBJECT *Connection);
/** Sends what is queued, on any thread; one at a time. */
VOID SendService(_In_ SOCKET_OBJECT *Connection);
/** Completes graceful disconnects whose FIN is acknowledged, on the transport's thread. */
VOID DisconnectService(_In_ SOCKET_OBJECT *Connection);
/** WskDisconnect with WSK_FLAG_ABORTIVE, on the transport's thread. */
VOID ConnectionAbort(_In_ SOCKET_OBJECT *Connection);

/** Completes everything that is queued to be received, or sent, with a failure. */
VOID ConnectionFailReceives(_In_ SOCKET_OBJECT *Connection, _In_ NTSTATUS Status);
VOID ConnectionFailSends(_In_ SOCKET_OBJECT *Connection, _In_ NTSTATUS Status);

/** Frees indications that were neither taken nor released. The socket is about to go. */
VOID ConnectionFreeData(_In_ SOCKET_OBJECT *Connection);

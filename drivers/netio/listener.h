/** Listening sockets: bind, accepted connections and who gets them. */
#pragma once

#include "socket.h"

NTSTATUS WSKAPI ListenerBind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp);
NTSTATUS WSKAPI ListenerAccept(PWSK_SOCKET ListenSocket, ULONG Flags, PVOID AcceptSocketContext,
                               const WSK_CLIENT_CONNECTION_DISPATCH *AcceptSocketDispatch,
                               PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress, PIRP Irp);

/** Somebody would take a connection now. ProviderLock is held. */
BOOLEAN ListenerHasConsumer(_In_ const SOCKET_OBJECT *Listener);

/** Delivers what waits, on the transport's thread. */
VOID ListenerService(_In_ SOCKET_OBJECT *Listener);

/** Ends the connections that wait on a listener that is closed. */
VOID ListenerDropWaiting(_In_ SOCKET_OBJECT *Listener);

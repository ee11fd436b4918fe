/* The recorder's own callbacks, as the provider finds them in client dispatch tables; SocketContext is the
 * PROXY. Contracts: wsk.h. */
#ifndef CALLBACKS_H
#define CALLBACKS_H

#include "recorder.h"

NTSTATUS WSKAPI OwnAcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                               PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket, PVOID *AcceptSocketContext,
                               const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch);
WSK_INSPECT_ACTION WSKAPI OwnInspectEvent(PVOID SocketContext, PSOCKADDR LocalAddress,
                                          PSOCKADDR RemoteAddress, PWSK_INSPECT_ID InspectID);
NTSTATUS WSKAPI OwnAbortEvent(PVOID SocketContext, PWSK_INSPECT_ID InspectID);
NTSTATUS WSKAPI OwnReceiveEvent(PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION DataIndication,
                                SIZE_T BytesIndicated, SIZE_T *BytesAccepted);
NTSTATUS WSKAPI OwnDisconnectEvent(PVOID SocketContext, ULONG Flags);
NTSTATUS WSKAPI OwnSendBacklogEvent(PVOID SocketContext, SIZE_T IdealBacklogSize);
NTSTATUS WSKAPI OwnReceiveFromEvent(PVOID SocketContext, ULONG Flags,
                                    PWSK_DATAGRAM_INDICATION DataIndication);

#endif

/* The recorder's own functions, as the driver finds them in WSK_SOCKET.Dispatch. Contracts: wsk.h. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "recorder.h"

NTSTATUS WSKAPI OwnControlSocket(PWSK_SOCKET Socket, WSK_CONTROL_SOCKET_TYPE RequestType, ULONG ControlCode,
                                 ULONG Level, SIZE_T InputSize, PVOID InputBuffer, SIZE_T OutputSize,
                                 PVOID OutputBuffer, SIZE_T *OutputSizeReturned, PIRP Irp);
NTSTATUS WSKAPI OwnCloseSocket(PWSK_SOCKET Socket, PIRP Irp);
NTSTATUS WSKAPI OwnBind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp);
NTSTATUS WSKAPI OwnAccept(PWSK_SOCKET ListenSocket, ULONG Flags, PVOID AcceptSocketContext,
                          const WSK_CLIENT_CONNECTION_DISPATCH *AcceptSocketDispatch, PSOCKADDR LocalAddress,
                          PSOCKADDR RemoteAddress, PIRP Irp);
NTSTATUS WSKAPI OwnInspectComplete(PWSK_SOCKET ListenSocket, PWSK_INSPECT_ID InspectID,
                                   WSK_INSPECT_ACTION Action, PIRP Irp);
NTSTATUS WSKAPI OwnGetLocalAddress(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, PIRP Irp);
NTSTATUS WSKAPI OwnGetRemoteAddress(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PIRP Irp);
NTSTATUS WSKAPI OwnConnect(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, ULONG Flags, PIRP Irp);
NTSTATUS WSKAPI OwnConnectEx(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PWSK_BUF Buffer, ULONG Flags,
                             PIRP Irp);
NTSTATUS WSKAPI OwnListen(PWSK_SOCKET Socket, PIRP Irp);
NTSTATUS WSKAPI OwnSend(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS WSKAPI OwnReceive(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS WSKAPI OwnDisconnect(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
NTSTATUS WSKAPI OwnRelease(PWSK_SOCKET Socket, PWSK_DATA_INDICATION DataIndication);
NTSTATUS WSKAPI OwnSendTo(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PSOCKADDR RemoteAddress,
                          ULONG ControlInfoLength, struct _CMSGHDR *ControlInfo, PIRP Irp);
NTSTATUS WSKAPI OwnReceiveFrom(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PSOCKADDR RemoteAddress,
                               PULONG ControlLength, struct _CMSGHDR *ControlInfo, PULONG ControlFlags,
                               PIRP Irp);
NTSTATUS WSKAPI OwnReleaseDatagram(PWSK_SOCKET Socket, PWSK_DATAGRAM_INDICATION DatagramIndication);
NTSTATUS WSKAPI OwnSendMessages(PWSK_SOCKET Socket, PWSK_BUF_LIST BufferList, ULONG Flags,
                                PSOCKADDR RemoteAddress, ULONG ControlInfoLength,
                                struct _CMSGHDR *ControlInfo, PIRP Irp);

/* Reserved slots, whose arguments nobody documents: only the socket, which comes first, is replaced. */
NTSTATUS WSKAPI OwnSendEx(PWSK_SOCKET Socket, PVOID A, PVOID B, PVOID C, PVOID D, PVOID E, PVOID F, PVOID G);
NTSTATUS WSKAPI OwnReceiveEx(PWSK_SOCKET Socket, PVOID A, PVOID B, PVOID C, PVOID D, PVOID E, PVOID F,
                             PVOID G);

/* A WskAccept that the perturber keeps from the provider (event-despite-irp): hands it on now, if there is
 * one. */
_IRQL_requires_max_(DISPATCH_LEVEL) struct _PROXY;
VOID AcceptPassOn(_Inout_ struct _PROXY *Listener);

#endif

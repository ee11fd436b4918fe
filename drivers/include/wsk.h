/**
 * Winsock Kernel: constants, structures and function types of the documented interface.
 *
 * A build with the WDK gets the kit's own header; every other toolchain gets the declarations below, written
 * from the documentation. Sizes and offsets are asserted at the end.
 *
 * Include after the kernel headers ("compat/kernel.h" does so).
 */
#pragma once

#ifdef _MSC_VER
#include <../km/wsk.h>
#else

#include "../compat/sockaddr.h"

#define WSKAPI NTAPI

/* Bits of Flags. The same value means different things to different functions: decode by function. */
#define WSK_FLAG_ABORTIVE 0x00000001          /* WskDisconnect, WskDisconnectEvent */
#define WSK_FLAG_OOB 0x00000001               /* WskSend */
#define WSK_FLAG_NODELAY 0x00000002           /* WskSend */
#define WSK_FLAG_WAITALL 0x00000002           /* WskReceive */
#define WSK_FLAG_DRAIN 0x00000004             /* WskReceive */
#define WSK_FLAG_RELEASE_ASAP 0x00000002      /* WskReceiveEvent */
#define WSK_FLAG_ENTIRE_MESSAGE 0x00000004    /* WskReceiveEvent; for TCP: PSH was seen */
#define WSK_FLAG_AT_DISPATCH_LEVEL 0x00000008 /* accept, receive, disconnect and receive-from events */

/* Category of a socket: Flags of WskSocket. */
#define WSK_FLAG_BASIC_SOCKET 0x00000000
#define WSK_FLAG_LISTEN_SOCKET 0x00000001
#define WSK_FLAG_CONNECTION_SOCKET 0x00000002
#define WSK_FLAG_DATAGRAM_SOCKET 0x00000004
#define WSK_FLAG_STREAM_SOCKET 0x00000008

/* WSK_EVENT_CALLBACK_CONTROL.EventMask. */
#define WSK_EVENT_SEND_BACKLOG 0x00000010
#define WSK_EVENT_RECEIVE 0x00000040
#define WSK_EVENT_DISCONNECT 0x00000080
#define WSK_EVENT_RECEIVE_FROM 0x00000100
#define WSK_EVENT_ACCEPT 0x00000200
#define WSK_EVENT_DISABLE 0x80000000

#ifndef WSK_SO_BASE
#define WSK_SO_BASE 0x4000
#endif
#define SO_WSK_SECURITY (WSK_SO_BASE + 1)
#define SO_WSK_EVENT_CALLBACK (WSK_SO_BASE + 2)

/* Control codes of WskControlClient. */
#define WSK_TRANSPORT_LIST_QUERY 2
#define WSK_TRANSPORT_LIST_CHANGE 3
#define WSK_CACHE_SD 4
#define WSK_RELEASE_SD 5
#define WSK_TDI_DEVICENAME_MAPPING 6
#define WSK_SET_STATIC_EVENT_CALLBACKS 7
#define WSK_TDI_BEHAVIOR 8
#define WSK_TDI_BEHAVIOR_BYPASS_TDI 0x00000001

/* WaitTimeout of WskCaptureProviderNPI; any other value is milliseconds. */
#define WSK_NO_WAIT 0
#define WSK_INFINITE_WAIT 0xFFFFFFFF

#define SIO_WSK_SET_REMOTE_ADDRESS 0x8F000001
#define SIO_WSK_REGISTER_EXTENSION 0xCF000002
#define SIO_WSK_QUERY_IDEAL_SEND_BACKLOG 0x4F000003
#define SIO_WSK_QUERY_RECEIVE_BACKLOG 0x4F000004
#define SIO_WSK_QUERY_INSPECT_ID 0x4F000005
#define SIO_WSK_SET_SENDTO_ADDRESS 0x8F000006
#define SIO_WSK_SET_TCP_SILENT_MODE 0x2F000007

#define MAKE_WSK_VERSION(Major, Minor) ((USHORT)((Major) << 8) | (USHORT)((Minor)&0xff))
#define WSK_MAJOR_VERSION(Version) ((UCHAR)((Version) >> 8))
#define WSK_MINOR_VERSION(Version) ((UCHAR)(Version))

#ifndef _NETIODEF_
typedef GUID NPIID;
typedef const NPIID *PNPIID;
#endif

/** The interface whose events are WSK's own (and not an extension's). */
__declspec(selectany) const NPIID NPI_WSK_INTERFACE_ID = {
    0x2227e803, 0x8d8b, 0x11d4, {0xab, 0xad, 0x00, 0x90, 0x27, 0x71, 0x9e, 0x09}};

typedef PVOID PWSK_CLIENT;

/** What the driver sees of a socket; what lies behind it belongs to the subsystem. */
typedef struct _WSK_SOCKET {
    const VOID *Dispatch;
} WSK_SOCKET, *PWSK_SOCKET;

typedef enum {
    WskInspectReject,
    WskInspectAccept,
    WskInspectPend,
    WskInspectMax
} WSK_INSPECT_ACTION;

typedef enum {
    WskSetOption,
    WskGetOption,
    WskIoctl,
    WskControlMax
} WSK_CONTROL_SOCKET_TYPE;

/** `Length` bytes that begin `Offset` bytes into the first MDL of a chain. */
typedef struct _WSK_BUF {
    PMDL Mdl;
    ULONG Offset;
    SIZE_T Length;
} WSK_BUF, *PWSK_BUF;

typedef struct _WSK_BUF_LIST {
    struct _WSK_BUF_LIST *Next;
    WSK_BUF Buffer;
} WSK_BUF_LIST, *PWSK_BUF_LIST;

typedef struct _WSK_DATA_INDICATION {
    struct _WSK_DATA_INDICATION *Next;
    WSK_BUF Buffer;
} WSK_DATA_INDICATION, *PWSK_DATA_INDICATION;

struct _CMSGHDR;

typedef struct _WSK_DATAGRAM_INDICATION {
    struct _WSK_DATAGRAM_INDICATION *Next;
    WSK_BUF Buffer;
    struct _CMSGHDR *ControlInfo;
    ULONG ControlInfoLength;
    PSOCKADDR RemoteAddress;
} WSK_DATAGRAM_INDICATION, *PWSK_DATAGRAM_INDICATION;

/** Compare the two members and not 16 bytes: the tail is padding. */
typedef struct _WSK_INSPECT_ID {
    ULONG_PTR Key;
    ULONG SerialNumber;
} WSK_INSPECT_ID, *PWSK_INSPECT_ID;

typedef struct _WSK_EVENT_CALLBACK_CONTROL {
    PNPIID NpiId;
    ULONG EventMask;
} WSK_EVENT_CALLBACK_CONTROL, *PWSK_EVENT_CALLBACK_CONTROL;

typedef struct _WSK_TRANSPORT {
    USHORT Version;
    USHORT SocketType;
    ULONG Protocol;
    ADDRESS_FAMILY AddressFamily;
    GUID ProviderId;
} WSK_TRANSPORT, *PWSK_TRANSPORT;

typedef struct _WSK_TDI_MAP {
    USHORT SocketType;
    ADDRESS_FAMILY AddressFamily;
    ULONG Protocol;
    PCWSTR TdiDeviceName;
} WSK_TDI_MAP, *PWSK_TDI_MAP;

typedef struct _WSK_TDI_MAP_INFO {
    const ULONG ElementCount;
    const WSK_TDI_MAP *Map;
} WSK_TDI_MAP_INFO, *PWSK_TDI_MAP_INFO;

typedef struct _WSK_EXTENSION_CONTROL_IN {
    PNPIID NpiId;
    PVOID ClientContext;
    const VOID *ClientDispatch;
} WSK_EXTENSION_CONTROL_IN, *PWSK_EXTENSION_CONTROL_IN;

typedef struct _WSK_EXTENSION_CONTROL_OUT {
    PVOID ProviderContext;
    const VOID *ProviderDispatch;
} WSK_EXTENSION_CONTROL_OUT, *PWSK_EXTENSION_CONTROL_OUT;

/* What the driver supplies: event callbacks. All are called at IRQL <= DISPATCH_LEVEL, on any thread, and
 * never wait for another WSK request. */

typedef struct _WSK_CLIENT_CONNECTION_DISPATCH WSK_CLIENT_CONNECTION_DISPATCH,
    *PWSK_CLIENT_CONNECTION_DISPATCH;

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_CLIENT_EVENT)(_In_opt_ PVOID ClientContext,
                                                                     _In_ ULONG EventType,
                                                                     _In_opt_ PVOID Information,
                                                                     _In_ SIZE_T InformationLength);

/** Returns STATUS_SUCCESS (the driver owns the connection) or STATUS_REQUEST_NOT_ACCEPTED (WSK closes it). */
typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_ACCEPT_EVENT)(
    _In_opt_ PVOID SocketContext, _In_ ULONG Flags, _In_ PSOCKADDR LocalAddress, _In_ PSOCKADDR RemoteAddress,
    _In_opt_ PWSK_SOCKET AcceptSocket, _Outptr_result_maybenull_ PVOID *AcceptSocketContext,
    _Outptr_result_maybenull_ const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch);

typedef WSK_INSPECT_ACTION(WSKAPI *PFN_WSK_INSPECT_EVENT)(_In_opt_ PVOID SocketContext,
                                                          _In_ PSOCKADDR LocalAddress,
                                                          _In_ PSOCKADDR RemoteAddress,
                                                          _In_opt_ PWSK_INSPECT_ID InspectID);

typedef NTSTATUS(WSKAPI *PFN_WSK_ABORT_EVENT)(_In_opt_ PVOID SocketContext, _In_ PWSK_INSPECT_ID InspectID);

/** Returns STATUS_SUCCESS (see BytesAccepted), STATUS_PENDING (list retained) or STATUS_DATA_NOT_ACCEPTED. */
typedef _Must_inspect_result_
NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_EVENT)(_In_opt_ PVOID SocketContext, _In_ ULONG Flags,
                                        _In_opt_ PWSK_DATA_INDICATION DataIndication,
                                        _In_ SIZE_T BytesIndicated, _Inout_ SIZE_T *BytesAccepted);

typedef NTSTATUS(WSKAPI *PFN_WSK_DISCONNECT_EVENT)(_In_opt_ PVOID SocketContext, _In_ ULONG Flags);

typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_BACKLOG_EVENT)(_In_opt_ PVOID SocketContext,
                                                     _In_ SIZE_T IdealBacklogSize);

typedef _Must_inspect_result_
NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_FROM_EVENT)(_In_opt_ PVOID SocketContext, _In_ ULONG Flags,
                                             _In_opt_ PWSK_DATAGRAM_INDICATION DataIndication);

typedef struct _WSK_CLIENT_DISPATCH {
    USHORT Version;
    USHORT Reserved;
    PFN_WSK_CLIENT_EVENT WskClientEvent;
} WSK_CLIENT_DISPATCH, *PWSK_CLIENT_DISPATCH;

typedef struct _WSK_CLIENT_LISTEN_DISPATCH {
    PFN_WSK_ACCEPT_EVENT WskAcceptEvent;
    PFN_WSK_INSPECT_EVENT WskInspectEvent;
    PFN_WSK_ABORT_EVENT WskAbortEvent;
} WSK_CLIENT_LISTEN_DISPATCH, *PWSK_CLIENT_LISTEN_DISPATCH;

struct _WSK_CLIENT_CONNECTION_DISPATCH {
    PFN_WSK_RECEIVE_EVENT WskReceiveEvent;
    PFN_WSK_DISCONNECT_EVENT WskDisconnectEvent;
    PFN_WSK_SEND_BACKLOG_EVENT WskSendBacklogEvent;
};

typedef struct _WSK_CLIENT_DATAGRAM_DISPATCH {
    PFN_WSK_RECEIVE_FROM_EVENT WskReceiveFromEvent;
} WSK_CLIENT_DATAGRAM_DISPATCH, *PWSK_CLIENT_DATAGRAM_DISPATCH;

typedef struct _WSK_CLIENT_STREAM_DISPATCH {
    const WSK_CLIENT_LISTEN_DISPATCH *Listen;
    const WSK_CLIENT_CONNECTION_DISPATCH *Connect;
} WSK_CLIENT_STREAM_DISPATCH, *PWSK_CLIENT_STREAM_DISPATCH;

/* What the subsystem supplies. All but the marked ones are called at IRQL <= DISPATCH_LEVEL; a function that
 * takes an IRP completes it exactly once, whatever it returns. */

typedef _Must_inspect_result_
NTSTATUS(WSKAPI *PFN_WSK_SOCKET)(_In_ PWSK_CLIENT Client, _In_ ADDRESS_FAMILY AddressFamily,
                                 _In_ USHORT SocketType, _In_ ULONG Protocol, _In_ ULONG Flags,
                                 _In_opt_ PVOID SocketContext, _In_opt_ const VOID *Dispatch,
                                 _In_opt_ PEPROCESS OwningProcess, _In_opt_ PETHREAD OwningThread,
                                 _In_opt_ PSECURITY_DESCRIPTOR SecurityDescriptor, _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_SOCKET_CONNECT)(
    _In_ PWSK_CLIENT Client, _In_ USHORT SocketType, _In_ ULONG Protocol, _In_ PSOCKADDR LocalAddress,
    _In_ PSOCKADDR RemoteAddress, _Reserved_ ULONG Flags, _In_opt_ PVOID SocketContext,
    _In_opt_ const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch, _In_opt_ PEPROCESS OwningProcess,
    _In_opt_ PETHREAD OwningThread, _In_opt_ PSECURITY_DESCRIPTOR SecurityDescriptor, _Inout_ PIRP Irp);

typedef _Must_inspect_result_
NTSTATUS(WSKAPI *PFN_WSK_CONTROL_CLIENT)(_In_ PWSK_CLIENT Client, _In_ ULONG ControlCode,
                                         _In_ SIZE_T InputSize, _In_opt_ PVOID InputBuffer,
                                         _In_ SIZE_T OutputSize, _Out_opt_ PVOID OutputBuffer,
                                         _Out_opt_ SIZE_T *OutputSizeReturned, _Inout_opt_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_CONTROL_SOCKET)(
    _In_ PWSK_SOCKET Socket, _In_ WSK_CONTROL_SOCKET_TYPE RequestType, _In_ ULONG ControlCode,
    _In_ ULONG Level, _In_ SIZE_T InputSize, _In_opt_ PVOID InputBuffer, _In_ SIZE_T OutputSize,
    _Out_opt_ PVOID OutputBuffer, _Out_opt_ SIZE_T *OutputSizeReturned, _Inout_opt_ PIRP Irp);

typedef NTSTATUS(WSKAPI *PFN_WSK_CLOSE_SOCKET)(_In_ PWSK_SOCKET Socket, _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_BIND)(_In_ PWSK_SOCKET Socket,
                                                             _In_ PSOCKADDR LocalAddress,
                                                             _Reserved_ ULONG Flags, _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_CONNECT)(_In_ PWSK_SOCKET Socket,
                                                                _In_ PSOCKADDR RemoteAddress,
                                                                _Reserved_ ULONG Flags, _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_CONNECT_EX)(_In_ PWSK_SOCKET Socket,
                                                                   _In_ PSOCKADDR RemoteAddress,
                                                                   _In_opt_ PWSK_BUF Buffer,
                                                                   _Reserved_ ULONG Flags, _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_LISTEN)(_In_ PWSK_SOCKET Socket, _Inout_ PIRP Irp);

/** LocalAddress and RemoteAddress, where given, stay valid until the IRP completes. */
typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_ACCEPT)(
    _In_ PWSK_SOCKET ListenSocket, _Reserved_ ULONG Flags, _In_opt_ PVOID AcceptSocketContext,
    _In_opt_ const WSK_CLIENT_CONNECTION_DISPATCH *AcceptSocketDispatch, _Out_opt_ PSOCKADDR LocalAddress,
    _Out_opt_ PSOCKADDR RemoteAddress, _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_INSPECT_COMPLETE)(_In_ PWSK_SOCKET ListenSocket,
                                                                         _In_ PWSK_INSPECT_ID InspectID,
                                                                         _In_ WSK_INSPECT_ACTION Action,
                                                                         _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_GET_LOCAL_ADDRESS)(_In_ PWSK_SOCKET Socket,
                                                                          _Out_ PSOCKADDR LocalAddress,
                                                                          _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_GET_REMOTE_ADDRESS)(_In_ PWSK_SOCKET Socket,
                                                                           _Out_ PSOCKADDR RemoteAddress,
                                                                           _Inout_ PIRP Irp);

/** The MDL chain stays locked until the IRP completes. */
typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_SEND)(_In_ PWSK_SOCKET Socket, _In_ PWSK_BUF Buffer,
                                                             _In_ ULONG Flags, _Inout_ PIRP Irp);

typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_RECEIVE)(_In_ PWSK_SOCKET Socket, _In_ PWSK_BUF Buffer,
                                                                _In_ ULONG Flags, _Inout_ PIRP Irp);

typedef NTSTATUS(WSKAPI *PFN_WSK_DISCONNECT)(_In_ PWSK_SOCKET Socket, _In_opt_ PWSK_BUF Buffer,
                                             _In_ ULONG Flags, _Inout_ PIRP Irp);

typedef NTSTATUS(WSKAPI *PFN_WSK_RELEASE_DATA_INDICATION_LIST)(_In_ PWSK_SOCKET Socket,
                                                               _In_ PWSK_DATA_INDICATION DataIndication);

typedef NTSTATUS(WSKAPI *PFN_WSK_RELEASE_DATAGRAM_INDICATION_LIST)(
    _In_ PWSK_SOCKET Socket, _In_ PWSK_DATAGRAM_INDICATION DatagramIndication);

typedef _Must_inspect_result_
NTSTATUS(WSKAPI *PFN_WSK_SEND_TO)(_In_ PWSK_SOCKET Socket, _In_ PWSK_BUF Buffer, _Reserved_ ULONG Flags,
                                  _In_opt_ PSOCKADDR RemoteAddress, _In_ ULONG ControlInfoLength,
                                  _In_opt_ struct _CMSGHDR *ControlInfo, _Inout_ PIRP Irp);

typedef _Must_inspect_result_
NTSTATUS(WSKAPI *PFN_WSK_SEND_MESSAGES)(_In_ PWSK_SOCKET Socket, _In_ PWSK_BUF_LIST BufferList,
                                        _Reserved_ ULONG Flags, _In_opt_ PSOCKADDR RemoteAddress,
                                        _In_ ULONG ControlInfoLength, _In_opt_ struct _CMSGHDR *ControlInfo,
                                        _Inout_ PIRP Irp);

typedef _Must_inspect_result_
NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_FROM)(_In_ PWSK_SOCKET Socket, _In_ PWSK_BUF Buffer, _Reserved_ ULONG Flags,
                                       _Out_opt_ PSOCKADDR RemoteAddress, _Inout_ PULONG ControlLength,
                                       _Out_opt_ struct _CMSGHDR *ControlInfo, _Out_opt_ PULONG ControlFlags,
                                       _Inout_ PIRP Irp);

/* Reserved for the system: never called by a driver, forwarded untouched by a recorder. */
typedef VOID(WSKAPI *PFN_WSK_RESERVED)(VOID);

struct addrinfoexW;

/** PASSIVE_LEVEL. */
typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_GET_ADDRESS_INFO)(
    _In_ PWSK_CLIENT Client, _In_opt_ PUNICODE_STRING NodeName, _In_opt_ PUNICODE_STRING ServiceName,
    _In_opt_ ULONG NameSpace, _In_opt_ GUID *Provider, _In_opt_ struct addrinfoexW *Hints,
    _Outptr_ struct addrinfoexW **Result, _In_opt_ PEPROCESS OwningProcess, _In_opt_ PETHREAD OwningThread,
    _Inout_ PIRP Irp);

/** PASSIVE_LEVEL. */
typedef VOID(WSKAPI *PFN_WSK_FREE_ADDRESS_INFO)(_In_ PWSK_CLIENT Client, _In_ struct addrinfoexW *AddrInfo);

/** PASSIVE_LEVEL. */
typedef _Must_inspect_result_ NTSTATUS(WSKAPI *PFN_WSK_GET_NAME_INFO)(
    _In_ PWSK_CLIENT Client, _In_ PSOCKADDR SockAddr, _In_ ULONG SockAddrLength,
    _Out_opt_ PUNICODE_STRING NodeName, _Out_opt_ PUNICODE_STRING ServiceName, _In_ ULONG Flags,
    _In_opt_ PEPROCESS OwningProcess, _In_opt_ PETHREAD OwningThread, _Inout_ PIRP Irp);

typedef struct _WSK_PROVIDER_DISPATCH {
    USHORT Version;
    USHORT Reserved;
    PFN_WSK_SOCKET WskSocket;
    PFN_WSK_SOCKET_CONNECT WskSocketConnect;
    PFN_WSK_CONTROL_CLIENT WskControlClient;
    PFN_WSK_GET_ADDRESS_INFO WskGetAddressInfo;
    PFN_WSK_FREE_ADDRESS_INFO WskFreeAddressInfo;
    PFN_WSK_GET_NAME_INFO WskGetNameInfo;
} WSK_PROVIDER_DISPATCH, *PWSK_PROVIDER_DISPATCH;

typedef struct _WSK_PROVIDER_BASIC_DISPATCH {
    PFN_WSK_CONTROL_SOCKET WskControlSocket;
    PFN_WSK_CLOSE_SOCKET WskCloseSocket;
} WSK_PROVIDER_BASIC_DISPATCH, *PWSK_PROVIDER_BASIC_DISPATCH;

/* The basic table is the first member of the others: nameless in C (-fms-extensions), as in the kit. */
#ifdef __cplusplus
#define WSK_BASIC_MEMBER WSK_PROVIDER_BASIC_DISPATCH Basic
#else
#define WSK_BASIC_MEMBER WSK_PROVIDER_BASIC_DISPATCH
#endif

typedef struct _WSK_PROVIDER_LISTEN_DISPATCH {
    WSK_BASIC_MEMBER;
    PFN_WSK_BIND WskBind;
    PFN_WSK_ACCEPT WskAccept;
    PFN_WSK_INSPECT_COMPLETE WskInspectComplete;
    PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
} WSK_PROVIDER_LISTEN_DISPATCH, *PWSK_PROVIDER_LISTEN_DISPATCH;

typedef struct _WSK_PROVIDER_DATAGRAM_DISPATCH {
    WSK_BASIC_MEMBER;
    PFN_WSK_BIND WskBind;
    PFN_WSK_SEND_TO WskSendTo;
    PFN_WSK_RECEIVE_FROM WskReceiveFrom;
    PFN_WSK_RELEASE_DATAGRAM_INDICATION_LIST WskRelease;
    PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
    PFN_WSK_SEND_MESSAGES WskSendMessages;
} WSK_PROVIDER_DATAGRAM_DISPATCH, *PWSK_PROVIDER_DATAGRAM_DISPATCH;

typedef struct _WSK_PROVIDER_CONNECTION_DISPATCH {
    WSK_BASIC_MEMBER;
    PFN_WSK_BIND WskBind;
    PFN_WSK_CONNECT WskConnect;
    PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
    PFN_WSK_GET_REMOTE_ADDRESS WskGetRemoteAddress;
    PFN_WSK_SEND WskSend;
    PFN_WSK_RECEIVE WskReceive;
    PFN_WSK_DISCONNECT WskDisconnect;
    PFN_WSK_RELEASE_DATA_INDICATION_LIST WskRelease;
    PFN_WSK_CONNECT_EX WskConnectEx;
    PFN_WSK_RESERVED WskSendEx;
    PFN_WSK_RESERVED WskReceiveEx;
} WSK_PROVIDER_CONNECTION_DISPATCH, *PWSK_PROVIDER_CONNECTION_DISPATCH;

typedef struct _WSK_PROVIDER_STREAM_DISPATCH {
    WSK_BASIC_MEMBER;
    PFN_WSK_BIND WskBind;
    PFN_WSK_ACCEPT WskAccept;
    PFN_WSK_CONNECT WskConnect;
    PFN_WSK_LISTEN WskListen;
    PFN_WSK_SEND WskSend;
    PFN_WSK_RECEIVE WskReceive;
    PFN_WSK_DISCONNECT WskDisconnect;
    PFN_WSK_RELEASE_DATA_INDICATION_LIST WskRelease;
    PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
    PFN_WSK_GET_REMOTE_ADDRESS WskGetRemoteAddress;
    PFN_WSK_CONNECT_EX WskConnectEx;
    PFN_WSK_RESERVED WskSendEx;
    PFN_WSK_RESERVED WskReceiveEx;
} WSK_PROVIDER_STREAM_DISPATCH, *PWSK_PROVIDER_STREAM_DISPATCH;

/** Owned by the driver, its contents by the subsystem; it outlives the registration. */
typedef struct _WSK_REGISTRATION {
    ULONGLONG ReservedRegistrationState;
    PVOID ReservedRegistrationContext;
    KSPIN_LOCK ReservedRegistrationLock;
} WSK_REGISTRATION, *PWSK_REGISTRATION;

typedef struct _WSK_CLIENT_NPI {
    PVOID ClientContext;
    const WSK_CLIENT_DISPATCH *Dispatch;
} WSK_CLIENT_NPI, *PWSK_CLIENT_NPI;

typedef struct _WSK_PROVIDER_NPI {
    PWSK_CLIENT Client;
    const WSK_PROVIDER_DISPATCH *Dispatch;
} WSK_PROVIDER_NPI, *PWSK_PROVIDER_NPI;

typedef struct _WSK_PROVIDER_CHARACTERISTICS {
    USHORT HighestVersion;
    USHORT LowestVersion;
} WSK_PROVIDER_CHARACTERISTICS, *PWSK_PROVIDER_CHARACTERISTICS;

/* Exports of NETIO.SYS. WSKLAB_WSK_EXPORTS is set by a module that exports them itself. */
#ifdef WSKLAB_WSK_EXPORTS
#define WSK_IMPORT __declspec(dllexport)
#else
#define WSK_IMPORT __declspec(dllimport)
#endif

_Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
WSK_IMPORT NTSTATUS WSKAPI WskRegister(_In_ PWSK_CLIENT_NPI WskClientNpi,
                                       _Out_ PWSK_REGISTRATION WskRegistration);

/** DISPATCH_LEVEL is allowed when WaitTimeout is WSK_NO_WAIT. */
_Must_inspect_result_ WSK_IMPORT NTSTATUS WSKAPI WskCaptureProviderNPI(
    _In_ PWSK_REGISTRATION WskRegistration, _In_ ULONG WaitTimeout, _Out_ PWSK_PROVIDER_NPI WskProviderNpi);

_IRQL_requires_max_(DISPATCH_LEVEL) WSK_IMPORT VOID WSKAPI
    WskReleaseProviderNPI(_In_ PWSK_REGISTRATION WskRegistration);

_Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
WSK_IMPORT NTSTATUS WSKAPI WskQueryProviderCharacteristics(
    _In_ PWSK_REGISTRATION WskRegistration, _Out_ PWSK_PROVIDER_CHARACTERISTICS WskProviderCharacteristics);

/** Waits until every capture is released, every socket is closed and every call has returned. */
_IRQL_requires_max_(PASSIVE_LEVEL) WSK_IMPORT VOID WSKAPI
    WskDeregister(_In_ PWSK_REGISTRATION WskRegistration);

#define WSK_SIZE(Type, Size) _Static_assert(sizeof(Type) == (Size), #Type " has another size")
#define WSK_AT(Type, Member, Offset)                                                                         \
    _Static_assert(__builtin_offsetof(Type, Member) == (Offset), #Type "." #Member " is elsewhere")

WSK_SIZE(WSK_SOCKET, 8);
WSK_SIZE(WSK_BUF, 24);
WSK_AT(WSK_BUF, Offset, 8);
WSK_AT(WSK_BUF, Length, 16);
WSK_SIZE(WSK_BUF_LIST, 32);
WSK_AT(WSK_BUF_LIST, Buffer, 8);
WSK_SIZE(WSK_DATA_INDICATION, 32);
WSK_AT(WSK_DATA_INDICATION, Buffer, 8);
WSK_SIZE(WSK_DATAGRAM_INDICATION, 56);
WSK_AT(WSK_DATAGRAM_INDICATION, ControlInfo, 32);
WSK_AT(WSK_DATAGRAM_INDICATION, ControlInfoLength, 40);
WSK_AT(WSK_DATAGRAM_INDICATION, RemoteAddress, 48);
WSK_SIZE(WSK_INSPECT_ID, 16);
WSK_AT(WSK_INSPECT_ID, SerialNumber, 8);
WSK_SIZE(WSK_EVENT_CALLBACK_CONTROL, 16);
WSK_AT(WSK_EVENT_CALLBACK_CONTROL, EventMask, 8);
WSK_SIZE(WSK_REGISTRATION, 24);
WSK_AT(WSK_REGISTRATION, ReservedRegistrationContext, 8);
WSK_AT(WSK_REGISTRATION, ReservedRegistrationLock, 16);
WSK_SIZE(WSK_CLIENT_NPI, 16);
WSK_AT(WSK_CLIENT_NPI, Dispatch, 8);
WSK_SIZE(WSK_PROVIDER_NPI, 16);
WSK_AT(WSK_PROVIDER_NPI, Dispatch, 8);
WSK_SIZE(WSK_PROVIDER_CHARACTERISTICS, 4);
WSK_AT(WSK_PROVIDER_CHARACTERISTICS, LowestVersion, 2);
WSK_SIZE(WSK_CLIENT_DISPATCH, 16);
WSK_AT(WSK_CLIENT_DISPATCH, Reserved, 2);
WSK_AT(WSK_CLIENT_DISPATCH, WskClientEvent, 8);
WSK_SIZE(WSK_CLIENT_LISTEN_DISPATCH, 24);
WSK_AT(WSK_CLIENT_LISTEN_DISPATCH, WskInspectEvent, 8);
WSK_AT(WSK_CLIENT_LISTEN_DISPATCH, WskAbortEvent, 16);
WSK_SIZE(WSK_CLIENT_CONNECTION_DISPATCH, 24);
WSK_AT(WSK_CLIENT_CONNECTION_DISPATCH, WskDisconnectEvent, 8);
WSK_AT(WSK_CLIENT_CONNECTION_DISPATCH, WskSendBacklogEvent, 16);
WSK_SIZE(WSK_CLIENT_DATAGRAM_DISPATCH, 8);
WSK_SIZE(WSK_CLIENT_STREAM_DISPATCH, 16);
WSK_AT(WSK_CLIENT_STREAM_DISPATCH, Connect, 8);
WSK_SIZE(WSK_PROVIDER_DISPATCH, 56);
WSK_AT(WSK_PROVIDER_DISPATCH, WskSocket, 8);
WSK_AT(WSK_PROVIDER_DISPATCH, WskSocketConnect, 16);
WSK_AT(WSK_PROVIDER_DISPATCH, WskControlClient, 24);
WSK_AT(WSK_PROVIDER_DISPATCH, WskGetAddressInfo, 32);
WSK_AT(WSK_PROVIDER_DISPATCH, WskFreeAddressInfo, 40);
WSK_AT(WSK_PROVIDER_DISPATCH, WskGetNameInfo, 48);
WSK_SIZE(WSK_PROVIDER_BASIC_DISPATCH, 16);
WSK_AT(WSK_PROVIDER_BASIC_DISPATCH, WskCloseSocket, 8);
WSK_SIZE(WSK_PROVIDER_LISTEN_DISPATCH, 48);
WSK_AT(WSK_PROVIDER_LISTEN_DISPATCH, WskBind, 16);
WSK_AT(WSK_PROVIDER_LISTEN_DISPATCH, WskAccept, 24);
WSK_AT(WSK_PROVIDER_LISTEN_DISPATCH, WskInspectComplete, 32);
WSK_AT(WSK_PROVIDER_LISTEN_DISPATCH, WskGetLocalAddress, 40);
WSK_SIZE(WSK_PROVIDER_DATAGRAM_DISPATCH, 64);
WSK_AT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskBind, 16);
WSK_AT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendTo, 24);
WSK_AT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskReceiveFrom, 32);
WSK_AT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskRelease, 40);
WSK_AT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskGetLocalAddress, 48);
WSK_AT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendMessages, 56);
WSK_SIZE(WSK_PROVIDER_CONNECTION_DISPATCH, 104);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskBind, 16);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnect, 24);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskGetLocalAddress, 32);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskGetRemoteAddress, 40);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskSend, 48);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskReceive, 56);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskDisconnect, 64);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskRelease, 72);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnectEx, 80);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskSendEx, 88);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskReceiveEx, 96);
WSK_SIZE(WSK_PROVIDER_STREAM_DISPATCH, 120);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskBind, 16);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskAccept, 24);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskConnect, 32);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskListen, 40);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskSend, 48);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskReceive, 56);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskDisconnect, 64);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskRelease, 72);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskGetLocalAddress, 80);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskGetRemoteAddress, 88);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskConnectEx, 96);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskSendEx, 104);
WSK_AT(WSK_PROVIDER_STREAM_DISPATCH, WskReceiveEx, 112);
WSK_SIZE(WSK_TRANSPORT, 28);
WSK_AT(WSK_TRANSPORT, SocketType, 2);
WSK_AT(WSK_TRANSPORT, Protocol, 4);
WSK_AT(WSK_TRANSPORT, AddressFamily, 8);
WSK_AT(WSK_TRANSPORT, ProviderId, 12);
WSK_SIZE(WSK_TDI_MAP, 16);
WSK_AT(WSK_TDI_MAP, AddressFamily, 2);
WSK_AT(WSK_TDI_MAP, Protocol, 4);
WSK_AT(WSK_TDI_MAP, TdiDeviceName, 8);
WSK_SIZE(WSK_TDI_MAP_INFO, 16);
WSK_AT(WSK_TDI_MAP_INFO, Map, 8);
WSK_SIZE(WSK_EXTENSION_CONTROL_IN, 24);
WSK_AT(WSK_EXTENSION_CONTROL_IN, ClientContext, 8);
WSK_AT(WSK_EXTENSION_CONTROL_IN, ClientDispatch, 16);
WSK_SIZE(WSK_EXTENSION_CONTROL_OUT, 16);
WSK_AT(WSK_EXTENSION_CONTROL_OUT, ProviderDispatch, 8);

#endif

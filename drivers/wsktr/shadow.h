/*
 * Dispatch tables that stand in for others.
 *
 * Downwards: a SHADOW is made once for every provider dispatch table that shows up. The driver gets a table
 * of the same category whose functions are the recorder's, with NULL exactly where the provider has NULL (a
 * table of an older system is shorter; its neighbours in memory then look like functions, to the driver as
 * well).
 *
 * Upwards: the provider gets a client dispatch table whose callbacks are the recorder's, with NULL exactly
 * where the driver has NULL.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include "recorder.h"

/* Values of WskSocket's Flags. */
typedef enum _CATEGORY {
    CategoryBasic = WSK_FLAG_BASIC_SOCKET,
    CategoryListen = WSK_FLAG_LISTEN_SOCKET,
    CategoryConnection = WSK_FLAG_CONNECTION_SOCKET,
    CategoryDatagram = WSK_FLAG_DATAGRAM_SOCKET,
    CategoryStream = WSK_FLAG_STREAM_SOCKET
} CATEGORY;

/* The provider's functions, whatever table they came from; NULL where its category has none. */
typedef struct _PROVIDER_FUNCTIONS {
    PFN_WSK_CONTROL_SOCKET WskControlSocket;
    PFN_WSK_CLOSE_SOCKET WskCloseSocket;
    PFN_WSK_BIND WskBind;
    PFN_WSK_ACCEPT WskAccept;
    PFN_WSK_INSPECT_COMPLETE WskInspectComplete;
    PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
    PFN_WSK_GET_REMOTE_ADDRESS WskGetRemoteAddress;
    PFN_WSK_CONNECT WskConnect;
    PFN_WSK_CONNECT_EX WskConnectEx;
    PFN_WSK_LISTEN WskListen;
    PFN_WSK_SEND WskSend;
    PFN_WSK_RECEIVE WskReceive;
    PFN_WSK_DISCONNECT WskDisconnect;
    PFN_WSK_RELEASE_DATA_INDICATION_LIST WskRelease;
    PFN_WSK_RESERVED WskSendEx;
    PFN_WSK_RESERVED WskReceiveEx;
    PFN_WSK_SEND_TO WskSendTo;
    PFN_WSK_RECEIVE_FROM WskReceiveFrom;
    PFN_WSK_RELEASE_DATAGRAM_INDICATION_LIST WskReleaseDatagram;
    PFN_WSK_SEND_MESSAGES WskSendMessages;
} PROVIDER_FUNCTIONS;

typedef struct _SHADOW {
    const VOID *ProviderTable;
    CATEGORY Category;
    PROVIDER_FUNCTIONS Real;
    /* What the driver gets as WSK_SOCKET.Dispatch. */
    union {
        WSK_PROVIDER_BASIC_DISPATCH Basic;
        WSK_PROVIDER_LISTEN_DISPATCH Listen;
        WSK_PROVIDER_CONNECTION_DISPATCH Connection;
        WSK_PROVIDER_DATAGRAM_DISPATCH Datagram;
        WSK_PROVIDER_STREAM_DISPATCH Stream;
    } Table;
} SHADOW;

/* What the driver gave as its client dispatch table, read once: a table is constant. */
typedef struct _CLIENT_TABLE {
    const VOID *Table;
    PVOID Slots[3]; /* its first members, as they stood; 0 beyond its end */
    WSK_CLIENT_LISTEN_DISPATCH Listen;
    WSK_CLIENT_CONNECTION_DISPATCH Connection;
    WSK_CLIENT_DATAGRAM_DISPATCH Datagram;
    WSK_CLIENT_STREAM_DISPATCH StandIn; /* what a stream socket's provider gets */
} CLIENT_TABLE;

/* The stand-in for a provider table, made at its first sight; NULL without memory or for an unknown category.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) const SHADOW *ShadowOf(_In_ const VOID *ProviderTable,
                                                           _In_ CATEGORY Category);

/* Reads the driver's table (which may be NULL or no valid address: then it counts as empty). */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    ClientTableRead(_Out_ CLIENT_TABLE *Client, _In_opt_ const VOID *Table, _In_ CATEGORY Category);

/* The first members as they are now; FALSE if they are not what they were. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN
    ClientTableUnchanged(_In_ const CLIENT_TABLE *Client, _In_ CATEGORY Category,
                         _Out_writes_(3) PVOID Slots[3]);

/* The table for the provider; lives as long as `Client`. NULL when the driver gave none. */
_IRQL_requires_max_(DISPATCH_LEVEL) const VOID *ClientTableStandIn(_Inout_ CLIENT_TABLE *Client,
                                                                   _In_ CATEGORY Category);

#endif

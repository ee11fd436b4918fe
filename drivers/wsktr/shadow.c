#include "shadow.h"

#include "callbacks.h"
#include "functions.h"

#define MAX_SHADOWS 32

static SHADOW *volatile Shadows[MAX_SHADOWS];

/* Remembers one function of the provider's table and puts the recorder's own into the driver's. */
#define STAND_IN_AS(Kind, Member, RealName, Own)                                                             \
    do {                                                                                                     \
        Shadow->Real.RealName = Provider->Member;                                                            \
        Shadow->Table.Kind.Member = Provider->Member == NULL ? NULL : (Own);                                 \
    } while (0)
#define STAND_IN(Kind, Name) STAND_IN_AS(Kind, Wsk##Name, Wsk##Name, Own##Name)

static VOID ShadowBasic(SHADOW *Shadow, const WSK_PROVIDER_BASIC_DISPATCH *Provider)
{
    STAND_IN(Basic, ControlSocket);
    STAND_IN(Basic, CloseSocket);
}

static VOID ShadowListen(SHADOW *Shadow, const WSK_PROVIDER_LISTEN_DISPATCH *Provider)
{
    STAND_IN(Listen, Bind);
    STAND_IN(Listen, Accept);
    STAND_IN(Listen, InspectComplete);
    STAND_IN(Listen, GetLocalAddress);
}

static VOID ShadowConnection(SHADOW *Shadow, const WSK_PROVIDER_CONNECTION_DISPATCH *Provider)
{
    STAND_IN(Connection, Bind);
    STAND_IN(Connection, Connect);
    STAND_IN(Connection, GetLocalAddress);
    STAND_IN(Connection, GetRemoteAddress);
    STAND_IN(Connection, Send);
    STAND_IN(Connection, Receive);
    STAND_IN(Connection, Disconnect);
    STAND_IN(Connection, Release);
    STAND_IN(Connection, ConnectEx);
    STAND_IN_AS(Connection, WskSendEx, WskSendEx, (PFN_WSK_RESERVED)OwnSendEx);
    STAND_IN_AS(Connection, WskReceiveEx, WskReceiveEx, (PFN_WSK_RESERVED)OwnReceiveEx);
}

static VOID ShadowDatagram(SHADOW *Shadow, const WSK_PROVIDER_DATAGRAM_DISPATCH *Provider)
{
    STAND_IN(Datagram, Bind);
    STAND_IN(Datagram, SendTo);
    STAND_IN(Datagram, ReceiveFrom);
    STAND_IN(Datagram, GetLocalAddress);
    STAND_IN(Datagram, SendMessages);
    STAND_IN_AS(Datagram, WskRelease, WskReleaseDatagram, OwnReleaseDatagram);
}

static VOID ShadowStream(SHADOW *Shadow, const WSK_PROVIDER_STREAM_DISPATCH *Provider)
{
    STAND_IN(Stream, Bind);
    STAND_IN(Stream, Accept);
    STAND_IN(Stream, Connect);
    STAND_IN(Stream, Listen);
    STAND_IN(Stream, Send);
    STAND_IN(Stream, Receive);
    STAND_IN(Stream, Disconnect);
    STAND_IN(Stream, Release);
    STAND_IN(Stream, GetLocalAddress);
    STAND_IN(Stream, GetRemoteAddress);
    STAND_IN(Stream, ConnectEx);
    STAND_IN_AS(Stream, WskSendEx, WskSendEx, (PFN_WSK_RESERVED)OwnSendEx);
    STAND_IN_AS(Stream, WskReceiveEx, WskReceiveEx, (PFN_WSK_RESERVED)OwnReceiveEx);
}

static BOOLEAN Fill(SHADOW *Shadow)
{
    ShadowBasic(Shadow, Shadow->ProviderTable);
    switch (Shadow->Category) {
    case CategoryBasic:
        return TRUE;
    case CategoryListen:
        ShadowListen(Shadow, Shadow->ProviderTable);
        return TRUE;
    case CategoryConnection:
        ShadowConnection(Shadow, Shadow->ProviderTable);
        return TRUE;
    case CategoryDatagram:
        ShadowDatagram(Shadow, Shadow->ProviderTable);
        return TRUE;
    case CategoryStream:
        ShadowStream(Shadow, Shadow->ProviderTable);
        return TRUE;
    }
    return FALSE;
}

_Use_decl_annotations_ const SHADOW *ShadowOf(const VOID *ProviderTable, CATEGORY Category)
{
    SHADOW *Made = NULL;
    ULONG Index;

    for (Index = 0; Index < MAX_SHADOWS; ++Index) {
        SHADOW *Shadow = Shadows[Index];

        if (Shadow == NULL) {
            if (Made == NULL) {
                Made = PoolAllocate(sizeof(*Made), TAG_SHADOW);
                if (Made == NULL) {
                    return NULL;
                }
                Made->ProviderTable = ProviderTable;
                Made->Category = Category;
                if (!Fill(Made)) {
                    break;
                }
            }
            Shadow = InterlockedCompareExchangePointer((PVOID volatile *)&Shadows[Index], Made, NULL);
            if (Shadow == NULL) {
                return Made;
            }
        }
        if (Shadow->ProviderTable == ProviderTable && Shadow->Category == Category) {
            if (Made != NULL) {
                ExFreePoolWithTag(Made, TAG_SHADOW); /* another thread was first */
            }
            return Shadow;
        }
    }
    if (Made != NULL) {
        ExFreePoolWithTag(Made, TAG_SHADOW); /* never published */
    }
    return NULL;
}

/* All tables that the provider can get, by which slots the driver fills: bit n is slot n. */
#define LISTEN_TABLE(n)                                                                                      \
    {                                                                                                        \
        (n) & 1 ? OwnAcceptEvent : NULL, (n)&2 ? OwnInspectEvent : NULL, (n)&4 ? OwnAbortEvent : NULL        \
    }
static const WSK_CLIENT_LISTEN_DISPATCH ListenTables[8] = {LISTEN_TABLE(0), LISTEN_TABLE(1), LISTEN_TABLE(2),
                                                           LISTEN_TABLE(3), LISTEN_TABLE(4), LISTEN_TABLE(5),
                                                           LISTEN_TABLE(6), LISTEN_TABLE(7)};
#define CONNECTION_TABLE(n)                                                                                  \
    {                                                                                                        \
        (n) & 1 ? OwnReceiveEvent : NULL, (n)&2 ? OwnDisconnectEvent : NULL,                                 \
            (n)&4 ? OwnSendBacklogEvent : NULL                                                               \
    }
static const WSK_CLIENT_CONNECTION_DISPATCH ConnectionTables[8] = {
    CONNECTION_TABLE(0), CONNECTION_TABLE(1), CONNECTION_TABLE(2), CONNECTION_TABLE(3),
    CONNECTION_TABLE(4), CONNECTION_TABLE(5), CONNECTION_TABLE(6), CONNECTION_TABLE(7)};
static const WSK_CLIENT_DATAGRAM_DISPATCH DatagramTables[2] = {{NULL}, {OwnReceiveFromEvent}};

static const WSK_CLIENT_LISTEN_DISPATCH *ListenStandIn(const WSK_CLIENT_LISTEN_DISPATCH *Given)
{
    return &ListenTables[(Given->WskAcceptEvent != NULL) | (Given->WskInspectEvent != NULL) << 1 |
                         (Given->WskAbortEvent != NULL) << 2];
}

static const WSK_CLIENT_CONNECTION_DISPATCH *ConnectionStandIn(const WSK_CLIENT_CONNECTION_DISPATCH *Given)
{
    return &ConnectionTables[(Given->WskReceiveEvent != NULL) | (Given->WskDisconnectEvent != NULL) << 1 |
                             (Given->WskSendBacklogEvent != NULL) << 2];
}

static ULONG SlotCount(CATEGORY Category)
{
    switch (Category) {
    case CategoryListen:
    case CategoryConnection:
        return 3;
    case CategoryStream:
        return 2;
    case CategoryDatagram:
        return 1;
    default:
        return 0;
    }
}

static VOID ReadSlots(const VOID *Table, CATEGORY Category, PVOID Slots[3])
{
    RtlZeroMemory(Slots, 3 * sizeof(PVOID));
    if (Table != NULL && MmIsAddressValid((PVOID)Table)) {
        RtlCopyMemory(Slots, Table, SlotCount(Category) * sizeof(PVOID));
    }
}

_Use_decl_annotations_ VOID ClientTableRead(CLIENT_TABLE *Client, const VOID *Table, CATEGORY Category)
{
    RtlZeroMemory(Client, sizeof(*Client));
    Client->Table = Table;
    ReadSlots(Table, Category, Client->Slots);
    switch (Category) {
    case CategoryListen:
        RtlCopyMemory(&Client->Listen, Client->Slots, sizeof(Client->Listen));
        break;
    case CategoryConnection:
        RtlCopyMemory(&Client->Connection, Client->Slots, sizeof(Client->Connection));
        break;
    case CategoryDatagram:
        RtlCopyMemory(&Client->Datagram, Client->Slots, sizeof(Client->Datagram));
        break;
    case CategoryStream:
        ReadSlots(Client->Slots[0], CategoryListen, (PVOID *)&Client->Listen);
        ReadSlots(Client->Slots[1], CategoryConnection, (PVOID *)&Client->Connection);
        break;
    default:
        break;
    }
}

_Use_decl_annotations_ BOOLEAN ClientTableUnchanged(const CLIENT_TABLE *Client, CATEGORY Category,
                                                    PVOID Slots[3])
{
    ReadSlots(Client->Table, Category, Slots);
    return RtlEqualMemory(Slots, Client->Slots, sizeof(Client->Slots));
}

_Use_decl_annotations_ const VOID *ClientTableStandIn(CLIENT_TABLE *Client, CATEGORY Category)
{
    if (Client->Table == NULL) {
        return NULL;
    }
    switch (Category) {
    case CategoryListen:
        return ListenStandIn(&Client->Listen);
    case CategoryConnection:
        return ConnectionStandIn(&Client->Connection);
    case CategoryDatagram:
        return &DatagramTables[Client->Datagram.WskReceiveFromEvent != NULL];
    case CategoryStream:
        Client->StandIn.Listen = Client->Slots[0] == NULL ? NULL : ListenStandIn(&Client->Listen);
        Client->StandIn.Connect = Client->Slots[1] == NULL ? NULL : ConnectionStandIn(&Client->Connection);
        return &Client->StandIn;
    default:
        return NULL;
    }
}

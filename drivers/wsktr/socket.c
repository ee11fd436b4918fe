#include "socket.h"

#include "slab.h"
#include "trace.h"

/* So many sockets have to go before the memory of one is used again. */
#define QUARANTINE 2048

static SLAB Proxies;
static PROXY *volatile Quarantine[QUARANTINE];
static volatile LONG QuarantineNext;

static const ULONG64 GuardPattern = 0x57534b5f534f434bull; /* 'WSK_SOCK' */

VOID SocketsInitialize(VOID)
{
    SlabInitialize(&Proxies, sizeof(PROXY));
}

_Use_decl_annotations_ PROXY *SocketMake(CATEGORY Category, PROXY *Parent, ADDRESS_FAMILY Family)
{
    PROXY *Proxy = SlabTake(&Proxies);
    ULONG Index;

    if (Proxy == NULL) {
        return NULL;
    }
    RtlZeroMemory(Proxy, sizeof(*Proxy));
    for (Index = 0; Index < ARRAYSIZE(Proxy->Guard); ++Index) {
        Proxy->Guard[Index] = GuardPattern;
    }
    Proxy->Category = Category;
    Proxy->Parent = Parent;
    Proxy->Family = Family;
    KeInitializeSpinLock(&Proxy->Lock);
    InitializeListHead(&Proxy->Accepts);
    KeInitializeEvent(&Proxy->DisableSeen, NotificationEvent, FALSE);
    return Proxy;
}

_Use_decl_annotations_ VOID SocketSetClient(PROXY *Proxy, PVOID Context, const VOID *Table)
{
    Proxy->Context = Context;
    ClientTableRead(&Proxy->Client, Table, Proxy->Category);
}

_Use_decl_annotations_ BOOLEAN SocketOpened(PROXY *Proxy, PWSK_SOCKET Real)
{
    Proxy->Shadow = ShadowOf(Real->Dispatch, Proxy->Category);
    if (Proxy->Shadow == NULL) {
        return FALSE;
    }
    Proxy->Real = Real;
    Proxy->Public.Dispatch = &Proxy->Shadow->Table;
    InterlockedExchange(&Proxy->State, SocketOpen);
    return TRUE;
}

_Use_decl_annotations_ VOID SocketDiscard(PROXY *Proxy)
{
    SlabGive(&Proxies, Proxy);
}

_Use_decl_annotations_ VOID SocketRetire(PROXY *Proxy, SOCKET_STATE State)
{
    const ULONG Slot = (ULONG)InterlockedIncrement(&QuarantineNext) % QUARANTINE;
    PROXY *Oldest;

    InterlockedExchange(&Proxy->State, State);
    Oldest = InterlockedExchangePointer((PVOID volatile *)&Quarantine[Slot], Proxy);
    if (Oldest != NULL) {
        SlabGive(&Proxies, Oldest);
    }
}

_Use_decl_annotations_ PROXY *SocketFromDriver(const VOID *Pointer)
{
    return SlabOwns(&Proxies, Pointer) ? (PROXY *)Pointer : NULL;
}

_Use_decl_annotations_ ULONG64 SocketNumber(PROXY *Proxy)
{
    LONG Generation;

    if (Proxy == NULL) {
        return 0;
    }
    Generation = (LONG)TraceGeneration();
    if (Proxy->Generation != Generation) {
        Proxy->Number = TraceNumber(TraceSockets, TraceNext(TraceSockets));
        InterlockedExchange(&Proxy->Generation, Generation);
    }
    return Proxy->Number;
}

_Use_decl_annotations_ VOID SocketCheckOverwritten(PROXY *Proxy)
{
    const ULONG64 *Value = (const ULONG64 *)&Proxy->Public.Dispatch;
    ULONG Index = 0;

    if (Proxy->Shadow != NULL && Proxy->Public.Dispatch == &Proxy->Shadow->Table) {
        for (Value = Proxy->Guard; Index < ARRAYSIZE(Proxy->Guard) && *Value == GuardPattern; ++Index) {
            ++Value;
        }
        if (Index == ARRAYSIZE(Proxy->Guard)) {
            return;
        }
    } else if (Proxy->Shadow == NULL) {
        return;
    }
    if (InterlockedExchange(&Proxy->Overwritten, TRUE) == FALSE) {
        TRACE(SOCKET_OVERWRITTEN, TRACE_SIDE_BOTH, .socket = SocketNumber(Proxy), .pointer = AS_U64(Proxy),
              .value = *Value);
    }
    Proxy->Public.Dispatch = &Proxy->Shadow->Table;
}

_Use_decl_annotations_ VOID SocketCheckTable(PROXY *Proxy)
{
    PVOID Slots[3];

    if (!ClientTableUnchanged(&Proxy->Client, Proxy->Category, Slots)) {
        TRACE(TABLE_CHANGED, TRACE_SIDE_BOTH, .socket = SocketNumber(Proxy),
              .table = AS_U64(Proxy->Client.Table), .slot0 = AS_U64(Slots[0]), .slot1 = AS_U64(Slots[1]),
              .slot2 = AS_U64(Slots[2]));
    }
}

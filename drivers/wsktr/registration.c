/* What the driver imports from NETIO.SYS: the exports, and the objects behind them. */
#include "client.h"

#include "event.h"

#pragma comment(linker, "/export:WskRegister=OwnRegister")
#pragma comment(linker, "/export:WskDeregister=OwnDeregister")
#pragma comment(linker, "/export:WskCaptureProviderNPI=OwnCaptureProviderNPI")
#pragma comment(linker, "/export:WskReleaseProviderNPI=OwnReleaseProviderNPI")
#pragma comment(linker, "/export:WskQueryProviderCharacteristics=OwnQueryProviderCharacteristics")

NTSTATUS WSKAPI OwnRegister(PWSK_CLIENT_NPI Npi, PWSK_REGISTRATION Block);
VOID WSKAPI OwnDeregister(PWSK_REGISTRATION Block);
NTSTATUS WSKAPI OwnCaptureProviderNPI(PWSK_REGISTRATION Block, ULONG WaitTimeout, PWSK_PROVIDER_NPI Npi);
VOID WSKAPI OwnReleaseProviderNPI(PWSK_REGISTRATION Block);
NTSTATUS WSKAPI OwnQueryProviderCharacteristics(PWSK_REGISTRATION Block, PWSK_PROVIDER_CHARACTERISTICS Range);

/* CLIENTs are never freed: a late call with one is then recognised. A driver that registers again gets an old
 * one. */
static struct {
    KSPIN_LOCK Lock;
    LIST_ENTRY List;
} Clients;

VOID ClientsInitialize(VOID)
{
    KeInitializeSpinLock(&Clients.Lock);
    InitializeListHead(&Clients.List);
}

/* The client with that registration block (NULL: one that is free), or that is that pointer. */
static CLIENT *Find(const WSK_REGISTRATION *Block, const VOID *Pointer)
{
    CLIENT *Found = NULL;
    PLIST_ENTRY Entry;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Clients.Lock, &OldIrql);
    for (Entry = Clients.List.Flink; Entry != &Clients.List && Found == NULL; Entry = Entry->Flink) {
        CLIENT *Client = CONTAINING_RECORD(Entry, CLIENT, Link);

        if (Pointer == NULL ? Client->Block == Block : Client == Pointer && Client->Block != NULL) {
            Found = Client;
        }
    }
    KeReleaseSpinLock(&Clients.Lock, OldIrql);
    return Found;
}

_Use_decl_annotations_ CLIENT *ClientFromDriver(PWSK_CLIENT Client)
{
    return Client == NULL ? NULL : Find(NULL, Client);
}

/* A client for that block, in the list. Registrations are made one at a time in practice; two at once may
 * make two. */
static CLIENT *Make(PWSK_REGISTRATION Block)
{
    CLIENT *Client = Find(NULL, NULL);
    KIRQL OldIrql;

    if (Client == NULL ||
        InterlockedCompareExchangePointer((PVOID volatile *)&Client->Block, Block, NULL) != NULL) {
        Client = PoolAllocate(sizeof(*Client), TAG_CLIENT);
        if (Client == NULL) {
            return NULL;
        }
        Client->Block = Block;
        KeAcquireSpinLock(&Clients.Lock, &OldIrql);
        InsertTailList(&Clients.List, &Client->Link);
        KeReleaseSpinLock(&Clients.Lock, OldIrql);
    }
    Client->StaticEvents = 0;
    Client->Real = NULL;
    return Client;
}

static NTSTATUS WSKAPI OwnClientEvent(PVOID ClientContext, ULONG EventType, PVOID Information,
                                      SIZE_T InformationLength)
{
    CLIENT *Client = ClientContext;
    NTSTATUS Status;
    EVENT Event;

    EventBegin(&Event, NULL);
    TRACE(CLIENT_EVENT_ENTER, TRACE_SIDE_BOTH, .callback = EventNumber(&Event),
          .context = AS_U64(Client->Context), .event_type = EventType);
    Status = Client->ClientEvent(Client->Context, EventType, Information, InformationLength);
    EventRecordReturn(&Event, Status);
    EventEnd(&Event);
    return Status;
}

static VOID RecordReturn(ULONG64 Number, TRACE_FUNCTION Function, NTSTATUS Status)
{
    if (TraceNumber(TraceCalls, Number) != 0) {
        TRACE(CALL_RETURN, TRACE_SIDE_BOTH, .call = TraceNumber(TraceCalls, Number), .fn = Function,
              .status = (ULONG)Status);
    }
}

NTSTATUS WSKAPI OwnRegister(PWSK_CLIENT_NPI Npi, PWSK_REGISTRATION Block)
{
    const ULONG64 Number = TraceNext(TraceCalls);
    const WSK_CLIENT_DISPATCH *Given = Npi->Dispatch;
    CLIENT *Client = Make(Block);
    WSK_CLIENT_NPI OwnNpi;
    NTSTATUS Status;

    TRACE(REGISTER_ENTER, TRACE_SIDE_BOTH, .call = TraceNumber(TraceCalls, Number), .block = AS_U64(Block),
          .context = AS_U64(Npi->ClientContext), .dispatch = AS_U64(Given),
          .client_event = AS_U64(Given->WskClientEvent), .version = Given->Version,
          .reserved = Given->Reserved);
    if (Client == NULL) {
        RecordReturn(Number, TRACE_FN_WskRegister, STATUS_INSUFFICIENT_RESOURCES);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Client->Context = Npi->ClientContext;
    Client->ClientEvent = Given->WskClientEvent;
    Client->OwnDispatch = *Given;
    if (Given->WskClientEvent != NULL) {
        Client->OwnDispatch.WskClientEvent = OwnClientEvent;
    }
    OwnNpi.ClientContext = Client;
    OwnNpi.Dispatch = &Client->OwnDispatch;
    Status = WskRegister(&OwnNpi, Block);
    if (!NT_SUCCESS(Status)) {
        InterlockedExchangePointer((PVOID volatile *)&Client->Block, NULL);
    }
    RecordReturn(Number, TRACE_FN_WskRegister, Status);
    return Status;
}

static ULONG64 RecordEnter(TRACE_FUNCTION Function, PWSK_REGISTRATION Block)
{
    const ULONG64 Number = TraceNext(TraceCalls);

    TRACE(REGISTRATION_ENTER, TRACE_SIDE_BOTH, .call = TraceNumber(TraceCalls, Number),
          .block = AS_U64(Block), .fn = Function);
    return Number;
}

VOID WSKAPI OwnDeregister(PWSK_REGISTRATION Block)
{
    const ULONG64 Number = RecordEnter(TRACE_FN_WskDeregister, Block);
    CLIENT *Client;

    WskDeregister(Block);
    Client = Find(Block, NULL);
    if (Client != NULL) {
        InterlockedExchangePointer((PVOID volatile *)&Client->Block, NULL);
    }
    RecordReturn(Number, TRACE_FN_WskDeregister, STATUS_SUCCESS);
}

NTSTATUS WSKAPI OwnCaptureProviderNPI(PWSK_REGISTRATION Block, ULONG WaitTimeout, PWSK_PROVIDER_NPI Npi)
{
    const ULONG64 Number = TraceNext(TraceCalls);
    WSK_PROVIDER_NPI Real = {0};
    CLIENT *Client = Find(Block, NULL);
    NTSTATUS Status;

    TRACE(CAPTURE_ENTER, TRACE_SIDE_BOTH, .call = TraceNumber(TraceCalls, Number), .block = AS_U64(Block),
          .timeout = WaitTimeout);
    Status = WskCaptureProviderNPI(Block, WaitTimeout, &Real);
    if (NT_SUCCESS(Status) && Client != NULL) {
        ClientSetProvider(Client, &Real);
        Npi->Client = Client;
        Npi->Dispatch = &Client->Dispatch;
    } else if (NT_SUCCESS(Status)) {
        *Npi = Real; /* not registered through the recorder: it stays out of the way */
    }
    if (TraceNumber(TraceCalls, Number) != 0) {
        TRACE(CAPTURE_RETURN, TRACE_SIDE_BOTH, .call = TraceNumber(TraceCalls, Number),
              .block = AS_U64(Block), .client = NT_SUCCESS(Status) ? AS_U64(Npi->Client) : 0,
              .dispatch = NT_SUCCESS(Status) ? AS_U64(Npi->Dispatch) : 0, .status = (ULONG)Status,
              .version = NT_SUCCESS(Status) && Npi->Dispatch != NULL ? Npi->Dispatch->Version : 0);
    }
    return Status;
}

VOID WSKAPI OwnReleaseProviderNPI(PWSK_REGISTRATION Block)
{
    const ULONG64 Number = RecordEnter(TRACE_FN_WskReleaseProviderNPI, Block);

    WskReleaseProviderNPI(Block);
    RecordReturn(Number, TRACE_FN_WskReleaseProviderNPI, STATUS_SUCCESS);
}

NTSTATUS WSKAPI OwnQueryProviderCharacteristics(PWSK_REGISTRATION Block, PWSK_PROVIDER_CHARACTERISTICS Range)
{
    const ULONG64 Number = RecordEnter(TRACE_FN_WskQueryProviderCharacteristics, Block);
    const NTSTATUS Status = WskQueryProviderCharacteristics(Block, Range);

    if (TraceNumber(TraceCalls, Number) != 0) {
        TRACE(QUERY_RETURN, TRACE_SIDE_BOTH, .call = TraceNumber(TraceCalls, Number), .block = AS_U64(Block),
              .status = (ULONG)Status, .lowest = NT_SUCCESS(Status) ? Range->LowestVersion : 0,
              .highest = NT_SUCCESS(Status) ? Range->HighestVersion : 0);
    }
    return Status;
}

/*
 * WskAcceptEvent: the callback that the lab is about, and most of what the perturber does.
 *
 * The driver gets copies of the addresses, a proxy, and output variables that hold a marker. What WSK may do
 * and is asked to do here: hold the call before the driver is entered until a disable finds it in progress
 * (pend-disable), call at another IRQL or with other Flags (dispatch-level), spoil the addresses afterwards
 * (poison-addresses), and declare the listener dead (null-accept-socket).
 */
#include "accept_event.h"

#include "accept_list.h"
#include "address_copy.h"
#include "callback_irql.h"
#include "callbacks.h"
#include "event.h"
#include "functions.h"
#include "host.h"
#include "perturb.h"
#include "sockaddr.h"

/* What the output variables hold until the driver writes them. */
#define CONTEXT_MARKER ((PVOID)0x57414954434f4e54ull)
#define TABLE_MARKER ((const WSK_CLIENT_CONNECTION_DISPATCH *)0x5741495454414241ull)
#define DEFAULT_HOLD_MS 2000

typedef struct _ACCEPT_EVENT {
    EVENT Event;
    PROXY *Listener;
    PROXY *Accepted; /* NULL: AcceptSocket is NULL */
    ULONG64 AcceptedNumber;
    const VOID *ProviderTable;
    ULONG Flags;
    UCHAR Side;       /* of the enter record that the driver's call has */
    UCHAR ReturnSide; /* of the return record: the driver's alone for a call that WSK did not make */
    SPOILT Spoilt;
    const SOCKADDR *Local; /* as WSK gave them */
    const SOCKADDR *Remote;
    ADDRESS_COPY *Given; /* to the driver */

    /* The driver's output variables, and WSK's. */
    PVOID Context;
    const WSK_CLIENT_CONNECTION_DISPATCH *Table;
    BOOLEAN Adopted; /* what the variables held has been passed on */
    PVOID *ProviderContext;
    const WSK_CLIENT_CONNECTION_DISPATCH **ProviderDispatch;
} ACCEPT_EVENT;

static VOID RecordPerturbation(const ACCEPT_EVENT *Accept, TRACE_PERTURBATION_KIND Kind, ULONG Argument)
{
    TRACE(PERTURBATION, TRACE_SIDE_BOTH, .kind = Kind, .argument = Argument,
          .socket = Accept->Event.SocketNumber, .callback = EventNumber(&Accept->Event));
}

static VOID RecordEnter(const ACCEPT_EVENT *Accept, UCHAR Side)
{
    TRACE(ACCEPT_EVENT_ENTER, Side, .callback = EventNumber(&Accept->Event),
          .socket = Accept->Event.SocketNumber, .context = AS_U64(Accept->Listener->Context),
          .accept_socket = Accept->AcceptedNumber, .accept_pointer = AS_U64(Accept->Accepted),
          .provider_socket = Accept->Accepted == NULL ? 0 : AS_U64(Accept->Accepted->Real),
          .provider_table = AS_U64(Accept->ProviderTable), .local = SockaddrForTrace(Accept->Local),
          .remote = SockaddrForTrace(Accept->Remote), .flags = Accept->Flags);
}

/* WSK's own call is to differ from what the driver sees: it gets a record of its own, once. */
static VOID SplitSides(ACCEPT_EVENT *Accept)
{
    if (Accept->Side == TRACE_SIDE_BOTH) {
        RecordEnter(Accept, TRACE_SIDE_PROVIDER);
        Accept->Side = TRACE_SIDE_DRIVER;
    }
}

static BOOLEAN IsChanged(const SOCKADDR *Address, const SOCKADDR_STORAGE *Given)
{
    return Address != NULL && !RtlEqualMemory(Address, Given, SockaddrBytes(Address->sa_family));
}

static VOID RecordReturn(const ACCEPT_EVENT *Accept, NTSTATUS Status, UCHAR Side)
{
    const ADDRESS_COPY *Given = Accept->Given;
    CLIENT_TABLE Client;

    if (!TraceIsOn() || EventNumber(&Accept->Event) == 0) {
        return;
    }
    ClientTableRead(&Client, Accept->Table == TABLE_MARKER ? NULL : Accept->Table, CategoryConnection);
    TRACE(
        ACCEPT_EVENT_RETURN, Side, .callback = EventNumber(&Accept->Event),
        .socket = Accept->Event.SocketNumber, .accept_socket = Accept->AcceptedNumber,
        .context = AS_U64(Accept->Context), .table = AS_U64(Accept->Table), .slot0 = AS_U64(Client.Slots[0]),
        .slot1 = AS_U64(Client.Slots[1]), .slot2 = AS_U64(Client.Slots[2]), .status = (ULONG)Status,
        .context_written = Accept->Context != CONTEXT_MARKER, .table_written = Accept->Table != TABLE_MARKER,
        .addresses_changed =
            IsChanged(Accept->Local, &Given->Local) || IsChanged(Accept->Remote, &Given->Remote));
}

/* Gives WSK what the driver's variables hold now. A variable that was not written counts as NULL. */
static VOID Adopt(ACCEPT_EVENT *Accept)
{
    PROXY *Accepted = Accept->Accepted;
    const PVOID Context = Accept->Context == CONTEXT_MARKER ? NULL : Accept->Context;
    const WSK_CLIENT_CONNECTION_DISPATCH *Table = Accept->Table == TABLE_MARKER ? NULL : Accept->Table;

    if (!Accept->Adopted || Context != Accepted->Context || Table != Accepted->Client.Table) {
        SocketSetClient(Accepted, Context, Table);
        *Accept->ProviderContext = Accepted;
        *Accept->ProviderDispatch = ClientTableStandIn(&Accepted->Client, CategoryConnection);
        Accept->Adopted = TRUE;
    }
}

_Use_decl_annotations_ VOID AcceptOutputsSeen(PROXY *Accepted)
{
    ACCEPT_EVENT *Accept;
    CLIENT_TABLE Client;
    KIRQL OldIrql;

    if (Accepted->Offer == NULL) {
        return;
    }
    KeAcquireSpinLock(&Accepted->Lock, &OldIrql);
    Accept = Accepted->Offer;
    if (Accept != NULL) {
        ClientTableRead(&Client, Accept->Table == TABLE_MARKER ? NULL : Accept->Table, CategoryConnection);
        TRACE(ACCEPT_OUTPUTS, TRACE_SIDE_BOTH, .callback = EventNumber(&Accept->Event),
              .socket = Accept->AcceptedNumber, .context = AS_U64(Accept->Context),
              .table = AS_U64(Accept->Table), .slot0 = AS_U64(Client.Slots[0]),
              .slot1 = AS_U64(Client.Slots[1]), .slot2 = AS_U64(Client.Slots[2]),
              .context_written = Accept->Context != CONTEXT_MARKER,
              .table_written = Accept->Table != TABLE_MARKER);
        Adopt(Accept);
    }
    KeReleaseSpinLock(&Accepted->Lock, OldIrql);
}

static VOID SetOffer(PROXY *Accepted, ACCEPT_EVENT *Accept)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&Accepted->Lock, &OldIrql);
    Accepted->Offer = Accept;
    KeReleaseSpinLock(&Accepted->Lock, OldIrql);
}

/* pend-disable: WSK has called, the driver does not know yet. Where the IRQL allows no waiting, nothing
 * happens. */
static VOID HoldForDisable(ACCEPT_EVENT *Accept)
{
    PROXY *Listener = Accept->Listener;
    LARGE_INTEGER Timeout;
    KIRQL OldIrql;
    ULONG HoldMs;

    if (!PerturbListed(TRACE_PERTURB_PEND_DISABLE) || (TraceIrql() > APC_LEVEL && Host.SetIrql == NULL) ||
        !PerturbDecide(TRACE_PERTURB_PEND_DISABLE, &HoldMs)) {
        return;
    }
    HoldMs = HoldMs == 0 ? DEFAULT_HOLD_MS : HoldMs;
    KeClearEvent(&Listener->DisableSeen);
    RecordPerturbation(Accept, TRACE_PERTURB_PEND_DISABLE, HoldMs);
    SplitSides(Accept);
    Timeout.QuadPart = -10000ll * HoldMs;
    (void)HostLowerIrql(&OldIrql);
    KeWaitForSingleObject(&Listener->DisableSeen, Executive, KernelMode, FALSE, &Timeout);
    HostRestoreIrql(OldIrql);
}

static NTSTATUS CallDriver(ACCEPT_EVENT *Accept)
{
    PROXY *Listener = Accept->Listener;
    CALLBACK_IRQL Irql;
    NTSTATUS Status;

    CallbackIrqlDecide(&Irql, &Accept->Event, AcceptCallbacks, Accept->Flags);
    if (Irql.IsChanged) {
        SplitSides(Accept);
        Accept->Flags = Irql.Flags;
    }
    CallbackIrqlEnter(&Irql);
    Accept->Context = CONTEXT_MARKER;
    Accept->Table = TABLE_MARKER;
    if (Accept->Accepted != NULL) {
        SetOffer(Accept->Accepted, Accept);
    }
    RecordEnter(Accept, Accept->Side);
    Status = Listener->Client.Listen.WskAcceptEvent(
        Listener->Context, Accept->Flags, (PSOCKADDR)&Accept->Given->Local, (PSOCKADDR)&Accept->Given->Remote,
        Accept->Accepted == NULL ? NULL : &Accept->Accepted->Public, &Accept->Context, &Accept->Table);
    RecordReturn(Accept, Status, Accept->ReturnSide);
    if (Accept->Accepted != NULL) {
        SetOffer(Accept->Accepted, NULL);
    }
    CallbackIrqlLeave(&Irql);
    return Status;
}

static VOID SpoilAddresses(ACCEPT_EVENT *Accept)
{
    const ULONG64 Local = AS_U64(&Accept->Given->Local), Remote = AS_U64(&Accept->Given->Remote);

    AddressCopyEnd(Accept->Given, Accept->Spoilt);
    Accept->Given = NULL;
    if (Accept->Spoilt == NotSpoilt) {
        return;
    }
    /* The argument tells the page that cannot be read any more: low 32 bits of its address. */
    RecordPerturbation(Accept, TRACE_PERTURB_POISON_ADDRESSES,
                       Accept->Spoilt == SpoiltUnreadable ? (ULONG)(Local & ~(ULONG64)(PAGE_SIZE - 1)) : 0);
    TRACE(ADDRESSES_POISONED, TRACE_SIDE_BOTH, .callback = EventNumber(&Accept->Event),
          .socket = Accept->Event.SocketNumber, .local = Local, .remote = Remote,
          .bytes = sizeof(SOCKADDR_STORAGE), .unreadable = Accept->Spoilt == SpoiltUnreadable);
}

/*
 * What WSK is told. Any success counts as accepted: only STATUS_SUCCESS is documented, but a driver that
 * returns another one believes that it owns the socket. A socket that the driver closed and then rejected
 * must not be closed again.
 */
static NTSTATUS Conclude(ACCEPT_EVENT *Accept, NTSTATUS Status)
{
    PROXY *Accepted = Accept->Accepted;

    if (NT_SUCCESS(Status) || Accepted->State != SocketOpen) {
        Adopt(Accept);
        return STATUS_SUCCESS;
    }
    SocketRetire(Accepted, SocketRejected);
    return STATUS_REQUEST_NOT_ACCEPTED;
}

static VOID Prepare(ACCEPT_EVENT *Accept, PROXY *Listener, ULONG Flags, const SOCKADDR *Local,
                    const SOCKADDR *Remote)
{
    ULONG Argument;

    RtlZeroMemory(Accept, sizeof(*Accept));
    Accept->Listener = Listener;
    Accept->Flags = Flags;
    Accept->Side = TRACE_SIDE_BOTH;
    Accept->ReturnSide = TRACE_SIDE_BOTH;
    Accept->Spoilt = NotSpoilt;
    if (PerturbDecide(TRACE_PERTURB_POISON_ADDRESSES, &Argument)) {
        Accept->Spoilt = Argument == SpoiltUnreadable ? SpoiltUnreadable : SpoiltFilled;
    }
    Accept->Local = Local;
    Accept->Remote = Remote;
    Accept->Given = AddressCopyMake(Local, Remote, &Accept->Spoilt);
}

/* null-accept-socket: tells the driver that its listener is no longer functional, which from now on it is
 * not. */
static VOID DeclareDead(const ACCEPT_EVENT *Before)
{
    PROXY *Listener = Before->Listener;
    ACCEPT_EVENT Accept;
    SOCKADDR_STORAGE Nothing = {.ss_family = Listener->Family};
    ULONG Argument;

    if (!PerturbDecide(TRACE_PERTURB_NULL_ACCEPT_SOCKET, &Argument) ||
        InterlockedExchange(&Listener->Dead, TRUE) != FALSE) {
        return;
    }
    Prepare(&Accept, Listener, 0, (const SOCKADDR *)&Nothing, (const SOCKADDR *)&Nothing);
    if (Accept.Given != NULL) {
        EventBegin(&Accept.Event, Listener);
        RecordPerturbation(&Accept, TRACE_PERTURB_NULL_ACCEPT_SOCKET, Argument);
        Accept.Side = Accept.ReturnSide = TRACE_SIDE_DRIVER;
        CallDriver(&Accept);
        SpoilAddresses(&Accept);
        EventEnd(&Accept.Event);
    }
    AcceptListCancel(Listener);
}

/* A connection that arrives on a listener the driver was told is dead: WSK sees it rejected, the driver
 * nothing. */
static NTSTATUS RejectForDriver(ACCEPT_EVENT *Accept)
{
    RecordEnter(Accept, TRACE_SIDE_PROVIDER);
    RecordReturn(Accept, STATUS_REQUEST_NOT_ACCEPTED, TRACE_SIDE_PROVIDER);
    AddressCopyEnd(Accept->Given, NotSpoilt);
    EventEnd(&Accept->Event);
    if (Accept->Accepted != NULL) {
        SocketDiscard(Accept->Accepted);
    }
    return STATUS_REQUEST_NOT_ACCEPTED;
}

NTSTATUS WSKAPI OwnAcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                               PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket, PVOID *AcceptSocketContext,
                               const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    PROXY *Listener = SocketContext;
    ACCEPT_EVENT Accept;
    NTSTATUS Status;

    Prepare(&Accept, Listener, Flags, LocalAddress, RemoteAddress);
    Accept.ProviderContext = AcceptSocketContext;
    Accept.ProviderDispatch = AcceptSocketDispatch;
    if (Accept.Given != NULL && AcceptSocket != NULL) {
        Accept.Accepted = SocketMake(CategoryConnection, Listener, Listener->Family);
        if (Accept.Accepted == NULL || !SocketOpened(Accept.Accepted, AcceptSocket)) {
            return STATUS_REQUEST_NOT_ACCEPTED; /* no memory to show it to the driver */
        }
        Accept.AcceptedNumber = SocketNumber(Accept.Accepted);
        Accept.ProviderTable = Accept.Accepted->Shadow->ProviderTable;
    } else if (Accept.Given == NULL) {
        return STATUS_REQUEST_NOT_ACCEPTED;
    }
    EventBegin(&Accept.Event, Listener);
    if (Listener->Dead) {
        return RejectForDriver(&Accept);
    }
    HoldForDisable(&Accept);
    Status = CallDriver(&Accept);
    SpoilAddresses(&Accept);
    if (Accept.Accepted != NULL) {
        Status = Conclude(&Accept, Status);
    }
    EventEnd(&Accept.Event);
    DeclareDead(&Accept);
    AcceptPassOn(Listener);
    return Status;
}

#include "listener.h"

#include "accept.h"
#include "choices.h"
#include "request.h"
#include "server.h"

static NTSTATUS WSKAPI AcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                                   PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket,
                                   PVOID *AcceptSocketContext,
                                   const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch);

static const WSK_CLIENT_LISTEN_DISPATCH ListenDispatch = {AcceptEvent, NULL, NULL};

static const WSK_PROVIDER_LISTEN_DISPATCH *Functions(const LISTENER *Listener)
{
    return Listener->Socket->Dispatch;
}

_Use_decl_annotations_ ULONG ListenerEvents(VOID)
{
    return WSK_EVENT_ACCEPT |
           (Server.Settings.ReceivesByEvent ? WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT : 0);
}

_Use_decl_annotations_ BOOLEAN ListenerIsEnabledEarly(VOID)
{
    const SETTINGS *Settings = &Server.Settings;

    return Settings->AcceptsByEvent && !Settings->StaticEvents && !Settings->EnableLate;
}

static NTSTATUS SetEvents(LISTENER *Listener, ULONG Mask, PIRP Irp)
{
    WSK_EVENT_CALLBACK_CONTROL Control = {&NPI_WSK_INTERFACE_ID, Mask};

    return Functions(Listener)->WskControlSocket(Listener->Socket, WskSetOption, SO_WSK_EVENT_CALLBACK,
                                                 SOL_SOCKET, sizeof(Control), &Control, 0, NULL, NULL, Irp);
}

_Use_decl_annotations_ NTSTATUS ListenerEnable(LISTENER *Listener)
{
    return SetEvents(Listener, ListenerEvents(), NULL);
}

_Use_decl_annotations_ NTSTATUS ListenerDisable(LISTENER *Listener)
{
    const NTSTATUS Status = SetEvents(Listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE, NULL);

    Choices.Disabled(Listener, Status);
    return Status;
}

_Use_decl_annotations_ NTSTATUS ListenerDisableAndWait(LISTENER *Listener)
{
    SYNC_REQUEST Sync;
    PIRP Irp = SyncIrp(&Sync);

    if (Irp == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    SetEvents(Listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE, Irp);
    return SyncWait(&Sync).Status;
}

_Use_decl_annotations_ NTSTATUS ListenerBind(LISTENER *Listener)
{
    SOCKADDR_STORAGE Address = {.ss_family = Server.Settings.Family};
    const USHORT Port = (USHORT)(Server.Settings.Port << 8 | Server.Settings.Port >> 8); /* network order */
    SYNC_REQUEST Sync;
    PIRP Irp = SyncIrp(&Sync);

    if (Irp == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    if (Server.Settings.Family == AF_INET6) {
        ((SOCKADDR_IN6 *)&Address)->sin6_port = Port;
    } else {
        ((SOCKADDR_IN *)&Address)->sin_port = Port;
    }
    Functions(Listener)->WskBind(Listener->Socket, (PSOCKADDR)&Address, 0, Irp);
    return SyncWait(&Sync).Status;
}

static NTSTATUS Create(LISTENER *Listener)
{
    const BOOLEAN HasEvents = Server.Settings.AcceptsByEvent;
    SYNC_REQUEST Sync;
    PIRP Irp = SyncIrp(&Sync);
    RESULT Result;

    if (Irp == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Server.Provider.Dispatch->WskSocket(Server.Provider.Client, Server.Settings.Family, SOCK_STREAM,
                                        IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET, HasEvents ? Listener : NULL,
                                        HasEvents ? &ListenDispatch : NULL, NULL, NULL, NULL, Irp);
    Result = SyncWait(&Sync);
    if (NT_SUCCESS(Result.Status)) {
        Listener->Socket = (PWSK_SOCKET)Result.Information;
    }
    return Result.Status;
}

static VOID CloseSocket(LISTENER *Listener)
{
    SYNC_REQUEST Sync;
    PIRP Irp;

    /* There is no going on without: the socket has to be closed before the driver can be unloaded. */
    while ((Irp = SyncIrp(&Sync)) == NULL) {
        LARGE_INTEGER Tick = {.QuadPart = -10000 * 10};

        KeDelayExecutionThread(KernelMode, FALSE, &Tick);
    }
    Functions(Listener)->WskCloseSocket(Listener->Socket, Irp);
    SyncWait(&Sync);
}

static VOID CloseByWorker(WORK *Work)
{
    if (CONTAINING_RECORD(Work, LISTENER, CloseWork) == Server.Listener) {
        ListenerClose();
    }
}

_Use_decl_annotations_ NTSTATUS ListenerOpen(VOID)
{
    LISTENER *Listener;
    NTSTATUS Status;

    if (Server.Listener != NULL) {
        return STATUS_SUCCESS;
    }
    Listener = PoolAllocate(sizeof(*Listener), TAG_LISTENER);
    if (Listener == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    WorkInitialize(&Listener->CloseWork, CloseByWorker);
    Status = Create(Listener);
    if (NT_SUCCESS(Status)) {
        Server.Listener = Listener;
        ServerReference();
        Status = Choices.Bind(Listener);
        if (NT_SUCCESS(Status) && Server.Settings.AcceptsByIrp) {
            Status = AcceptsStart(Listener);
        }
        if (!NT_SUCCESS(Status)) {
            ListenerClose();
        }
        return Status;
    }
    ExFreePoolWithTag(Listener, TAG_LISTENER);
    return Status;
}

_Use_decl_annotations_ VOID ListenerClose(VOID)
{
    LISTENER *Listener = Server.Listener;

    if (Listener == NULL) {
        return;
    }
    Server.Listener = NULL;
    CloseSocket(Listener);
    /* Its callbacks have returned and none follows; only the close that one of them asked for may be on its
     * way. */
    WorkCancel(&Listener->CloseWork);
    ExFreePoolWithTag(Listener, TAG_LISTENER);
    ServerDereference();
}

_Use_decl_annotations_ VOID ListenerCloseSoon(LISTENER *Listener)
{
    if (InterlockedExchange(&Listener->IsDead, TRUE) == FALSE) {
        WorkQueue(&Listener->CloseWork);
    }
}

/* Every n-th is rejected, and all while the driver is stopping. */
static BOOLEAN IsWelcome(LISTENER *Listener)
{
    const ULONG Offered = (ULONG)InterlockedIncrement(&Listener->Offered);
    const ULONG Every = Server.Settings.Reject;

    return !Server.IsStopping && (Every == 0 || Offered % Every != 0);
}

static NTSTATUS Reject(PWSK_SOCKET Socket)
{
    InterlockedIncrement(&Server.Rejected);
    Choices.Rejected(Socket);
    return Choices.Answer(FALSE);
}

/* Runs at any IRQL up to DISPATCH_LEVEL, whatever Flags says. */
static NTSTATUS WSKAPI AcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                                   PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket,
                                   PVOID *AcceptSocketContext,
                                   const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    LISTENER *Listener = Choices.Listener(SocketContext);
    CONNECTION *Connection;

    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(LocalAddress);
    if (AcceptSocket == NULL) {
        Choices.Dead(Listener);
        return Choices.Answer(FALSE);
    }
    if (InterlockedCompareExchange(&Listener->SelfDisable, SelfDisableOff, SelfDisableArmed) ==
        SelfDisableArmed) {
        ListenerDisable(Listener); /* answers STATUS_EVENT_PENDING: this very call is in progress */
    }
    Connection = IsWelcome(Listener) ? ConnectionMake() : NULL;
    if (Connection == NULL) {
        return Reject(AcceptSocket);
    }
    Choices.KeepPeer(Connection, RemoteAddress);
    if (Server.Settings.ReceivesByEvent) {
        Choices.Outputs(Connection, &ConnectionDispatch, AcceptSocketContext, AcceptSocketDispatch);
    } else {
        Choices.Outputs(NULL, NULL, AcceptSocketContext, AcceptSocketDispatch);
    }
    ConnectionStart(Connection, AcceptSocket);
    Choices.Accepted(Connection);
    return Choices.Answer(TRUE);
}

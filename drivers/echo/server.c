#include "server.h"

#include "connection.h"
#include "listener.h"
#include "worker.h"

/* DriverEntry should not wait for WSK much longer. */
#define CAPTURE_TIMEOUT_MS 5000

static const WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

SERVER Server;

static WSK_REGISTRATION Registration;
static volatile LONG References;
static KEVENT AllGone;

/* Opening and stopping are the worker's, like every call of a socket function. */
static struct {
    WORK Work;
    KEVENT Done;
    NTSTATUS Status;
} Task;

_Use_decl_annotations_ VOID ServerReference(VOID)
{
    InterlockedIncrement(&References);
}

_Use_decl_annotations_ VOID ServerDereference(VOID)
{
    if (InterlockedDecrement(&References) == 0) {
        KeSetEvent(&AllGone, IO_NO_INCREMENT, FALSE);
    }
}

static VOID OpenListener(WORK *Work)
{
    UNREFERENCED_PARAMETER(Work);
    Task.Status = ListenerOpen();
    KeSetEvent(&Task.Done, IO_NO_INCREMENT, FALSE);
}

/* The listener first: once it is closed no connection comes any more. */
static VOID CloseAll(WORK *Work)
{
    PLIST_ENTRY Entry;
    KIRQL OldIrql;

    UNREFERENCED_PARAMETER(Work);
    ListenerClose();
    KeAcquireSpinLock(&Server.Lock, &OldIrql);
    for (Entry = Server.Connections.Flink; Entry != &Server.Connections; Entry = Entry->Flink) {
        WorkQueue(&CONTAINING_RECORD(Entry, CONNECTION, Link)->Work);
    }
    KeReleaseSpinLock(&Server.Lock, OldIrql);
    KeSetEvent(&Task.Done, IO_NO_INCREMENT, FALSE);
}

static NTSTATUS RunTask(VOID (*Run)(WORK *Work))
{
    KeInitializeEvent(&Task.Done, NotificationEvent, FALSE);
    WorkInitialize(&Task.Work, Run);
    WorkQueue(&Task.Work);
    KeWaitForSingleObject(&Task.Done, Executive, KernelMode, FALSE, NULL);
    return Task.Status;
}

static NTSTATUS EnableStaticEvents(VOID)
{
    WSK_EVENT_CALLBACK_CONTROL Control = {&NPI_WSK_INTERFACE_ID, ListenerEvents()};

    return Server.Provider.Dispatch->WskControlClient(Server.Provider.Client, WSK_SET_STATIC_EVENT_CALLBACKS,
                                                      sizeof(Control), &Control, 0, NULL, NULL, NULL);
}

static NTSTATUS Open(VOID)
{
    NTSTATUS Status = Server.Settings.StaticEvents ? EnableStaticEvents() : STATUS_SUCCESS;

    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Status = WorkerStart();
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Status = RunTask(OpenListener);
    if (!NT_SUCCESS(Status)) {
        WorkerStop();
    }
    return Status;
}

_Use_decl_annotations_ NTSTATUS ServerStart(PUNICODE_STRING RegistryPath)
{
    WSK_CLIENT_NPI Client = {NULL, &ClientDispatch};
    NTSTATUS Status;

    KeInitializeSpinLock(&Server.Lock);
    InitializeListHead(&Server.Connections);
    KeInitializeEvent(&AllGone, NotificationEvent, FALSE);
    References = 1;
    Status = SettingsRead(RegistryPath, &Server.Settings);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Status = WskRegister(&Client, &Registration);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Status = WskCaptureProviderNPI(&Registration, CAPTURE_TIMEOUT_MS, &Server.Provider);
    if (NT_SUCCESS(Status)) {
        Status = Open();
        if (NT_SUCCESS(Status)) {
            return Status;
        }
        WskReleaseProviderNPI(&Registration);
    }
    WskDeregister(&Registration);
    return Status;
}

_Use_decl_annotations_ VOID ServerStop(VOID)
{
    Server.IsStopping = TRUE;
    RunTask(CloseAll);
    ServerDereference();
    KeWaitForSingleObject(&AllGone, Executive, KernelMode, FALSE, NULL);
    WorkerStop(); /* nothing queues work any more: all that could is gone */
    WskReleaseProviderNPI(&Registration);
    WskDeregister(&Registration);
}

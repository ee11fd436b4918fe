/* What NETIO.SYS exports: registration, and the capture of the provider NPI. */
#include "client.h"
#include "endpoint.h"
#include "request.h"
#include "socket.h"
#include "transport.h"

#define CLIENT_TAG 'lcSN'
#define PROVIDER_VERSION MAKE_WSK_VERSION(1, 0)

static LIST_ENTRY Clients = {&Clients, &Clients};

static NTSTATUS WSKAPI NoSocketConnect(PWSK_CLIENT Client, USHORT SocketType, ULONG Protocol,
                                       PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress, ULONG Flags,
                                       PVOID SocketContext, const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
                                       PEPROCESS OwningProcess, PETHREAD OwningThread,
                                       PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Client);
    UNREFERENCED_PARAMETER(SocketType);
    UNREFERENCED_PARAMETER(Protocol);
    UNREFERENCED_PARAMETER(LocalAddress);
    UNREFERENCED_PARAMETER(RemoteAddress);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Dispatch);
    UNREFERENCED_PARAMETER(OwningProcess);
    UNREFERENCED_PARAMETER(OwningThread);
    UNREFERENCED_PARAMETER(SecurityDescriptor);
    return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
}

static NTSTATUS WSKAPI NoAddressInfo(PWSK_CLIENT Client, PUNICODE_STRING NodeName,
                                     PUNICODE_STRING ServiceName, ULONG NameSpace, GUID *Provider,
                                     struct addrinfoexW *Hints, struct addrinfoexW **Result,
                                     PEPROCESS OwningProcess, PETHREAD OwningThread, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Client);
    UNREFERENCED_PARAMETER(NodeName);
    UNREFERENCED_PARAMETER(ServiceName);
    UNREFERENCED_PARAMETER(NameSpace);
    UNREFERENCED_PARAMETER(Provider);
    UNREFERENCED_PARAMETER(Hints);
    UNREFERENCED_PARAMETER(OwningProcess);
    UNREFERENCED_PARAMETER(OwningThread);
    *Result = NULL;
    return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
}

static VOID WSKAPI FreeNoAddressInfo(PWSK_CLIENT Client, struct addrinfoexW *AddrInfo)
{
    UNREFERENCED_PARAMETER(Client);
    UNREFERENCED_PARAMETER(AddrInfo);
}

static NTSTATUS WSKAPI NoNameInfo(PWSK_CLIENT Client, PSOCKADDR SockAddr, ULONG SockAddrLength,
                                  PUNICODE_STRING NodeName, PUNICODE_STRING ServiceName, ULONG Flags,
                                  PEPROCESS OwningProcess, PETHREAD OwningThread, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Client);
    UNREFERENCED_PARAMETER(SockAddr);
    UNREFERENCED_PARAMETER(SockAddrLength);
    UNREFERENCED_PARAMETER(NodeName);
    UNREFERENCED_PARAMETER(ServiceName);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(OwningProcess);
    UNREFERENCED_PARAMETER(OwningThread);
    return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
}

static const WSK_PROVIDER_DISPATCH ProviderDispatch = {
    .Version = PROVIDER_VERSION,
    .WskSocket = SocketCreateForClient,
    .WskSocketConnect = NoSocketConnect,
    .WskControlClient = ControlClient,
    .WskGetAddressInfo = NoAddressInfo,
    .WskFreeAddressInfo = FreeNoAddressInfo,
    .WskGetNameInfo = NoNameInfo,
};

/* ProviderLock is held. */
static VOID SignalIfIdle(CLIENT *client)
{
    if (client->Captures == 0 && client->Uses == 0) {
        KeSetEvent(&client->Idle, IO_NO_INCREMENT, FALSE);
    } else {
        KeClearEvent(&client->Idle);
    }
}

_Use_decl_annotations_ CLIENT *ClientReference(PWSK_CLIENT Client)
{
    CLIENT *found = NULL;

    ProviderLock();
    for (LIST_ENTRY *entry = Clients.Flink; entry != &Clients; entry = entry->Flink) {
        if (CONTAINING_RECORD(entry, CLIENT, Link) == (CLIENT *)Client) {
            found = Client;
            found->Uses++;
            SignalIfIdle(found);
        }
    }
    ProviderUnlock();
    return found;
}

_Use_decl_annotations_ VOID ClientDereference(CLIENT *Client)
{
    ProviderLock();
    Client->Uses--;
    SignalIfIdle(Client);
    ProviderUnlock();
}

static NTSTATUS SetStaticEvents(CLIENT *client, const WSK_EVENT_CALLBACK_CONTROL *control, SIZE_T size)
{
    const ULONG known = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE_FROM | CONNECTION_EVENTS;

    if (size != sizeof *control || control == NULL || (control->EventMask & ~known) != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    client->StaticEvents = control->EventMask;
    return STATUS_SUCCESS;
}

NTSTATUS WSKAPI ControlClient(PWSK_CLIENT Client, ULONG ControlCode, SIZE_T InputSize, PVOID InputBuffer,
                              SIZE_T OutputSize, PVOID OutputBuffer, SIZE_T *OutputSizeReturned, PIRP Irp)
{
    CLIENT *client = ClientReference(Client);
    NTSTATUS status;

    UNREFERENCED_PARAMETER(OutputSize);
    UNREFERENCED_PARAMETER(OutputBuffer);
    UNREFERENCED_PARAMETER(OutputSizeReturned);
    if (client == NULL) {
        return RequestAnswer(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    switch (ControlCode) {
    case WSK_SET_STATIC_EVENT_CALLBACKS:
        status = SetStaticEvents(client, InputBuffer, InputSize);
        break;
    case WSK_TDI_BEHAVIOR: /* there is no TDI below */
        status = STATUS_SUCCESS;
        break;
    default:
        status = STATUS_NOT_SUPPORTED;
        break;
    }
    ClientDereference(client);
    return RequestAnswer(Irp, status, 0);
}

static CLIENT *ClientOf(const WSK_REGISTRATION *registration)
{
    return registration->ReservedRegistrationContext;
}

NTSTATUS WSKAPI WskRegister(PWSK_CLIENT_NPI WskClientNpi, PWSK_REGISTRATION WskRegistration)
{
    CLIENT *client;

    if (!TransportStart()) {
        return STATUS_DEVICE_NOT_READY;
    }
    client = PoolAllocate(sizeof *client, CLIENT_TAG);
    if (client == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    client->Context = WskClientNpi->ClientContext;
    client->Dispatch = WskClientNpi->Dispatch;
    KeInitializeEvent(&client->Idle, NotificationEvent, TRUE);
    ProviderLock();
    InsertTailList(&Clients, &client->Link);
    ProviderUnlock();
    RtlZeroMemory(WskRegistration, sizeof *WskRegistration);
    WskRegistration->ReservedRegistrationContext = client;
    return STATUS_SUCCESS;
}

NTSTATUS WSKAPI WskCaptureProviderNPI(PWSK_REGISTRATION WskRegistration, ULONG WaitTimeout,
                                      PWSK_PROVIDER_NPI WskProviderNpi)
{
    CLIENT *client = ClientOf(WskRegistration);

    /* Ready from the start: there is nothing to wait for. */
    UNREFERENCED_PARAMETER(WaitTimeout);
    if (client == NULL) {
        return STATUS_DEVICE_NOT_READY; /* deregistered */
    }
    if (WSK_MAJOR_VERSION(client->Dispatch->Version) != WSK_MAJOR_VERSION(PROVIDER_VERSION)) {
        return STATUS_NOINTERFACE;
    }
    ProviderLock();
    if (client->Deregistering) {
        ProviderUnlock();
        return STATUS_DEVICE_NOT_READY;
    }
    client->Captures++;
    SignalIfIdle(client);
    ProviderUnlock();
    WskProviderNpi->Client = client;
    WskProviderNpi->Dispatch = &ProviderDispatch;
    return STATUS_SUCCESS;
}

VOID WSKAPI WskReleaseProviderNPI(PWSK_REGISTRATION WskRegistration)
{
    CLIENT *client = ClientOf(WskRegistration);

    ProviderLock();
    client->Captures--;
    SignalIfIdle(client);
    ProviderUnlock();
}

NTSTATUS WSKAPI WskQueryProviderCharacteristics(PWSK_REGISTRATION WskRegistration,
                                                PWSK_PROVIDER_CHARACTERISTICS WskProviderCharacteristics)
{
    if (ClientOf(WskRegistration) == NULL) {
        return STATUS_DEVICE_NOT_READY;
    }
    WskProviderCharacteristics->LowestVersion = PROVIDER_VERSION;
    WskProviderCharacteristics->HighestVersion = PROVIDER_VERSION;
    return STATUS_SUCCESS;
}

VOID WSKAPI WskDeregister(PWSK_REGISTRATION WskRegistration)
{
    CLIENT *client = ClientOf(WskRegistration);

    ProviderLock();
    client->Deregistering = TRUE;
    ProviderUnlock();
    KeWaitForSingleObject(&client->Idle, Executive, KernelMode, FALSE, NULL);
    ProviderLock();
    RemoveEntryList(&client->Link);
    ProviderUnlock();
    ExFreePoolWithTag(client, CLIENT_TAG);
    WskRegistration->ReservedRegistrationContext = NULL;
}

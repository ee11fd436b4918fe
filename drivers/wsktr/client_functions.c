/* Functions of WSK_PROVIDER_DISPATCH: those that make sockets, and those of the client itself. */
#include "client.h"

#include "request.h"

static VOID RecordOther(const CALL *Call, ULONG Flags, PIRP Irp)
{
    TRACE(OTHER_ENTER, Call->Side, .call = CallNumber(Call), .irp = AS_U64(Irp), .fn = Call->Function,
          .flags = Flags);
}

/* The proxy for a socket that is to be made; a refusal without memory. */
static PROXY *MakeSocket(CALL *Call, const CLIENT *Client, ULONG Flags, ADDRESS_FAMILY Family, PVOID Context,
                         const VOID *Table)
{
    PROXY *New = Call->Refusal == STATUS_SUCCESS ? SocketMake((CATEGORY)Flags, NULL, Family) : NULL;

    if (New != NULL) {
        SocketSetClient(New, Context, Table);
        New->EnabledEvents = Flags == CategoryListen ? Client->StaticEvents : 0;
    } else if (Call->Refusal == STATUS_SUCCESS) {
        Call->Refusal = STATUS_INSUFFICIENT_RESOURCES;
    }
    return New;
}

static NTSTATUS WSKAPI OwnSocket(PWSK_CLIENT Given, ADDRESS_FAMILY AddressFamily, USHORT SocketType,
                                 ULONG Protocol, ULONG Flags, PVOID SocketContext, const VOID *Dispatch,
                                 PEPROCESS OwningProcess, PETHREAD OwningThread,
                                 PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp)
{
    CLIENT *Client = ClientFromDriver(Given);
    CLIENT_TABLE Table;
    REQUEST *Request;
    PROXY *New;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBeginClient(&Call, TRACE_FN_WskSocket, Client != NULL, Irp, TRUE);
    ClientTableRead(&Table, Dispatch, (CATEGORY)Flags);
    TRACE(SOCKET_ENTER, Call.Side, .call = CallNumber(&Call), .irp = AS_U64(Irp), .client = AS_U64(Given),
          .context = AS_U64(SocketContext), .table = AS_U64(Dispatch), .slot0 = AS_U64(Table.Slots[0]),
          .slot1 = AS_U64(Table.Slots[1]), .slot2 = AS_U64(Table.Slots[2]),
          .security_descriptor = AS_U64(SecurityDescriptor), .protocol = Protocol, .flags = Flags,
          .family = AddressFamily, .type = SocketType);
    New = MakeSocket(&Call, Client, Flags, AddressFamily, SocketContext, Dispatch);
    if (CallPass(&Call, TRUE, &Request)) {
        Request->Produced = New;
        Status = Client->RealDispatch->WskSocket(Client->Real, AddressFamily, SocketType, Protocol, Flags,
                                                 New, ClientTableStandIn(&New->Client, New->Category),
                                                 OwningProcess, OwningThread, SecurityDescriptor, Irp);
    } else if (New != NULL) {
        SocketDiscard(New);
    }
    return CallEnd(&Call, Status);
}

static NTSTATUS WSKAPI OwnSocketConnect(PWSK_CLIENT Given, USHORT SocketType, ULONG Protocol,
                                        PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress, ULONG Flags,
                                        PVOID SocketContext, const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
                                        PEPROCESS OwningProcess, PETHREAD OwningThread,
                                        PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp)
{
    CLIENT *Client = ClientFromDriver(Given);
    REQUEST *Request;
    PROXY *New;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBeginClient(&Call, TRACE_FN_WskSocketConnect, Client != NULL, Irp, TRUE);
    RecordOther(&Call, Flags, Irp);
    New = MakeSocket(&Call, Client, CategoryConnection, LocalAddress->sa_family, SocketContext, Dispatch);
    if (CallPass(&Call, TRUE, &Request)) {
        Request->Produced = New;
        Status = Client->RealDispatch->WskSocketConnect(Client->Real, SocketType, Protocol, LocalAddress,
                                                        RemoteAddress, Flags, New,
                                                        ClientTableStandIn(&New->Client, New->Category),
                                                        OwningProcess, OwningThread, SecurityDescriptor, Irp);
    } else if (New != NULL) {
        SocketDiscard(New);
    }
    return CallEnd(&Call, Status);
}

/* What WSK_SET_STATIC_EVENT_CALLBACKS is asked; FALSE if it is not that, or its input cannot be read. */
static BOOLEAN ReadStaticEvents(ULONG ControlCode, SIZE_T Size, const WSK_EVENT_CALLBACK_CONTROL *Input,
                                TRACE_GUID *NpiId, ULONG *Mask)
{
    if (ControlCode != WSK_SET_STATIC_EVENT_CALLBACKS || Size < sizeof(*Input) || Input == NULL ||
        !MmIsAddressValid((PVOID)Input)) {
        return FALSE;
    }
    *Mask = Input->EventMask;
    if (Input->NpiId != NULL && MmIsAddressValid((PVOID)Input->NpiId)) {
        RtlCopyMemory(NpiId, Input->NpiId, sizeof(*NpiId));
    }
    return TRUE;
}

static NTSTATUS WSKAPI OwnControlClient(PWSK_CLIENT Given, ULONG ControlCode, SIZE_T InputSize,
                                        PVOID InputBuffer, SIZE_T OutputSize, PVOID OutputBuffer,
                                        SIZE_T *OutputSizeReturned, PIRP Irp)
{
    CLIENT *Client = ClientFromDriver(Given);
    TRACE_GUID NpiId = {0};
    ULONG Mask = 0;
    const BOOLEAN IsEvents = ReadStaticEvents(ControlCode, InputSize, InputBuffer, &NpiId, &Mask);
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBeginClient(&Call, TRACE_FN_WskControlClient, Client != NULL, Irp, FALSE);
    TRACE(CONTROL_CLIENT_ENTER, Call.Side, .call = CallNumber(&Call), .irp = AS_U64(Irp),
          .client = AS_U64(Given), .input = AS_U64(InputBuffer), .input_size = InputSize,
          .output = AS_U64(OutputBuffer), .output_size = OutputSize,
          .output_returned = AS_U64(OutputSizeReturned), .npi_id = NpiId, .code = ControlCode,
          .event_mask = Mask);
    if (CallPass(&Call, TRUE, &Request)) {
        Status = Client->RealDispatch->WskControlClient(Client->Real, ControlCode, InputSize, InputBuffer,
                                                        OutputSize, OutputBuffer, OutputSizeReturned, Irp);
        if (IsEvents && NT_SUCCESS(Status)) {
            InterlockedOr(&Client->StaticEvents, (LONG)Mask);
        }
    }
    return CallEnd(&Call, Status);
}

static NTSTATUS WSKAPI OwnGetAddressInfo(PWSK_CLIENT Given, PUNICODE_STRING NodeName,
                                         PUNICODE_STRING ServiceName, ULONG NameSpace, GUID *Provider,
                                         struct addrinfoexW *Hints, struct addrinfoexW **Result,
                                         PEPROCESS OwningProcess, PETHREAD OwningThread, PIRP Irp)
{
    CLIENT *Client = ClientFromDriver(Given);
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBeginClient(&Call, TRACE_FN_WskGetAddressInfo, Client != NULL, Irp, TRUE);
    RecordOther(&Call, 0, Irp);
    if (CallPass(&Call, TRUE, &Request)) {
        Status =
            Client->RealDispatch->WskGetAddressInfo(Client->Real, NodeName, ServiceName, NameSpace, Provider,
                                                    Hints, Result, OwningProcess, OwningThread, Irp);
    }
    return CallEnd(&Call, Status);
}

static VOID WSKAPI OwnFreeAddressInfo(PWSK_CLIENT Given, struct addrinfoexW *AddrInfo)
{
    CLIENT *Client = ClientFromDriver(Given);
    REQUEST *Request;
    CALL Call;

    CallBeginClient(&Call, TRACE_FN_WskFreeAddressInfo, Client != NULL, NULL, FALSE);
    RecordOther(&Call, 0, NULL);
    if (CallPass(&Call, TRUE, &Request)) {
        Client->RealDispatch->WskFreeAddressInfo(Client->Real, AddrInfo);
    }
    CallEnd(&Call, STATUS_SUCCESS);
}

static NTSTATUS WSKAPI OwnGetNameInfo(PWSK_CLIENT Given, PSOCKADDR SockAddr, ULONG SockAddrLength,
                                      PUNICODE_STRING NodeName, PUNICODE_STRING ServiceName, ULONG Flags,
                                      PEPROCESS OwningProcess, PETHREAD OwningThread, PIRP Irp)
{
    CLIENT *Client = ClientFromDriver(Given);
    REQUEST *Request;
    CALL Call;
    NTSTATUS Status = STATUS_SUCCESS;

    CallBeginClient(&Call, TRACE_FN_WskGetNameInfo, Client != NULL, Irp, TRUE);
    RecordOther(&Call, Flags, Irp);
    if (CallPass(&Call, TRUE, &Request)) {
        Status = Client->RealDispatch->WskGetNameInfo(Client->Real, SockAddr, SockAddrLength, NodeName,
                                                      ServiceName, Flags, OwningProcess, OwningThread, Irp);
    }
    return CallEnd(&Call, Status);
}

_Use_decl_annotations_ VOID ClientSetProvider(CLIENT *Client, const WSK_PROVIDER_NPI *Provider)
{
    const WSK_PROVIDER_DISPATCH *Real = Provider->Dispatch;

    Client->Real = Provider->Client;
    Client->RealDispatch = Real;
    Client->Dispatch.Version = Real->Version;
    Client->Dispatch.Reserved = Real->Reserved;
    Client->Dispatch.WskSocket = Real->WskSocket == NULL ? NULL : OwnSocket;
    Client->Dispatch.WskSocketConnect = Real->WskSocketConnect == NULL ? NULL : OwnSocketConnect;
    Client->Dispatch.WskControlClient = Real->WskControlClient == NULL ? NULL : OwnControlClient;
    Client->Dispatch.WskGetAddressInfo = Real->WskGetAddressInfo == NULL ? NULL : OwnGetAddressInfo;
    Client->Dispatch.WskFreeAddressInfo = Real->WskFreeAddressInfo == NULL ? NULL : OwnFreeAddressInfo;
    Client->Dispatch.WskGetNameInfo = Real->WskGetNameInfo == NULL ? NULL : OwnGetNameInfo;
}

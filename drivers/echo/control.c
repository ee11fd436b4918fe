#include "control.h"

#include "echo_ioctl.h"
#include "listener.h"
#include "server.h"
#include "worker.h"

static DRIVER_DISPATCH OpenOrClose, Control;

/* An ioctl on its way through the worker. */
typedef struct _COMMAND {
    WORK Work;
    PIRP Irp;
} COMMAND;

static NTSTATUS Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS DisableSelf(LISTENER *Listener)
{
    InterlockedExchange(&Listener->SelfDisable, SelfDisableArmed);
    return STATUS_SUCCESS;
}

static NTSTATUS CarryOut(ULONG Code)
{
    LISTENER *Listener = Server.Listener;

    if (Code == IOCTL_ECHO_OPEN) {
        return Server.IsStopping ? STATUS_INVALID_DEVICE_STATE : ListenerOpen();
    }
    if (Code == IOCTL_ECHO_STATUS) {
        return STATUS_SUCCESS;
    }
    if (Listener == NULL) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    switch (Code) {
    case IOCTL_ECHO_ENABLE:
        return ListenerEnable(Listener);
    case IOCTL_ECHO_DISABLE:
        return ListenerDisable(Listener);
    case IOCTL_ECHO_DISABLE_IRP:
        return ListenerDisableAndWait(Listener);
    case IOCTL_ECHO_DISABLE_SELF:
        return DisableSelf(Listener);
    case IOCTL_ECHO_CLOSE:
        ListenerClose();
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}

static ULONG OpenConnections(VOID)
{
    ULONG Count = 0;
    PLIST_ENTRY Entry;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Server.Lock, &OldIrql);
    for (Entry = Server.Connections.Flink; Entry != &Server.Connections; Entry = Entry->Flink) {
        Count++;
    }
    KeReleaseSpinLock(&Server.Lock, OldIrql);
    return Count;
}

static VOID Run(WORK *Work)
{
    COMMAND *Command = CONTAINING_RECORD(Work, COMMAND, Work);
    PIRP Irp = Command->Irp;
    ECHO_REPLY *Reply = Irp->AssociatedIrp.SystemBuffer;

    Reply->status =
        (ULONG)CarryOut(IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.IoControlCode);
    Reply->accepted = (ULONG)Server.Accepted;
    Reply->rejected = (ULONG)Server.Rejected;
    Reply->open = OpenConnections();
    Reply->listening = Server.Listener != NULL;
    ExFreePoolWithTag(Command, TAG_COMMAND);
    Complete(Irp, STATUS_SUCCESS, sizeof(*Reply));
}

_Use_decl_annotations_ static NTSTATUS Control(PDEVICE_OBJECT Device, PIRP Irp)
{
    const IO_STACK_LOCATION *Stack = IoGetCurrentIrpStackLocation(Irp);
    COMMAND *Command;

    UNREFERENCED_PARAMETER(Device);
    if (Stack->Parameters.DeviceIoControl.OutputBufferLength < sizeof(ECHO_REPLY)) {
        return Complete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    }
    Command = PoolAllocate(sizeof(*Command), TAG_COMMAND);
    if (Command == NULL) {
        return Complete(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    Command->Irp = Irp;
    WorkInitialize(&Command->Work, Run);
    IoMarkIrpPending(Irp);
    WorkQueue(&Command->Work);
    return STATUS_PENDING;
}

_Use_decl_annotations_ static NTSTATUS OpenOrClose(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    return Complete(Irp, STATUS_SUCCESS, 0);
}

/* Prefix and the last part of the registry path, which is the service's name. */
typedef struct _NAME {
    UNICODE_STRING String;
    WCHAR Buffer[ECHO_MAX_SERVICE_CHARS + ARRAYSIZE(ECHO_DEVICE_PREFIX)];
} NAME;

static NTSTATUS NameMake(NAME *Name, PCWSTR Prefix, PCUNICODE_STRING RegistryPath)
{
    USHORT Start = RegistryPath->Length / sizeof(WCHAR);
    UNICODE_STRING Service;

    while (Start > 0 && RegistryPath->Buffer[Start - 1] != L'\\') {
        --Start;
    }
    Service.Buffer = RegistryPath->Buffer + Start;
    Service.Length = Service.MaximumLength = RegistryPath->Length - Start * sizeof(WCHAR);
    Name->String.Buffer = Name->Buffer;
    Name->String.Length = 0;
    Name->String.MaximumLength = sizeof(Name->Buffer);
    RtlAppendUnicodeToString(&Name->String, Prefix);
    return RtlAppendUnicodeStringToString(&Name->String, &Service);
}

static NAME Link;

_Use_decl_annotations_ NTSTATUS ControlStart(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath)
{
    PDEVICE_OBJECT Device;
    NAME Name;
    NTSTATUS Status;

    if (!NT_SUCCESS(Status = NameMake(&Name, ECHO_DEVICE_PREFIX, RegistryPath)) ||
        !NT_SUCCESS(Status = NameMake(&Link, ECHO_LINK_PREFIX, RegistryPath))) {
        return Status;
    }
    Status =
        IoCreateDevice(Driver, 0, &Name.String, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Driver->MajorFunction[IRP_MJ_CREATE] = OpenOrClose;
    Driver->MajorFunction[IRP_MJ_CLOSE] = OpenOrClose;
    Driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    Status = IoCreateSymbolicLink(&Link.String, &Name.String);
    if (!NT_SUCCESS(Status)) {
        IoDeleteDevice(Device);
    }
    return Status;
}

_Use_decl_annotations_ VOID ControlStop(PDRIVER_OBJECT Driver)
{
    if (Driver->DeviceObject != NULL) {
        IoDeleteSymbolicLink(&Link.String);
        IoDeleteDevice(Driver->DeviceObject);
    }
}

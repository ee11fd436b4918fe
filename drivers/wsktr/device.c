#include "device.h"

#include "host.h"
#include "perturb.h"
#include "trace.h"
#include "wsktr_ioctl.h"

/* An IOCTL_WSKTR_READ that finds nothing is answered after that long with nothing. */
#define READ_WAIT_MS 100

static DRIVER_DISPATCH OpenOrClose, Control;
static KSTART_ROUTINE PumpReads;

/* A READ that waits does so in a thread of its own: the reference guest has one thread for all ioctls of all
 * drivers. */
static struct {
    PIRP volatile Waiting;
    KEVENT Arrived;
} Reads;

static NTSTATUS Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS Start(const WSKTR_START *Given, ULONG Bytes)
{
    NTSTATUS Status;

    if (Bytes < WSKTR_START_BYTES(0) || Given->count > WSKTR_MAX_PERTURBATIONS ||
        Bytes < WSKTR_START_BYTES(Given->count)) {
        return STATUS_INVALID_PARAMETER;
    }
    if (Given->schema != TRACE_SCHEMA_VERSION) {
        return STATUS_REVISION_MISMATCH;
    }
    PerturbSet(0, NULL, 0);
    Status = TraceStart(Given->ring_bytes, Given->seed);
    if (NT_SUCCESS(Status)) {
        PerturbSet(Given->seed, Given->perturb, Given->count);
    }
    return Status;
}

static NTSTATUS ReadBuffer(PIRP Irp, PVOID *Buffer, ULONG *Bytes)
{
    *Buffer = Irp->AssociatedIrp.SystemBuffer;
    *Bytes = IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.OutputBufferLength;
    return *Bytes < sizeof(TRACE_CRASH) ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
}

/* Gives the status for a READ that waits to be handed to the pump. */
static NTSTATUS Read(PIRP Irp)
{
    SIZE_T Taken = 0;
    PVOID Buffer;
    ULONG Bytes;
    NTSTATUS Status = ReadBuffer(Irp, &Buffer, &Bytes);

    if (NT_SUCCESS(Status) && TraceIsWorthReading(Bytes / 2)) {
        Status = TraceRead(Buffer, Bytes, &Taken);
    }
    if (!NT_SUCCESS(Status) || Taken != 0) {
        return Complete(Irp, Status, Taken);
    }
    IoMarkIrpPending(Irp);
    if (InterlockedCompareExchangePointer((PVOID volatile *)&Reads.Waiting, Irp, NULL) != NULL) {
        Complete(Irp, STATUS_DEVICE_BUSY, 0); /* one reader only */
    } else {
        KeSetEvent(&Reads.Arrived, IO_NO_INCREMENT, FALSE);
    }
    return STATUS_PENDING;
}

/* No READ waits longer than READ_WAIT_MS, so that none has to be cancelled. */
static VOID PumpReads(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    for (;;) {
        SIZE_T Taken = 0;
        PVOID Buffer;
        ULONG Bytes;
        NTSTATUS Status;
        PIRP Irp;

        KeWaitForSingleObject(&Reads.Arrived, Executive, KernelMode, FALSE, NULL);
        TraceWait(READ_WAIT_MS);
        Irp = InterlockedExchangePointer((PVOID volatile *)&Reads.Waiting, NULL);
        Status = ReadBuffer(Irp, &Buffer, &Bytes);
        if (NT_SUCCESS(Status)) {
            Status = TraceRead(Buffer, Bytes, &Taken);
        }
        Complete(Irp, Status, Taken);
    }
}

static NTSTATUS Info(WSKTR_INFO *Info, ULONG Bytes, ULONG_PTR *Information)
{
    ULONG Index, RingBytes;
    PVOID Ring;
    PCWSTR Name;

    if (Bytes < sizeof(*Info)) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    RtlZeroMemory(Info, sizeof(*Info));
    Info->process = (ULONG)(ULONG_PTR)PsGetCurrentProcessId();
    Ring = TraceRing(&RingBytes);
    Info->ring_bytes = RingBytes;
    if (Ring != NULL && Host.ContiguousMemoryName == NULL) {
        Info->ring_address = (ULONG64)MmGetPhysicalAddress(Ring).QuadPart;
    } else if (Ring != NULL && (Name = Host.ContiguousMemoryName(Ring)) != NULL) {
        for (Index = 0; Name[Index] != 0 && Index < WSKTR_SECTION_NAME_CHARS - 1; ++Index) {
            Info->section_name[Index] = Name[Index];
        }
    }
    *Information = sizeof(*Info);
    return STATUS_SUCCESS;
}

_Use_decl_annotations_ static NTSTATUS Control(PDEVICE_OBJECT Device, PIRP Irp)
{
    const IO_STACK_LOCATION *Stack = IoGetCurrentIrpStackLocation(Irp);
    const ULONG InBytes = Stack->Parameters.DeviceIoControl.InputBufferLength;
    const ULONG OutBytes = Stack->Parameters.DeviceIoControl.OutputBufferLength;
    ULONG_PTR Information = 0;
    NTSTATUS Status;

    UNREFERENCED_PARAMETER(Device);
    switch (Stack->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_WSKTR_START:
        Status = Start(Irp->AssociatedIrp.SystemBuffer, InBytes);
        break;
    case IOCTL_WSKTR_READ:
        return Read(Irp);
    case IOCTL_WSKTR_STOP:
        PerturbSet(0, NULL, 0);
        TraceStop();
        Status = STATUS_SUCCESS;
        break;
    case IOCTL_WSKTR_INFO:
        Status = Info(Irp->AssociatedIrp.SystemBuffer, OutBytes, &Information);
        break;
    default:
        Status = STATUS_INVALID_DEVICE_REQUEST;
        break;
    }
    return Complete(Irp, Status, Information);
}

_Use_decl_annotations_ static NTSTATUS OpenOrClose(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    return Complete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS StartPump(VOID)
{
    HANDLE Thread;
    NTSTATUS Status;

    KeInitializeEvent(&Reads.Arrived, SynchronizationEvent, FALSE);
    Status = PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, PumpReads, NULL);
    if (NT_SUCCESS(Status)) {
        ZwClose(Thread);
    }
    return Status;
}

_Use_decl_annotations_ NTSTATUS DeviceInitialize(PDRIVER_OBJECT Driver)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(WSKTR_DEVICE_NAME), Link = RTL_CONSTANT_STRING(WSKTR_LINK_NAME);
    PDEVICE_OBJECT Device;
    NTSTATUS Status =
        IoCreateDevice(Driver, 0, &Name, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);

    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Driver->MajorFunction[IRP_MJ_CREATE] = OpenOrClose;
    Driver->MajorFunction[IRP_MJ_CLOSE] = OpenOrClose;
    Driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    Status = IoCreateSymbolicLink(&Link, &Name);
    if (NT_SUCCESS(Status)) {
        Status = StartPump();
        if (NT_SUCCESS(Status)) {
            return Status;
        }
        IoDeleteSymbolicLink(&Link);
    }
    IoDeleteDevice(Device);
    return Status;
}

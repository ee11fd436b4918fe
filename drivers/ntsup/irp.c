/** What Wine lacks around IRPs. */
#include "ntsup.h"

NTSTATUS NTAPI SupIoSetCompletionRoutineEx(PDEVICE_OBJECT DeviceObject, PIRP Irp,
                                           PIO_COMPLETION_ROUTINE Routine, PVOID Context,
                                           BOOLEAN InvokeOnSuccess, BOOLEAN InvokeOnError,
                                           BOOLEAN InvokeOnCancel);
NTSTATUS NTAPI SupIoSetCompletionRoutineEx(PDEVICE_OBJECT DeviceObject, PIRP Irp,
                                           PIO_COMPLETION_ROUTINE Routine, PVOID Context,
                                           BOOLEAN InvokeOnSuccess, BOOLEAN InvokeOnError,
                                           BOOLEAN InvokeOnCancel)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    IoSetCompletionRoutine(Irp, Routine, Context, InvokeOnSuccess, InvokeOnError, InvokeOnCancel);
    return STATUS_SUCCESS;
}
SUPPLIES(IoSetCompletionRoutineEx);

PIRP NTAPI SupIoAllocateIrpEx(PDEVICE_OBJECT DeviceObject, CCHAR StackSize, BOOLEAN ChargeQuota);
PIRP NTAPI SupIoAllocateIrpEx(PDEVICE_OBJECT DeviceObject, CCHAR StackSize, BOOLEAN ChargeQuota)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return IoAllocateIrp(StackSize, ChargeQuota);
}

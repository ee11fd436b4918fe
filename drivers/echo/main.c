/* echo.sys: a TCP echo server on Winsock Kernel, the sample that the lab tries itself on. */
#include "choices.h"
#include "control.h"
#include "server.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

/* The device goes last: a command that is still on its way needs the worker, and none can come once it is
 * closed, which the I/O manager waits for before it unloads. */
_Use_decl_annotations_ static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    Choices.Stop();
    ServerStop();
    ControlStop(DriverObject);
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS Status;

    MakeMistake();
    Status = Choices.Start();
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Status = ServerStart(RegistryPath);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    Status = ControlStart(DriverObject, RegistryPath);
    if (!NT_SUCCESS(Status)) {
        ServerStop();
        return Status;
    }
    DriverObject->DriverUnload = Unload;
    Choices.Started(DriverObject);
    return STATUS_SUCCESS;
}

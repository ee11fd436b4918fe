/*
 * wsktr.sys, the recorder: an export driver that is a service as well. As a service, started first, it makes
 * the control device; the driver under test then imports from the module that is already there. It is never
 * unloaded, for its code is on the stacks of others and in their tables.
 */
#include "address_copy.h"
#include "client.h"
#include "device.h"
#include "hold.h"
#include "host.h"
#include "request.h"
#include "socket.h"
#include "trace.h"

#pragma comment(linker, "/export:DllInitialize")
#pragma comment(linker, "/export:DllUnload")

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath);
NTSTATUS NTAPI DllUnload(VOID);

/* Loaded by an import first or started as a service first: either way once. */
static VOID InitializeOnce(VOID)
{
    static volatile LONG Done;

    if (InterlockedExchange(&Done, TRUE)) {
        return;
    }
    HostInitialize();
    TraceInitialize();
    SocketsInitialize();
    RequestsInitialize();
    FramesInitialize();
    AddressCopiesInitialize();
    ClientsInitialize();
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    InitializeOnce();
    return DeviceInitialize(DriverObject);
}

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    InitializeOnce();
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    return STATUS_SUCCESS;
}

/*
 * netio.sys: the reference guest's provider of Winsock Kernel. Loaded as the recorder's import; it starts
 * with the first WskRegister.
 */
#include "../compat/kernel.h"

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(Driver);
    UNREFERENCED_PARAMETER(RegistryPath);
    return TRUE; /* only ever called as a DllMain: Wine does so for a native image that imports kernel32.dll
                  */
}

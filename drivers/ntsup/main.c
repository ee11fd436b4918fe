/** Start and end of the supplement, and the look-up of its functions by name. */
#include "ntsup.h"

#define NAME_CHARS 128

extern UCHAR __ImageBase; /* by the linker: where this module is */

/** Exported: the supplement's own functions first, then Wine's. */
PVOID NTAPI SupMmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName);
PVOID NTAPI SupMmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName)
{
    CHAR name[NAME_CHARS];
    ULONG length = SystemRoutineName->Length / sizeof(WCHAR);
    if (length >= sizeof(name)) {
        return NULL;
    }
    for (ULONG index = 0; index < length; ++index) {
        name[index] = (CHAR)SystemRoutineName->Buffer[index];
    }
    name[length] = 0;
    PVOID routine = GetProcAddress(&__ImageBase, name);
    return routine != NULL ? routine : MmGetSystemRoutineAddress(SystemRoutineName);
}
SUPPLIES(MmGetSystemRoutineAddress);

/* Other drivers import from this one and threads run in it: it has no Unload and stays until the host ends.
 */
DRIVER_INITIALIZE DriverEntry;
_Use_decl_annotations_ NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    if ((PUCHAR)DriverObject == &__ImageBase) {
        return TRUE; /* a native image that imports kernel32.dll has its entry called by Wine as a DllMain,
                        too */
    }
    NTSTATUS status = CrashInitialize();
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = IrqlInitialize();
    if (!NT_SUCCESS(status)) {
        goto cleanupCrash;
    }
    status = DpcInitialize();
    if (!NT_SUCCESS(status)) {
        goto cleanupIrql;
    }
    status = TimerInitialize();
    if (NT_SUCCESS(status)) {
        return STATUS_SUCCESS;
    }

cleanupIrql:
    IrqlUninitialize();
cleanupCrash:
    CrashUninitialize();
    return status;
}

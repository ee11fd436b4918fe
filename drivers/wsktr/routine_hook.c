#include "hooks.h"

#pragma comment(linker, "/export:MmGetSystemRoutineAddress=OwnGetSystemRoutineAddress")

static const struct {
    PCWSTR Name;
    PVOID Routine;
} Hooked[] = {
    {L"KeWaitForSingleObject", OwnWaitForSingleObject},
    {L"KeWaitForMultipleObjects", OwnWaitForMultipleObjects},
    {L"KeDelayExecutionThread", OwnDelayExecutionThread},
    {L"IoAllocateIrp", OwnAllocateIrp},
    {L"IoFreeIrp", OwnFreeIrp},
    {L"IoReuseIrp", OwnReuseIrp},
    {L"IoAllocateMdl", OwnAllocateMdl},
    {L"IoFreeMdl", OwnFreeMdl},
    {L"ExAllocatePool", OwnAllocatePool},
    {L"ExAllocatePoolWithTag", OwnAllocatePoolWithTag},
    {L"ExAllocatePoolWithQuotaTag", OwnAllocatePoolWithQuotaTag},
    {L"ExAllocatePool2", OwnAllocatePool2},
    {L"ExFreePool", OwnFreePool},
    {L"ExFreePoolWithTag", OwnFreePoolWithTag},
};

PVOID NTAPI OwnGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName)
{
    const PVOID Real = MmGetSystemRoutineAddress(SystemRoutineName);
    UNICODE_STRING Name;
    ULONG Index;

    /* What the system does not have, a driver must not find here either. */
    for (Index = 0; Real != NULL && Index < ARRAYSIZE(Hooked); ++Index) {
        RtlInitUnicodeString(&Name, Hooked[Index].Name);
        if (RtlEqualUnicodeString(&Name, SystemRoutineName, FALSE)) {
            return Hooked[Index].Routine;
        }
    }
    return Real;
}

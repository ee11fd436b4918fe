#include "host.h"

#include "trace.h"

HOST Host;

static PVOID Find(PCWSTR Name)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    return MmGetSystemRoutineAddress(&String);
}

static VOID RecordCrash(ULONG Code, ULONG Access, PVOID Address, PVOID Target, const char *Module,
                        ULONGLONG Offset)
{
    TRACE_CRASH Record = {.code = Code,
                          .access = Access,
                          .address = AS_U64(Address),
                          .target = AS_U64(Target),
                          .offset = Offset};
    SIZE_T Index;

    for (Index = 0; Module != NULL && Module[Index] != 0 && Index < sizeof(Record.module.text) - 1; ++Index) {
        Record.module.text[Index] = Module[Index];
    }
    TraceWrite(TRACE_ID_CRASH, &Record.header, sizeof(Record), TRACE_SIDE_BOTH);
}

_Use_decl_annotations_ VOID HostInitialize(VOID)
{
    Host.GetIrql = Find(L"NtsupGetIrql");
    Host.SetIrql = Find(L"NtsupSetIrql");
    Host.SetCrashRoutine = Find(L"NtsupSetCrashRoutine");
    Host.ContiguousMemoryName = Find(L"NtsupContiguousMemoryName");
    Host.AllocatePool2 = Find(L"ExAllocatePool2");
    if (Host.SetCrashRoutine != NULL) {
        Host.SetCrashRoutine(RecordCrash);
    }
}

_Use_decl_annotations_ BOOLEAN HostLowerIrql(KIRQL *OldIrql)
{
    *OldIrql = TraceIrql();
    if (*OldIrql != PASSIVE_LEVEL && Host.SetIrql != NULL) {
        Host.SetIrql(PASSIVE_LEVEL);
        return TRUE;
    }
    return *OldIrql == PASSIVE_LEVEL;
}

VOID HostRestoreIrql(KIRQL OldIrql)
{
    if (OldIrql != PASSIVE_LEVEL && Host.SetIrql != NULL) {
        Host.SetIrql(OldIrql);
    }
}

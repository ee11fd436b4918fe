/**
 * The simulated IRQL. x64 headers read and write it in CR8, which faults in a user process; the vectored
 * handler here is the newest, sees the fault first and serves it from a TLS slot. About 4 us each: code that
 * can, calls NtsupGetIrql.
 */
#include "ntsup.h"

#define TEB_TLS_SLOTS 0x1480
#define TLS_SLOTS_IN_TEB 64
#define CR8 8

/* What the slot holds beside the IRQL: in a new thread Wine leaves there what an ended one had. */
#define IRQL_MARK 0x4c524900ull

static ULONG IrqlOffset; /* of this module's TLS slot, from GS */
static PVOID HandlerHandle;

KIRQL NTAPI NtsupGetIrql(VOID)
{
    const ULONG64 value = __readgsqword(IrqlOffset);
    return (value & ~0xffull) == IRQL_MARK ? (KIRQL)value : PASSIVE_LEVEL;
}

VOID NTAPI NtsupSetIrql(KIRQL Irql)
{
    __writegsqword(IrqlOffset, IRQL_MARK | Irql);
}

/* MOV r64, CRn is [REX] 0F 20 /r and MOV CRn, r64 is [REX] 0F 22 /r: n in ModRM.reg, the register in
 * ModRM.rm. */
static LONG NTAPI ServeCr8(EXCEPTION_POINTERS *Pointers)
{
    CONTEXT *context = Pointers->ContextRecord;
    if (Pointers->ExceptionRecord->ExceptionCode != STATUS_PRIVILEGED_INSTRUCTION) {
        return HOST_CONTINUE_SEARCH;
    }
    const UCHAR *code = (const UCHAR *)context->Rip;
    UCHAR rex = (code[0] & 0xf0) == 0x40 ? *code++ : 0;
    if (code[0] != 0x0f || (code[1] != 0x20 && code[1] != 0x22)) {
        return HOST_CONTINUE_SEARCH;
    }
    ULONG control = (code[2] >> 3 & 7) | (rex & 4) << 1;
    ULONG general = (code[2] & 7) | (rex & 1) << 3;
    if (control != CR8) {
        return HOST_CONTINUE_SEARCH;
    }
    ULONG64 *value = &context->Rax + general; /* CONTEXT has them in the order of their numbers */
    if (code[1] == 0x20) {
        *value = NtsupGetIrql();
    } else {
        NtsupSetIrql((KIRQL)*value);
    }
    context->Rip = (ULONG64)(code + 3);
    return HOST_CONTINUE_EXECUTION;
}

NTSTATUS IrqlInitialize(VOID)
{
    ULONG slot = TlsAlloc();
    if (slot >= TLS_SLOTS_IN_TEB) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    IrqlOffset = TEB_TLS_SLOTS + slot * sizeof(PVOID);
    HandlerHandle = AddVectoredExceptionHandler(TRUE, ServeCr8);
    return HandlerHandle != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

VOID IrqlUninitialize(VOID)
{
    RemoveVectoredExceptionHandler(HandlerHandle);
}

KIRQL NTAPI SupKfRaiseIrql(KIRQL NewIrql);
KIRQL NTAPI SupKfRaiseIrql(KIRQL NewIrql)
{
    KIRQL old = NtsupGetIrql();
    if (NewIrql < old) {
        BUGCHECK(IRQL_NOT_GREATER_OR_EQUAL, NewIrql, 0);
    }
    NtsupSetIrql(NewIrql);
    return old;
}

VOID NTAPI SupKfLowerIrql(KIRQL NewIrql);
VOID NTAPI SupKfLowerIrql(KIRQL NewIrql)
{
    if (NewIrql > NtsupGetIrql()) {
        BUGCHECK(IRQL_NOT_LESS_OR_EQUAL, NewIrql, 0);
    }
    NtsupSetIrql(NewIrql);
}

KIRQL NTAPI SupKeRaiseIrqlToDpcLevel(VOID);
KIRQL NTAPI SupKeRaiseIrqlToDpcLevel(VOID)
{
    return SupKfRaiseIrql(DISPATCH_LEVEL);
}

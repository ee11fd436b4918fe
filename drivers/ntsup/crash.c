/**
 * A driver's fault ends the driver host, as a bugcheck ends Windows: a line on the console, the crash routine
 * (the recorder writes its last record), exit code = the exception's or bugcheck's. Or it ends the whole
 * guest, where that would leave a dump: see panic.c.
 *
 * Exceptions are ordinary events in this process (CR8, Wine's own probing): one is a crash when no frame
 * between the fault and the driver's caller could handle it, which the vectored handler finds out by
 * unwinding a copy of the context. What gets through that meets the unhandled-exception filter.
 */
#include "ntsup.h"

#include <ntimage.h>

#define FRAMES 64
#define MODULE_CHARS 64
#define TEB_EXCEPTION_LIST 0x0
#define NO_FRAME ((ULONG64)-1)
#define SUBSYSTEM_NATIVE 1

static NTSUP_CRASH_ROUTINE volatile CrashRoutine;
static volatile LONG Crashing;
static PVOID HandlerHandle;
static HOST_EXCEPTION_HANDLER PreviousFilter;

VOID NTAPI NtsupSetCrashRoutine(NTSUP_CRASH_ROUTINE Routine)
{
    CrashRoutine = Routine;
}

/* Last part of the path of the module that contains Address; "?" when none does. */
static PVOID NameModule(PVOID Address, CHAR *Name)
{
    CHAR path[260];
    PVOID base = NULL;
    Name[0] = '?';
    Name[1] = 0;
    if (RtlPcToFileHeader(Address, &base) == NULL) {
        return NULL;
    }
    ULONG length = GetModuleFileNameA(base, path, sizeof(path));
    ULONG start = length;
    while (start > 0 && path[start - 1] != '\\') {
        --start;
    }
    ULONG count = min(length - start, MODULE_CHARS - 1);
    RtlCopyMemory(Name, path + start, count);
    Name[count] = 0;
    return base;
}

/* As Windows would put it. The supplement's own checks have parameters in the order of
 * IRQL_NOT_LESS_OR_EQUAL. */
static STOP StopOf(ULONG Code, ULONG Access, PVOID Address, PVOID Target)
{
    const ULONG64 irql = NtsupGetIrql();
    if (Code == BAD_POOL_CALLER) {
        return (STOP){Code, {Access, (ULONG64)Target, 0, 0}};
    }
    if (!NT_ERROR(Code) && Code != (ULONG)STATUS_BREAKPOINT && Code != (ULONG)STATUS_DATATYPE_MISALIGNMENT) {
        return (STOP){Code, {(ULONG64)Target, irql, Access, (ULONG64)Address}};
    }
    if (Code == (ULONG)STATUS_ACCESS_VIOLATION && irql >= DISPATCH_LEVEL) {
        return (STOP){DRIVER_IRQL_NOT_LESS_OR_EQUAL, {(ULONG64)Target, irql, Access, (ULONG64)Address}};
    }
    return (STOP){KMODE_EXCEPTION_NOT_HANDLED,
                  {(ULONG64)(LONG64)(LONG)Code, (ULONG64)Address, Access, (ULONG64)Target}};
}

static DECLSPEC_NORETURN VOID BugCheckWith(const STOP *Stop, ULONG Code, ULONG Access, PVOID Address,
                                           PVOID Target)
{
    CHAR module[MODULE_CHARS];
    LONG first = InterlockedCompareExchange(&Crashing, (LONG)GetCurrentThreadId(), 0);
    if (first == (LONG)GetCurrentThreadId()) {
        TerminateProcess((HANDLE)-1, Code); /* a fault in the crash routine */
    }
    while (first != 0) {
        Sleep(HOST_INFINITE); /* another thread is reporting its fault */
    }
    PUCHAR base = NameModule(Address, module);
    ULONGLONG offset = (ULONGLONG)((PUCHAR)Address - base);
    ConsolePrint("ntsup: crash 0x%x in %s+0x%I64x, address %p, access %u of %p, irql %u, thread %u\n", Code,
                 module, offset, Address, Access, Target, NtsupGetIrql(), GetCurrentThreadId());
    NTSUP_CRASH_ROUTINE routine = CrashRoutine;
    if (routine != NULL) {
        routine(Code, Access, Address, Target, module, offset);
    }
    PanicIfWanted(Stop);
    TerminateProcess((HANDLE)-1, Code);
    for (;;) {
        Sleep(HOST_INFINITE);
    }
}

DECLSPEC_NORETURN VOID BugCheck(ULONG Code, ULONG Access, PVOID Address, PVOID Target)
{
    const STOP stop = StopOf(Code, Access, Address, Target);
    BugCheckWith(&stop, Code, Access, Address, Target);
}

static DECLSPEC_NORETURN VOID BugCheckFor(EXCEPTION_RECORD *Record, PVOID Culprit)
{
    ULONG access = 0;
    PVOID target = NULL;
    if (Record->ExceptionCode == STATUS_ACCESS_VIOLATION && Record->NumberParameters >= 2) {
        access = (ULONG)Record->ExceptionInformation[0];
        target = (PVOID)Record->ExceptionInformation[1];
    }
    BugCheck((ULONG)Record->ExceptionCode, access, Culprit, target);
}

/* A driver is a native image that is not Wine's own ("Wine builtin DLL" stands after the DOS header). */
static BOOLEAN IsDriver(PVOID Base)
{
    static const CHAR builtin[] = "Wine builtin DLL";
    const IMAGE_DOS_HEADER *dos = Base;
    const IMAGE_NT_HEADERS64 *headers = (PVOID)((PUCHAR)Base + dos->e_lfanew);
    return RtlCompareMemory((PUCHAR)Base + sizeof(IMAGE_DOS_HEADER), builtin, sizeof(builtin) - 1) !=
               sizeof(builtin) - 1 &&
           headers->OptionalHeader.Subsystem == SUBSYSTEM_NATIVE;
}

/*
 * Whether the fault is a driver's and nothing can handle it. *Culprit is then the first address in a driver:
 * the faulting instruction, or the call that led to it.
 */
static DECLSPEC_NOINLINE BOOLEAN IsCrash(const CONTEXT *Fault, PVOID *Culprit)
{
    CONTEXT context = *Fault;
    ULONG64 list = __readgsqword(TEB_EXCEPTION_LIST); /* Wine's own handlers: a list of frames on the stack */
    BOOLEAN inDriver = FALSE;
    for (ULONG frame = 0; frame < FRAMES && (frame == 0 || context.Rip != 0); ++frame) {
        PVOID base = NULL;
        BOOLEAN known = RtlPcToFileHeader((PVOID)context.Rip, &base) != NULL;
        BOOLEAN driver = known && IsDriver(base);
        if (driver && !inDriver) {
            inDriver = TRUE;
            *Culprit = (PVOID)context.Rip;
        }
        if (inDriver && known && !driver) {
            return TRUE; /* back in the host: no frame of a driver had a handler */
        }

        ULONG64 imageBase = 0;
        PVOID handlerData = NULL;
        ULONG64 establisher = 0;
        PVOID function = known ? RtlLookupFunctionEntry(context.Rip, &imageBase, NULL) : NULL;
        if (function == NULL) {
            context.Rip = *(ULONG64 *)context.Rsp; /* a leaf, or a jump to nowhere */
            context.Rsp += sizeof(ULONG64);
        } else if (RtlVirtualUnwind(HOST_UNWIND_HANDLER, imageBase, context.Rip, function, &context,
                                    &handlerData, &establisher, NULL) != NULL) {
            return FALSE;
        }
        if (!inDriver && list != NO_FRAME && list < context.Rsp) {
            return FALSE; /* Wine was prepared for it */
        }
    }
    return inDriver;
}

/* A stack overflow leaves less stack than a report takes: it is made on a thread that waits for the occasion.
 */
static EXCEPTION_POINTERS *volatile Overflow;

static ULONG NTAPI OverflowThread(PVOID Parameter)
{
    EXCEPTION_POINTERS *none = NULL;
    UNREFERENCED_PARAMETER(Parameter);
    while (Overflow == NULL) {
        RtlWaitOnAddress((const VOID *)&Overflow, &none, sizeof(none), NULL);
    }
    BugCheckFor(Overflow->ExceptionRecord, (PVOID)Overflow->ContextRecord->Rip);
}

static LONG NTAPI OnException(EXCEPTION_POINTERS *Pointers)
{
    PVOID culprit = NULL;
    if (Crashing == (LONG)GetCurrentThreadId()) {
        TerminateProcess((HANDLE)-1, (ULONG)Pointers->ExceptionRecord->ExceptionCode);
    }
    switch (Pointers->ExceptionRecord->ExceptionCode) {
    case STATUS_ACCESS_VIOLATION:
    case STATUS_IN_PAGE_ERROR:
    case STATUS_ILLEGAL_INSTRUCTION:
    case STATUS_PRIVILEGED_INSTRUCTION:
    case STATUS_INTEGER_DIVIDE_BY_ZERO:
    case STATUS_DATATYPE_MISALIGNMENT:
    case STATUS_BREAKPOINT:
        break;
    case STATUS_STACK_OVERFLOW:
        Overflow = Pointers;
        RtlWakeAddressAll((const VOID *)&Overflow);
        Sleep(HOST_INFINITE);
        break;
    default:
        return HOST_CONTINUE_SEARCH;
    }
    if (IsCrash(Pointers->ContextRecord, &culprit)) {
        BugCheckFor(Pointers->ExceptionRecord, culprit);
    }
    return HOST_CONTINUE_SEARCH;
}

static LONG NTAPI OnUnhandled(EXCEPTION_POINTERS *Pointers)
{
    BugCheckFor(Pointers->ExceptionRecord, (PVOID)Pointers->ContextRecord->Rip);
}

/* Before IrqlInitialize: the handler added last is asked first, and CR8 is by far the commonest. */
NTSTATUS CrashInitialize(VOID)
{
    PanicInitialize();
    HANDLE thread = CreateThread(NULL, 0, OverflowThread, NULL, 0, NULL);
    if (thread == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    CloseHandle(thread);
    HandlerHandle = AddVectoredExceptionHandler(TRUE, OnException);
    PreviousFilter = SetUnhandledExceptionFilter(OnUnhandled);
    return HandlerHandle != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

VOID CrashUninitialize(VOID)
{
    SetUnhandledExceptionFilter(PreviousFilter);
    RemoveVectoredExceptionHandler(HandlerHandle);
}

VOID NTAPI SupKeBugCheckEx(ULONG BugCheckCode, ULONG_PTR Parameter1, ULONG_PTR Parameter2,
                           ULONG_PTR Parameter3, ULONG_PTR Parameter4);
VOID NTAPI SupKeBugCheckEx(ULONG BugCheckCode, ULONG_PTR Parameter1, ULONG_PTR Parameter2,
                           ULONG_PTR Parameter3, ULONG_PTR Parameter4)
{
    ConsolePrint("ntsup: KeBugCheckEx(0x%x, %p, %p, %p, %p)\n", BugCheckCode, Parameter1, Parameter2,
                 Parameter3, Parameter4);
    const STOP stop = {BugCheckCode, {Parameter1, Parameter2, Parameter3, Parameter4}};
    BugCheckWith(&stop, BugCheckCode, 0, __builtin_return_address(0), (PVOID)Parameter1);
}

VOID NTAPI SupKeBugCheck(ULONG BugCheckCode);
VOID NTAPI SupKeBugCheck(ULONG BugCheckCode)
{
    const STOP stop = {BugCheckCode, {0}};
    BugCheckWith(&stop, BugCheckCode, 0, __builtin_return_address(0), NULL);
}

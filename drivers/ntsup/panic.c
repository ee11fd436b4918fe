/**
 * A bugcheck of the whole guest: where the system would write a dump and restart, as Windows' CrashControl
 * says it, the kernel below Wine panics, after it has been told the code. What it leaves in its log is all
 * that outlives it.
 */
#include <stdio.h>

#include "ntsup.h"

#define CRASH_CONTROL L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\CrashControl"
#define LINE_CHARS 160
#define LINUX_WRITE 1
#define LINUX_OPEN 2
#define LINUX_WRITE_ONLY 1

static BOOLEAN IsWanted;

static ULONG CrashControl(HANDLE Key, PCWSTR Name)
{
    struct {
        KEY_VALUE_PARTIAL_INFORMATION Information;
        ULONG Room;
    } value;
    UNICODE_STRING name;
    ULONG length = 0;

    RtlInitUnicodeString(&name, Name);
    if (!NT_SUCCESS(
            ZwQueryValueKey(Key, &name, KeyValuePartialInformation, &value, sizeof(value), &length)) ||
        value.Information.Type != REG_DWORD) {
        return 0;
    }
    return *(ULONG UNALIGNED *)value.Information.Data;
}

/* Once, as Windows does at its start: where it would be asked for later, nothing can be asked any more. */
VOID PanicInitialize(VOID)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    HANDLE key;

    RtlInitUnicodeString(&name, CRASH_CONTROL);
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    if (NT_SUCCESS(ZwOpenKey(&key, KEY_READ, &attributes))) {
        IsWanted = CrashControl(key, L"CrashDumpEnabled") != 0 && CrashControl(key, L"AutoReboot") == 1;
        ZwClose(key);
    }
}

/* Past Wine, whose locks the thread may hold. Negative: an errno. */
static LONG64 LinuxCall(LONG64 Number, LONG64 First, LONG64 Second, LONG64 Third)
{
    __asm__ volatile("syscall" : "+a"(Number) : "D"(First), "S"(Second), "d"(Third) : "rcx", "r11", "memory");
    return Number;
}

static VOID Write(const CHAR *Path, const CHAR *Text, SIZE_T Length)
{
    const LONG64 file = LinuxCall(LINUX_OPEN, (LONG64)Path, LINUX_WRITE_ONLY, 0);
    if (file >= 0) {
        LinuxCall(LINUX_WRITE, file, (LONG64)Text, (LONG64)Length);
    }
}

VOID PanicIfWanted(const STOP *Stop)
{
    CHAR line[LINE_CHARS];
    if (!IsWanted) {
        return;
    }
    /* <0>: the most urgent line that there is. See images/stand-in/tools/savedump.c. */
    INT length =
        _snprintf(line, sizeof(line), "<0>wsklab: bugcheck %x %I64x %I64x %I64x %I64x\n", Stop->Code,
                  Stop->Parameters[0], Stop->Parameters[1], Stop->Parameters[2], Stop->Parameters[3]);
    if (length > 0) {
        Write("/dev/kmsg", line, (SIZE_T)length);
    }
    Write("/proc/sysrq-trigger", "c", 1);
}

#include "clock.h"

/* 100 ns intervals between 1601-01-01 (FILETIME) and 1970-01-01, and in a second. */
#define UNIX_EPOCH_FILETIME 116444736000000000ull
#define TICKS_PER_SECOND 10000000ull

/* Linux, x86-64. */
#define LINUX_CLOCK_SETTIME 227
#define LINUX_CLOCK_REALTIME 0
struct linux_timespec {
    long long seconds, nanoseconds;
};

/*
 * Wine 8.0's NtSetSystemTime never sets a clock: it compares, and refuses a difference of more than half a
 * second. The agent is a process of the guest's Linux with all rights there, so it asks the kernel itself.
 */
static DWORD SetLinuxClock(unsigned long long unix_time)
{
    const struct linux_timespec time = {.seconds = (long long)(unix_time / TICKS_PER_SECOND),
                                        .nanoseconds = (long long)(unix_time % TICKS_PER_SECOND) * 100};
    long long result = LINUX_CLOCK_SETTIME;

    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long long)LINUX_CLOCK_REALTIME), "S"(&time)
                     : "rcx", "r11", "memory");
    return result == 0 ? ERROR_SUCCESS : ERROR_PRIVILEGE_NOT_HELD;
}

static bool IsWine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

DWORD SetClock(unsigned long long unix_time)
{
    const unsigned long long time = unix_time + UNIX_EPOCH_FILETIME;
    const FILETIME file_time = {.dwLowDateTime = (DWORD)time, .dwHighDateTime = (DWORD)(time >> 32)};
    SYSTEMTIME system_time;

    if (IsWine()) {
        return SetLinuxClock(unix_time);
    }
    if (!FileTimeToSystemTime(&file_time, &system_time) || !SetSystemTime(&system_time)) {
        return GetLastError();
    }
    return ERROR_SUCCESS;
}

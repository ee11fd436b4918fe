#include "clock.h"

#include "linux.h"

/* 100 ns intervals between 1601-01-01 (FILETIME) and 1970-01-01, and in a second. */
#define UNIX_EPOCH_FILETIME 116444736000000000ull
#define TICKS_PER_SECOND 10000000ull

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

    return LinuxCall(LINUX_CLOCK_SETTIME, LINUX_CLOCK_REALTIME, (long long)&time, 0) == 0
               ? ERROR_SUCCESS
               : ERROR_PRIVILEGE_NOT_HELD;
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

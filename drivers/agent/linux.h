/* Calls of the Linux below Wine, x86-64: what Wine has no Windows function for. Nothing else knows of it. */
#ifndef AGENT_LINUX_H
#define AGENT_LINUX_H

#include <stdbool.h>
#include <windows.h>

#define LINUX_WRITE 1
#define LINUX_OPEN 2
#define LINUX_CLOSE 3
#define LINUX_IOCTL 16
#define LINUX_CLOCK_SETTIME 227

/* Whether this is Wine. */
static inline bool IsWine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

/* Negative: the negative of an errno. */
static inline long long LinuxCall(long long number, long long first, long long second, long long third)
{
    __asm__ volatile("syscall" : "+a"(number) : "D"(first), "S"(second), "d"(third) : "rcx", "r11", "memory");
    return number;
}

#endif

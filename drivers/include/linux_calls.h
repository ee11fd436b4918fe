/*
 * Calls of the Linux below Wine, x86-64: what Wine has no Windows function for, or one that goes through
 * another process (wineserver) where the kernel itself would answer. For programs and drivers of the
 * reference guest.
 */
#ifndef LAB_LINUX_H
#define LAB_LINUX_H

enum {
    LINUX_READ = 0,
    LINUX_WRITE = 1,
    LINUX_OPEN = 2,
    LINUX_CLOSE = 3,
    LINUX_POLL = 7,
    LINUX_IOCTL = 16,
    LINUX_SENDTO = 44,
    LINUX_RECVFROM = 45,
    LINUX_SHUTDOWN = 48,
    LINUX_BIND = 49,
    LINUX_LISTEN = 50,
    LINUX_GETSOCKNAME = 51,
    LINUX_GETPEERNAME = 52,
    LINUX_SETSOCKOPT = 54,
    LINUX_GETSOCKOPT = 55,
    LINUX_SOCKET = 41,
    LINUX_CLOCK_SETTIME = 227,
    LINUX_ACCEPT4 = 288,
    LINUX_EVENTFD2 = 290,
};

/* Negative: the negative of an errno. */
static inline long long LinuxCall6(long long number, long long first, long long second, long long third,
                                   long long fourth, long long fifth, long long sixth)
{
    register long long r10 __asm__("r10") = fourth;
    register long long r8 __asm__("r8") = fifth;
    register long long r9 __asm__("r9") = sixth;

    __asm__ volatile("syscall"
                     : "+a"(number)
                     : "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return number;
}

static inline long long LinuxCall(long long number, long long first, long long second, long long third)
{
    return LinuxCall6(number, first, second, third, 0, 0, 0);
}

#endif

/*
 * By system calls of the guest's Linux, and not by Wine's ws2_32: there each call is two or more messages to
 * another process, which under an emulator are a hundred times as expensive as what they ask for.
 */
#include <windows.h>

#include "../include/linux_calls.h"
#include "endpoint.h"

/* What a listener lets wait that nobody accepts; its documentation names no number. */
#define LISTEN_BACKLOG 200
#define MAX_POLLED 1024

/* Linux's numbers (x86-64), in the words of its headers. */
enum {
    LX_AF_INET6 = 10,
    LX_SOCK_STREAM = 1,
    LX_NONBLOCK = 0x800,
    LX_CLOEXEC = 0x80000,
    LX_MSG_PEEK = 2,
    LX_MSG_NOSIGNAL = 0x4000,
    LX_SHUT_WR = 1,
    LX_SOL_SOCKET = 1,
    LX_SO_REUSEADDR = 2,
    LX_SO_RCVBUF = 8,
    LX_SO_KEEPALIVE = 9,
    LX_SO_LINGER = 13,
    LX_IPPROTO_TCP = 6,
    LX_TCP_NODELAY = 1,
    LX_TCP_INFO = 11,
    LX_IPPROTO_IPV6 = 41,
    LX_IPV6_V6ONLY = 26,
    LX_POLLIN = 1,
    LX_POLLOUT = 4,
    LX_POLLERR = 8,
    LX_POLLHUP = 16,
    LX_POLLNVAL = 32,
    LX_EINTR = 4,
    LX_EAGAIN = 11,
    LX_EACCES = 13,
    LX_EFAULT = 14,
    LX_EINVAL = 22,
    LX_EPIPE = 32,
    LX_ENOPROTOOPT = 92,
    LX_EPROTONOSUPPORT = 93,
    LX_EAFNOSUPPORT = 97,
    LX_EADDRINUSE = 98,
    LX_EADDRNOTAVAIL = 99,
    LX_ENETRESET = 102,
    LX_ECONNABORTED = 103,
    LX_ECONNRESET = 104,
    LX_ENOTCONN = 107,
    LX_ESHUTDOWN = 108,
    LX_ETIMEDOUT = 110,
};

/* The states of TCP_INFO in which our FIN, once sent, is not acknowledged. */
enum {
    LX_TCP_ESTABLISHED = 1,
    LX_TCP_FIN_WAIT1 = 4,
    LX_TCP_CLOSE_WAIT = 8,
    LX_TCP_LAST_ACK = 9,
    LX_TCP_CLOSING = 11,
};

/* Winsock's. */
enum {
    WS_AF_INET6 = 23,
    WS_SOL_SOCKET = 0xffff,
    WS_SO_KEEPALIVE = 8,
    WS_SO_RCVBUF = 0x1002,
    WS_IPV6_V6ONLY = 27,
};

typedef struct LINUX_POLLFD {
    int Descriptor;
    short Events, Returned;
} LINUX_POLLFD;

static long long WakeDescriptor;
static SRWLOCK Lock = SRWLOCK_INIT;

/* Whether EndpointsPoll blocks, or is to: EndpointsWake writes to the descriptor only then. */
enum {
    POLL_IS_BUSY,
    POLL_SLEEPS,
    POLL_IS_WOKEN
};
static volatile LONG PollState;

/* Remembers the error for EndpointError. */
static long long Noted(long long result)
{
    if (result < 0) {
        SetLastError((DWORD)-result);
    }
    return result;
}

bool EndpointsInitialize(void)
{
    WakeDescriptor = LinuxCall(LINUX_EVENTFD2, 0, LX_NONBLOCK | LX_CLOEXEC, 0);
    return WakeDescriptor >= 0;
}

void EndpointsWake(void)
{
    static const long long one = 1;

    if (InterlockedExchange(&PollState, POLL_IS_WOKEN) == POLL_SLEEPS) {
        LinuxCall(LINUX_WRITE, WakeDescriptor, (long long)&one, sizeof one);
    }
}

void EndpointsPoll(ENDPOINT_POLL *Entries, unsigned Count, int TimeoutMs)
{
    static LINUX_POLLFD polled[MAX_POLLED + 1];
    long long ready;

    if (Count > MAX_POLLED) {
        Count = MAX_POLLED;
    }
    polled[0] = (LINUX_POLLFD){.Descriptor = (int)WakeDescriptor, .Events = LX_POLLIN};
    for (unsigned i = 0; i < Count; i++) {
        polled[i + 1] = (LINUX_POLLFD){.Descriptor = (int)Entries[i].Endpoint,
                                       .Events = (short)((Entries[i].WantRead ? LX_POLLIN : 0) |
                                                         (Entries[i].WantWrite ? LX_POLLOUT : 0))};
    }
    if (InterlockedCompareExchange(&PollState, POLL_SLEEPS, POLL_IS_BUSY) != POLL_IS_BUSY) {
        TimeoutMs = 0; /* woken since the entries were chosen */
    }
    ready = LinuxCall(LINUX_POLL, (long long)polled, Count + 1, TimeoutMs);
    InterlockedExchange(&PollState, POLL_IS_BUSY);
    if (ready > 0 && polled[0].Returned != 0) {
        long long drained;

        LinuxCall(LINUX_READ, WakeDescriptor, (long long)&drained, sizeof drained);
    }
    for (unsigned i = 0; i < Count; i++) {
        const short events = ready > 0 ? polled[i + 1].Returned : 0;

        Entries[i].Readable = Entries[i].WantRead && (events & (LX_POLLIN | LX_POLLHUP | LX_POLLERR)) != 0;
        Entries[i].Writable = Entries[i].WantWrite && (events & (LX_POLLOUT | LX_POLLERR)) != 0;
        Entries[i].Failed = (events & (LX_POLLERR | LX_POLLNVAL)) != 0;
    }
}

static bool SetFlag(ENDPOINT endpoint, int level, int name)
{
    const int on = 1;

    return LinuxCall6(LINUX_SETSOCKOPT, (long long)endpoint, level, name, (long long)&on, sizeof on, 0) == 0;
}

ENDPOINT EndpointCreate(unsigned short Family)
{
    const bool inet6 = Family == WS_AF_INET6;
    const long long made = Noted(LinuxCall(LINUX_SOCKET, inet6 ? LX_AF_INET6 : Family,
                                           LX_SOCK_STREAM | LX_NONBLOCK | LX_CLOEXEC, LX_IPPROTO_TCP));

    if (made < 0) {
        return NO_ENDPOINT;
    }
    /* Below is a POSIX stack: without it a port stays taken while old connections are in TIME_WAIT. */
    SetFlag((ENDPOINT)made, LX_SOL_SOCKET, LX_SO_REUSEADDR);
    if (inet6) {
        SetFlag((ENDPOINT)made, LX_IPPROTO_IPV6, LX_IPV6_V6ONLY);
    }
    return (ENDPOINT)made;
}

/* SOCKADDR_IN and SOCKADDR_IN6 are the same bytes in both worlds, but for the family's number of the second.
 */
typedef struct ADDRESS {
    unsigned short Family;
    unsigned char Rest[ENDPOINT_ADDRESS_BYTES - sizeof(unsigned short)];
} ADDRESS;

#define INET_ADDRESS_BYTES 16

bool EndpointBind(ENDPOINT Endpoint, const void *Address)
{
    const bool inet6 = ((const ADDRESS *)Address)->Family == WS_AF_INET6;
    const size_t size = inet6 ? ENDPOINT_ADDRESS_BYTES : INET_ADDRESS_BYTES;
    ADDRESS address;

    memcpy(&address, Address, size);
    if (inet6) {
        address.Family = LX_AF_INET6;
    }
    return Noted(LinuxCall(LINUX_BIND, (long long)Endpoint, (long long)&address, (long long)size)) == 0;
}

bool EndpointListen(ENDPOINT Endpoint)
{
    return Noted(LinuxCall(LINUX_LISTEN, (long long)Endpoint, LISTEN_BACKLOG, 0)) == 0;
}

ENDPOINT EndpointAccept(ENDPOINT Listener)
{
    const long long made =
        Noted(LinuxCall6(LINUX_ACCEPT4, (long long)Listener, 0, 0, LX_NONBLOCK | LX_CLOEXEC, 0, 0));

    return made < 0 ? NO_ENDPOINT : (ENDPOINT)made;
}

static void GetAddress(long long call, ENDPOINT endpoint, ADDRESS *address)
{
    int size = ENDPOINT_ADDRESS_BYTES;

    if (LinuxCall(call, (long long)endpoint, (long long)address, (long long)&size) == 0 &&
        address->Family == LX_AF_INET6) {
        address->Family = WS_AF_INET6;
    }
}

void EndpointLocalAddress(ENDPOINT Endpoint, void *Address)
{
    GetAddress(LINUX_GETSOCKNAME, Endpoint, Address);
}

void EndpointRemoteAddress(ENDPOINT Endpoint, void *Address)
{
    GetAddress(LINUX_GETPEERNAME, Endpoint, Address);
}

static ENDPOINT_RESULT ResultOf(long long transferred)
{
    switch (-transferred) {
    case LX_EAGAIN:
    case LX_EINTR:
        return ENDPOINT_WOULD_BLOCK;
    case LX_ECONNRESET:
    case LX_ECONNABORTED:
    case LX_ENETRESET:
    case LX_ETIMEDOUT:
    case LX_ESHUTDOWN:
    case LX_EPIPE:
    case LX_ENOTCONN:
        return ENDPOINT_RESET;
    default:
        return transferred < 0 ? ENDPOINT_FAILED : ENDPOINT_DONE;
    }
}

static ENDPOINT_RESULT Receive(ENDPOINT endpoint, void *buffer, size_t size, int flags, size_t *received)
{
    const long long got = Noted(
        LinuxCall6(LINUX_RECVFROM, (long long)endpoint, (long long)buffer, (long long)size, flags, 0, 0));

    *received = got > 0 ? (size_t)got : 0;
    return got == 0 ? ENDPOINT_END : ResultOf(got);
}

ENDPOINT_RESULT EndpointReceive(ENDPOINT Endpoint, void *Buffer, size_t Size, size_t *Received)
{
    return Receive(Endpoint, Buffer, Size, 0, Received);
}

ENDPOINT_RESULT EndpointPeek(ENDPOINT Endpoint)
{
    size_t received;
    char byte;

    return Receive(Endpoint, &byte, 1, LX_MSG_PEEK, &received);
}

ENDPOINT_RESULT EndpointSend(ENDPOINT Endpoint, const void *Buffer, size_t Size, size_t *Sent)
{
    const long long put = Noted(LinuxCall6(LINUX_SENDTO, (long long)Endpoint, (long long)Buffer,
                                           (long long)Size, LX_MSG_NOSIGNAL, 0, 0));

    *Sent = put > 0 ? (size_t)put : 0;
    return ResultOf(put);
}

void EndpointShutdown(ENDPOINT Endpoint)
{
    LinuxCall(LINUX_SHUTDOWN, (long long)Endpoint, LX_SHUT_WR, 0);
}

bool EndpointEndIsAcknowledged(ENDPOINT Endpoint)
{
    unsigned char info[8] = {0}; /* the beginning of struct tcp_info: the state comes first */
    int size = sizeof info;

    if (LinuxCall6(LINUX_GETSOCKOPT, (long long)Endpoint, LX_IPPROTO_TCP, LX_TCP_INFO, (long long)info,
                   (long long)&size, 0) != 0) {
        return true;
    }
    switch (info[0]) {
    case LX_TCP_ESTABLISHED:
    case LX_TCP_CLOSE_WAIT:
    case LX_TCP_FIN_WAIT1:
    case LX_TCP_CLOSING:
    case LX_TCP_LAST_ACK:
        return false;
    default:
        return true;
    }
}

void EndpointClose(ENDPOINT Endpoint, bool Abortive)
{
    static const struct {
        int IsOn, Seconds;
    } at_once = {.IsOn = 1, .Seconds = 0};

    if (Abortive) {
        LinuxCall6(LINUX_SETSOCKOPT, (long long)Endpoint, LX_SOL_SOCKET, LX_SO_LINGER, (long long)&at_once,
                   sizeof at_once, 0);
    }
    LinuxCall(LINUX_CLOSE, (long long)Endpoint, 0, 0);
}

/* Linux's numbers for an option that options.c lets through; protocols and TCP_NODELAY are the same. */
static void TranslateOption(int *level, int *name)
{
    if (*level == WS_SOL_SOCKET) {
        *level = LX_SOL_SOCKET;
        *name = *name == WS_SO_RCVBUF ? LX_SO_RCVBUF : LX_SO_KEEPALIVE;
    } else if (*level == LX_IPPROTO_IPV6) {
        *name = LX_IPV6_V6ONLY;
    }
}

bool EndpointSetOption(ENDPOINT Endpoint, int Level, int Name, const void *Value, int Size)
{
    TranslateOption(&Level, &Name);
    return Noted(LinuxCall6(LINUX_SETSOCKOPT, (long long)Endpoint, Level, Name, (long long)Value, Size, 0)) ==
           0;
}

bool EndpointGetOption(ENDPOINT Endpoint, int Level, int Name, void *Value, int *Size)
{
    TranslateOption(&Level, &Name);
    if (Noted(LinuxCall6(LINUX_GETSOCKOPT, (long long)Endpoint, Level, Name, (long long)Value,
                         (long long)Size, 0)) != 0) {
        return false;
    }
    if (Level == LX_SOL_SOCKET && Name == LX_SO_RCVBUF) {
        *(int *)Value /= 2; /* Linux doubles what it is told, for its own bookkeeping: socket(7) */
    }
    return true;
}

long EndpointError(void)
{
    switch (GetLastError()) {
    case LX_EADDRINUSE:
        return (long)0xc000020a; /* STATUS_ADDRESS_ALREADY_EXISTS */
    case LX_EACCES:
        return (long)0xc0000022; /* STATUS_ACCESS_DENIED */
    case LX_EADDRNOTAVAIL:
        return (long)0xc0000141; /* STATUS_INVALID_ADDRESS */
    case LX_ECONNRESET:
        return (long)0xc000020d; /* STATUS_CONNECTION_RESET */
    case LX_ECONNABORTED:
        return (long)0xc0000241; /* STATUS_CONNECTION_ABORTED */
    case LX_ENOPROTOOPT:
    case LX_EAFNOSUPPORT:
    case LX_EPROTONOSUPPORT:
        return (long)0xc00000bb; /* STATUS_NOT_SUPPORTED */
    case LX_EINVAL:
    case LX_EFAULT:
        return (long)0xc000000d; /* STATUS_INVALID_PARAMETER */
    default:
        return (long)0xc000009a; /* STATUS_INSUFFICIENT_RESOURCES */
    }
}

void ProviderLock(void)
{
    AcquireSRWLockExclusive(&Lock);
}

void ProviderUnlock(void)
{
    ReleaseSRWLockExclusive(&Lock);
}

static DWORD WINAPI RunThread(void *routine)
{
    ((void (*)(void))routine)();
    return 0;
}

bool ProviderStartThread(void (*Routine)(void))
{
    const HANDLE thread = CreateThread(NULL, 0, RunThread, (void *)Routine, 0, NULL);

    if (thread == NULL) {
        return false;
    }
    CloseHandle(thread);
    return true;
}

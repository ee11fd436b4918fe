#include <winsock2.h>
#include <ws2tcpip.h>

#include "endpoint.h"
#include "tcp_table.h"

/* What a listener lets wait that nobody accepts; its documentation names no number. */
#define LISTEN_BACKLOG 200
#define MAX_POLLED 1024
#define TABLE_BYTES (1 << 18) /* some 1,700 connections */

static SOCKET WakeSocket = INVALID_SOCKET;
static SRWLOCK Lock = SRWLOCK_INIT;

/* A datagram socket that is connected to itself: EndpointsWake sends, EndpointsPoll sees. */
static bool OpenWakeSocket(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = sizeof address;
    u_long on = 1;

    WakeSocket = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    return WakeSocket != INVALID_SOCKET &&
           bind(WakeSocket, (struct sockaddr *)&address, sizeof address) == 0 &&
           getsockname(WakeSocket, (struct sockaddr *)&address, &size) == 0 &&
           connect(WakeSocket, (struct sockaddr *)&address, sizeof address) == 0 &&
           ioctlsocket(WakeSocket, FIONBIO, &on) == 0;
}

bool EndpointsInitialize(void)
{
    WSADATA data;

    return WSAStartup(MAKEWORD(2, 2), &data) == 0 && OpenWakeSocket();
}

void EndpointsWake(void)
{
    send(WakeSocket, "", 1, 0);
}

void EndpointsPoll(ENDPOINT_POLL *Entries, unsigned Count, int TimeoutMs)
{
    static WSAPOLLFD polled[MAX_POLLED + 1];
    char drained[64];

    if (Count > MAX_POLLED) {
        Count = MAX_POLLED;
    }
    polled[0] = (WSAPOLLFD){.fd = WakeSocket, .events = POLLRDNORM};
    for (unsigned i = 0; i < Count; i++) {
        polled[i + 1] = (WSAPOLLFD){.fd = (SOCKET)Entries[i].Endpoint,
                                    .events = (SHORT)((Entries[i].WantRead ? POLLRDNORM : 0) |
                                                      (Entries[i].WantWrite ? POLLWRNORM : 0))};
    }
    WSAPoll(polled, Count + 1, TimeoutMs);
    while (recv(WakeSocket, drained, sizeof drained, 0) > 0) {
    }
    for (unsigned i = 0; i < Count; i++) {
        const SHORT events = polled[i + 1].revents;

        Entries[i].Readable = Entries[i].WantRead && (events & (POLLRDNORM | POLLHUP | POLLERR)) != 0;
        Entries[i].Writable = Entries[i].WantWrite && (events & (POLLWRNORM | POLLERR)) != 0;
        Entries[i].Failed = (events & (POLLERR | POLLNVAL)) != 0;
    }
}

static ENDPOINT MakeNonBlocking(SOCKET socket)
{
    u_long on = 1;

    if (socket != INVALID_SOCKET) {
        ioctlsocket(socket, FIONBIO, &on);
    }
    return socket == INVALID_SOCKET ? NO_ENDPOINT : (ENDPOINT)socket;
}

ENDPOINT EndpointCreate(unsigned short Family)
{
    const SOCKET made = socket(Family, SOCK_STREAM, IPPROTO_TCP);
    BOOL on = TRUE;

    if (made != INVALID_SOCKET) {
        /* Below is a POSIX stack: without it a port stays taken while old connections are in TIME_WAIT. */
        setsockopt(made, SOL_SOCKET, SO_REUSEADDR, (const char *)&on, sizeof on);
        if (Family == AF_INET6) {
            setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&on, sizeof on);
        }
    }
    return MakeNonBlocking(made);
}

static int AddressSize(const void *Address)
{
    return ((const struct sockaddr *)Address)->sa_family == AF_INET6 ? (int)sizeof(struct sockaddr_in6)
                                                                     : (int)sizeof(struct sockaddr_in);
}

bool EndpointBind(ENDPOINT Endpoint, const void *Address)
{
    return bind((SOCKET)Endpoint, Address, AddressSize(Address)) == 0;
}

bool EndpointListen(ENDPOINT Endpoint)
{
    return listen((SOCKET)Endpoint, LISTEN_BACKLOG) == 0;
}

ENDPOINT EndpointAccept(ENDPOINT Listener)
{
    return MakeNonBlocking(accept((SOCKET)Listener, NULL, NULL));
}

void EndpointLocalAddress(ENDPOINT Endpoint, void *Address)
{
    int size = ENDPOINT_ADDRESS_BYTES;

    getsockname((SOCKET)Endpoint, Address, &size);
}

void EndpointRemoteAddress(ENDPOINT Endpoint, void *Address)
{
    int size = ENDPOINT_ADDRESS_BYTES;

    getpeername((SOCKET)Endpoint, Address, &size);
}

static ENDPOINT_RESULT ResultOfError(void)
{
    switch (WSAGetLastError()) {
    case WSAEWOULDBLOCK:
        return ENDPOINT_WOULD_BLOCK;
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAENETRESET:
    case WSAETIMEDOUT:
    case WSAESHUTDOWN:
    case WSAENOTCONN:
        return ENDPOINT_RESET;
    default:
        return ENDPOINT_FAILED;
    }
}

ENDPOINT_RESULT EndpointReceive(ENDPOINT Endpoint, void *Buffer, size_t Size, size_t *Received)
{
    const int got = recv((SOCKET)Endpoint, Buffer, (int)Size, 0);

    *Received = got > 0 ? (size_t)got : 0;
    return got > 0 ? ENDPOINT_DONE : got == 0 ? ENDPOINT_END : ResultOfError();
}

ENDPOINT_RESULT EndpointPeek(ENDPOINT Endpoint)
{
    char byte;
    const int got = recv((SOCKET)Endpoint, &byte, 1, MSG_PEEK);

    return got > 0 ? ENDPOINT_DONE : got == 0 ? ENDPOINT_END : ResultOfError();
}

ENDPOINT_RESULT EndpointSend(ENDPOINT Endpoint, const void *Buffer, size_t Size, size_t *Sent)
{
    const int put = send((SOCKET)Endpoint, Buffer, (int)Size, 0);

    *Sent = put > 0 ? (size_t)put : 0;
    return put >= 0 ? ENDPOINT_DONE : ResultOfError();
}

void EndpointShutdown(ENDPOINT Endpoint)
{
    shutdown((SOCKET)Endpoint, SD_SEND);
}

static char InetTable[TABLE_BYTES], Inet6Table[TABLE_BYTES];

static void ReadTable(const wchar_t *path, char *table)
{
    const HANDLE file =
        CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    DWORD filled = 0, got = 0;

    while (file != INVALID_HANDLE_VALUE && filled < TABLE_BYTES - 1 &&
           ReadFile(file, table + filled, TABLE_BYTES - 1 - filled, &got, NULL) && got != 0) {
        filled += got;
    }
    table[filled] = 0;
    if (file != INVALID_HANDLE_VALUE) {
        CloseHandle(file);
    }
}

void EndpointsLookAtStates(void)
{
    ReadTable(L"\\\\?\\unix\\proc\\net\\tcp", InetTable);
    ReadTable(L"\\\\?\\unix\\proc\\net\\tcp6", Inet6Table);
}

bool EndpointEndIsAcknowledged(const void *Local, const void *Remote)
{
    const bool inet6 = ((const struct sockaddr *)Local)->sa_family == AF_INET6;

    return TcpStateIsAcknowledged(TcpTableState(inet6 ? Inet6Table : InetTable, Local, Remote));
}

void EndpointClose(ENDPOINT Endpoint, bool Abortive)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (Abortive) {
        setsockopt((SOCKET)Endpoint, SOL_SOCKET, SO_LINGER, (const char *)&at_once, sizeof at_once);
    }
    closesocket((SOCKET)Endpoint);
}

bool EndpointSetOption(ENDPOINT Endpoint, int Level, int Name, const void *Value, int Size)
{
    return setsockopt((SOCKET)Endpoint, Level, Name, Value, Size) == 0;
}

bool EndpointGetOption(ENDPOINT Endpoint, int Level, int Name, void *Value, int *Size)
{
    return getsockopt((SOCKET)Endpoint, Level, Name, Value, Size) == 0;
}

long EndpointError(void)
{
    switch (WSAGetLastError()) {
    case WSAEADDRINUSE:
        return (long)0xc000020a; /* STATUS_ADDRESS_ALREADY_EXISTS */
    case WSAEACCES:
        return (long)0xc0000022; /* STATUS_ACCESS_DENIED */
    case WSAEADDRNOTAVAIL:
        return (long)0xc0000141; /* STATUS_INVALID_ADDRESS */
    case WSAECONNRESET:
        return (long)0xc000020d; /* STATUS_CONNECTION_RESET */
    case WSAECONNABORTED:
        return (long)0xc0000241; /* STATUS_CONNECTION_ABORTED */
    case WSAENOPROTOOPT:
    case WSAEAFNOSUPPORT:
    case WSAEPROTONOSUPPORT:
        return (long)0xc00000bb; /* STATUS_NOT_SUPPORTED */
    case WSAEINVAL:
    case WSAEFAULT:
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

/**
 * TCP by the guest's own stack: the provider's only door to Linux. Plain C types, because the user-mode
 * headers that endpoint.c needs and the kernel headers of the rest exclude each other. All sockets are
 * non-blocking. Families, levels and options have Winsock's numbers.
 *
 * Addresses are SOCKADDR_IN or SOCKADDR_IN6 by their bytes; every buffer for one holds
 * ENDPOINT_ADDRESS_BYTES.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef unsigned long long ENDPOINT;
#define NO_ENDPOINT (~0ull)
#define ENDPOINT_ADDRESS_BYTES 28

/** What a transfer came to. */
typedef enum ENDPOINT_RESULT {
    ENDPOINT_DONE,
    ENDPOINT_WOULD_BLOCK,
    ENDPOINT_END,    /* the peer's FIN */
    ENDPOINT_RESET,  /* the peer's RST, or the connection broke */
    ENDPOINT_FAILED, /* anything else: EndpointError tells */
} ENDPOINT_RESULT;

/** One entry of EndpointsPoll: in what is waited for, out what is there. */
typedef struct ENDPOINT_POLL {
    ENDPOINT Endpoint;
    void *Owner;
    bool WantRead, WantWrite;
    bool Readable, Writable, Failed;
} ENDPOINT_POLL;

/** Once per process. False: there is no network stack. */
bool EndpointsInitialize(void);

/** Waits until one of the entries is ready or EndpointsWake was called; at most TimeoutMs, -1: for ever. */
void EndpointsPoll(ENDPOINT_POLL *Entries, unsigned Count, int TimeoutMs);
void EndpointsWake(void);

/** A TCP socket of AF_INET or AF_INET6 (IPv6 only, until the option says otherwise). NO_ENDPOINT:
 * EndpointError. */
ENDPOINT EndpointCreate(unsigned short Family);
bool EndpointBind(ENDPOINT Endpoint, const void *Address);
bool EndpointListen(ENDPOINT Endpoint);
/** A waiting connection, or NO_ENDPOINT when there is none. */
ENDPOINT EndpointAccept(ENDPOINT Listener);
void EndpointLocalAddress(ENDPOINT Endpoint, void *Address);
void EndpointRemoteAddress(ENDPOINT Endpoint, void *Address);
ENDPOINT_RESULT EndpointReceive(ENDPOINT Endpoint, void *Buffer, size_t Size, size_t *Received);
/** ENDPOINT_DONE: there are bytes to read. */
ENDPOINT_RESULT EndpointPeek(ENDPOINT Endpoint);
ENDPOINT_RESULT EndpointSend(ENDPOINT Endpoint, const void *Buffer, size_t Size, size_t *Sent);
/** FIN behind everything sent. */
void EndpointShutdown(ENDPOINT Endpoint);
/** After our FIN was sent: the peer has it, and so all data before it. True as well when the stack does not
 * say. */
bool EndpointEndIsAcknowledged(ENDPOINT Endpoint);
/** Abortive: RST. */
void EndpointClose(ENDPOINT Endpoint, bool Abortive);
bool EndpointSetOption(ENDPOINT Endpoint, int Level, int Name, const void *Value, int Size);
bool EndpointGetOption(ENDPOINT Endpoint, int Level, int Name, void *Value, int *Size);
/** The NTSTATUS for the last failed call of this thread. */
long EndpointError(void);

/** One lock for all of the provider's state; never held while the driver is called. */
void ProviderLock(void);
void ProviderUnlock(void);

/** Runs `Routine` on a thread of its own, which never ends. */
bool ProviderStartThread(void (*Routine)(void));

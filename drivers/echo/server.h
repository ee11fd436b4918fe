/*
 * The whole: the registration with WSK, the settings, and the count of what is alive. Listeners, queued
 * accepts and connections count; the driver is unloaded when none is left.
 */
#ifndef SERVER_H
#define SERVER_H

#include "settings.h"

struct _LISTENER;

typedef struct _SERVER {
    SETTINGS Settings;
    WSK_PROVIDER_NPI Provider;
    struct _LISTENER *Listener; /* the worker's; NULL when closed */
    volatile BOOLEAN IsStopping;
    KSPIN_LOCK Lock;
    LIST_ENTRY Connections; /* CONNECTION.Link; Lock */
    volatile LONG Accepted; /* connections, since the driver was loaded */
    volatile LONG Rejected;
    volatile USHORT
        LastPort; /* of the peer whose connection was closed last, for a debugger; network order */
} SERVER;

extern SERVER Server;

/* Registers with WSK and opens the listener. */
_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS ServerStart(_In_ PUNICODE_STRING RegistryPath);

/* Closes everything, waits until it is gone, and deregisters. */
_IRQL_requires_(PASSIVE_LEVEL) VOID ServerStop(VOID);

_IRQL_requires_max_(DISPATCH_LEVEL) VOID ServerReference(VOID);
_IRQL_requires_max_(DISPATCH_LEVEL) VOID ServerDereference(VOID);

#endif

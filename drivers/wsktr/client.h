/*
 * One registration of a driver with WSK: the recorder stands on both sides of it. The driver gets a CLIENT as
 * its PWSK_CLIENT and the recorder's provider dispatch table; WSK gets the recorder's client dispatch table.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "recorder.h"

typedef struct _CLIENT {
    LIST_ENTRY Link;
    PWSK_REGISTRATION Block; /* the driver's; NULL: deregistered, this object can be used again */
    PVOID Context;
    PFN_WSK_CLIENT_EVENT ClientEvent;
    WSK_CLIENT_DISPATCH OwnDispatch; /* for WSK */
    PWSK_CLIENT Real;
    const WSK_PROVIDER_DISPATCH *RealDispatch;
    WSK_PROVIDER_DISPATCH Dispatch; /* for the driver */
    volatile LONG StaticEvents;
} CLIENT;

VOID ClientsInitialize(VOID);

/* The client that the driver means, or NULL. Any pointer may be asked about. */
_IRQL_requires_max_(DISPATCH_LEVEL) CLIENT *ClientFromDriver(_In_opt_ PWSK_CLIENT Client);

/* The recorder's table for a client whose provider has that one: as long, and NULL where it is NULL. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    ClientSetProvider(_Inout_ CLIENT *Client, _In_ const WSK_PROVIDER_NPI *Provider);

#endif

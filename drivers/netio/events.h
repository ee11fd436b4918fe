/** Which callbacks of a socket fire, and which are in progress. */
#pragma once

#include "socket.h"

/**
 * Begins a callback if it is enabled and the driver has a function for it: counts it and references the
 * socket. ProviderLock is held.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN EventBegin(_In_ SOCKET_OBJECT *Socket, _In_ EVENT_INDEX Event);

/** The callback came back. Completes disables that waited for it. ProviderLock is not held. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID EventEnd(_In_ SOCKET_OBJECT *Socket, _In_ EVENT_INDEX Event);

/** EventBegin would succeed. ProviderLock is held. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN
    EventIsOn(_In_ const SOCKET_OBJECT *Socket, _In_ EVENT_INDEX Event);

/** SO_WSK_EVENT_CALLBACK. */
_IRQL_requires_max_(DISPATCH_LEVEL) NTSTATUS
    EventsControl(_In_ SOCKET_OBJECT *Socket, _In_ const WSK_EVENT_CALLBACK_CONTROL *Control,
                  _Inout_opt_ PIRP Irp);

/** Flags for a callback at the current IRQL. */
ULONG EventFlags(VOID);

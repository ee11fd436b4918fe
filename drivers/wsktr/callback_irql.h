/*
 * dispatch-level: WSK may call back at any IRQL up to DISPATCH_LEVEL, and may or may not say so in Flags.
 * Arguments:
 *
 *     0  at DISPATCH_LEVEL, with WSK_FLAG_AT_DISPATCH_LEVEL
 *     1  at DISPATCH_LEVEL, without the flag
 *     2  at PASSIVE_LEVEL (where the recorder can: see HostLowerIrql)
 *
 * 0 to 2 concern WskAcceptEvent, 16 to 18 in the same way WskReceiveEvent and WskDisconnectEvent.
 */
#ifndef CALLBACK_IRQL_H
#define CALLBACK_IRQL_H

#include "event.h"

typedef enum _CALLBACK_GROUP {
    AcceptCallbacks,
    ConnectionCallbacks
} CALLBACK_GROUP;

typedef struct _CALLBACK_IRQL {
    BOOLEAN IsChanged; /* the driver's call has another IRQL or other Flags than WSK's */
    KIRQL Wanted;
    KIRQL Old;
    ULONG Flags; /* for the driver */
} CALLBACK_IRQL;

/* Decides, and records the decision. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    CallbackIrqlDecide(_Out_ CALLBACK_IRQL *Irql, _In_ const EVENT *Event, _In_ CALLBACK_GROUP Group,
                       _In_ ULONG Flags);

/* Around everything that is the driver's, its enter record included. */
VOID CallbackIrqlEnter(_Inout_ CALLBACK_IRQL *Irql);
VOID CallbackIrqlLeave(_In_ const CALLBACK_IRQL *Irql);

#endif

/*
 * Copies of the two SOCKADDRs of a WskAcceptEvent, which are the driver's only while the callback runs.
 * Afterwards they may be spoilt, so that a driver which keeps the pointers is found out: filled with a
 * pattern, or made unreadable, so that the first late read faults at an address that the trace names.
 */
#ifndef ADDRESS_COPY_H
#define ADDRESS_COPY_H

#include "recorder.h"

#define POISON_BYTE 0xa5

/* Arguments of poison-addresses. */
typedef enum _SPOILT {
    SpoiltFilled,
    SpoiltUnreadable,
    NotSpoilt
} SPOILT;

typedef struct _ADDRESS_COPY {
    SOCKADDR_STORAGE Local;
    SOCKADDR_STORAGE Remote;
} ADDRESS_COPY;

VOID AddressCopiesInitialize(VOID);

/*
 * A copy of both addresses; NULL without memory. A copy that is to become unreadable has a page of its own:
 * above APC_LEVEL there is none to be had, and *Spoilt says what it will be instead.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ ADDRESS_COPY *AddressCopyMake(
    _In_opt_ const SOCKADDR *Local, _In_opt_ const SOCKADDR *Remote, _Inout_ SPOILT *Spoilt);

/* The end of the driver's right to it. Memory that stays readable is not used again for some callbacks to
 * come. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID AddressCopyEnd(_In_ ADDRESS_COPY *Copy, _In_ SPOILT Spoilt);

#endif

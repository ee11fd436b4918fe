/* A callback of the driver while it runs: its number, and the frame that withheld completions hang on. */
#ifndef EVENT_H
#define EVENT_H

#include "hold.h"

typedef struct _EVENT {
    PROXY *Socket; /* NULL for WskClientEvent */
    ULONG64 SocketNumber;
    ULONG64 Unique;
    FRAME Frame;
} EVENT;

/* Before the enter record. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID EventBegin(_Out_ EVENT *Event, _In_opt_ PROXY *Socket);

/* Its number in the running trace; 0 if that began after the callback did. */
_IRQL_requires_max_(DISPATCH_LEVEL) ULONG64 EventNumber(_In_ const EVENT *Event);

/* The ordinary return record. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID EventRecordReturn(_In_ const EVENT *Event, _In_ NTSTATUS Status);

/* After the return record: delivers what was withheld. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID EventEnd(_Inout_ EVENT *Event);

#endif

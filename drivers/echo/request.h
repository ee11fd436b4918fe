/*
 * IRPs for WSK functions. Each is allocated for one call and freed in its completion routine, which is the
 * last to need it; what it brought is copied out first.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "echo.h"

/* What an IRP brought. */
typedef struct _RESULT {
    NTSTATUS Status;
    ULONG_PTR Information;
} RESULT;

/* An asynchronous call: Done is called once, at IRQL <= DISPATCH_LEVEL, with the IRP already freed. */
typedef struct _REQUEST {
    VOID (*Done)(struct _REQUEST *Request, const RESULT *Result);
} REQUEST;

/* An IRP whose completion ends in Request->Done; NULL without memory. */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ PIRP RequestIrp(_In_ REQUEST *Request);

/* A call that this thread waits for. The caller's thread is no callback and no completion routine. */
typedef struct _SYNC_REQUEST {
    REQUEST Request;
    KEVENT Completed;
    RESULT Result;
} SYNC_REQUEST;

_IRQL_requires_max_(APC_LEVEL) _Must_inspect_result_ PIRP SyncIrp(_Out_ SYNC_REQUEST *Sync);

/* Waits for the IRP, which WSK completes whatever the function returned, and gives what it brought. */
_IRQL_requires_max_(APC_LEVEL) RESULT SyncWait(_Inout_ SYNC_REQUEST *Sync);

#endif

/*
 * One thread that does the driver's work. Callbacks and completion routines may come at DISPATCH_LEVEL and
 * must not wait, so they note what happened and queue a WORK; every function of every socket is called here.
 * That also keeps the rule that no other call runs while WskCloseSocket is called, without a lock.
 */
#ifndef WORKER_H
#define WORKER_H

#include "echo.h"

typedef struct _WORK {
    LIST_ENTRY Link;
    BOOLEAN IsQueued;
    VOID (*Run)(struct _WORK *Work);
} WORK;

_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS WorkerStart(VOID);

/* Waits until the queue is empty and the thread has ended. */
_IRQL_requires_(PASSIVE_LEVEL) VOID WorkerStop(VOID);

_IRQL_requires_max_(DISPATCH_LEVEL) VOID WorkInitialize(_Out_ WORK *Work, _In_ VOID (*Run)(WORK *Work));

/* Has it run at least once more. Queued twice before it runs, it runs once. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID WorkQueue(_Inout_ WORK *Work);

/* Has it not run, if it has not begun; for the worker itself. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID WorkCancel(_Inout_ WORK *Work);

/* Whether it is going to run; means something only under a lock that those who queue it hold. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN WorkIsQueued(_In_ const WORK *Work);

#endif

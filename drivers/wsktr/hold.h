/*
 * Withheld completions. WSK may complete an IRP as late as it likes, so an IRP that the driver starts inside
 * a callback (or inside a completion routine) may be kept until that callback has returned: a driver that
 * waits for it in there then waits in vain. After the bound of the perturbation's argument (milliseconds) the
 * completion is delivered all the same, so that the run goes on; the trace shows the callback still open.
 */
#ifndef HOLD_H
#define HOLD_H

#include "request.h"

typedef struct _HOLD HOLD;

/* A callback or completion routine of the driver that runs on this thread, innermost last. */
typedef struct _FRAME {
    LIST_ENTRY Link;
    HANDLE Thread;    /* NULL: not listed, since nothing can be withheld in this trace */
    ULONG64 Callback; /* unique number; 0 for a completion routine */
    HOLD *Hold;       /* made when the first request is to be kept */
} FRAME;

VOID FramesInitialize(VOID);

_IRQL_requires_max_(DISPATCH_LEVEL) VOID FrameOpen(_Out_ FRAME *Frame, _In_ ULONG64 Callback);

/* Delivers what was kept for it. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID FrameClose(_Inout_ FRAME *Frame);

/* Decides whether this request, about to be passed on by the current thread, is to be kept back. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID HoldConsider(_Inout_ REQUEST *Request);

/* At its completion: TRUE if it is kept, and somebody else delivers it. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN HoldKeep(_Inout_ REQUEST *Request);

#endif

/* The WskAccept requests of a listener that are with the provider, so that they can be failed. */
#ifndef ACCEPT_LIST_H
#define ACCEPT_LIST_H

#include "request.h"

_IRQL_requires_max_(DISPATCH_LEVEL) VOID AcceptListAdd(_Inout_ REQUEST *Request);

/* At its completion. TRUE: it is being cancelled, and who cancels it delivers it. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN AcceptListRemove(_Inout_ REQUEST *Request);

/* Cancels them all. What the provider does not give up at once fails when it completes. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID AcceptListCancel(_Inout_ PROXY *Listener);

#endif

/* Where a call goes on to. */
#ifndef REAL_H
#define REAL_H

#include "request.h"

/* The functions of the provider's socket behind a call; all NULL if the call is not to be passed on. */
_IRQL_requires_max_(DISPATCH_LEVEL) static inline const PROVIDER_FUNCTIONS *RealFunctions(
    _In_ const CALL *Call)
{
    static const PROVIDER_FUNCTIONS None;

    return Call->Refusal == STATUS_SUCCESS ? &Call->Socket->Shadow->Real : &None;
}

#endif

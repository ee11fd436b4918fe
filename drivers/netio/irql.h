/**
 * The simulated IRQL of the reference guest (ntsup.sys). Callbacks and completions come at DISPATCH_LEVEL
 * from the provider's thread, as they mostly do on Windows.
 */
#pragma once

#include "../compat/kernel.h"

__declspec(dllimport) KIRQL NtsupGetIrql(VOID);
__declspec(dllimport) VOID NtsupSetIrql(KIRQL Irql);

FORCEINLINE KIRQL RaiseToDispatch(VOID)
{
    const KIRQL before = NtsupGetIrql();

    if (before < DISPATCH_LEVEL) {
        NtsupSetIrql(DISPATCH_LEVEL);
    }
    return before;
}

/**
 * Rundown protection. Count is twice the number of holders; bit 0 says that a rundown has begun (or is over,
 * when nothing else is set), and then nobody gets protection any more.
 */
#include "ntsup.h"

#define RUNDOWN_ACTIVE ((ULONG_PTR)1)
#define HOLDER ((ULONG_PTR)2)

static BOOLEAN Exchange(PEX_RUNDOWN_REF RunRef, ULONG_PTR Old, ULONG_PTR New)
{
    return InterlockedCompareExchange64((volatile LONG64 *)&RunRef->Count, (LONG64)New, (LONG64)Old) ==
           (LONG64)Old;
}

VOID FASTCALL SupExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef);
VOID FASTCALL SupExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    RunRef->Count = 0;
}
SUPPLIES(ExInitializeRundownProtection);

BOOLEAN FASTCALL SupExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count);
BOOLEAN FASTCALL SupExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count)
{
    for (;;) {
        ULONG_PTR count = RunRef->Count;
        if (count & RUNDOWN_ACTIVE) {
            return FALSE;
        }
        if (Exchange(RunRef, count, count + HOLDER * Count)) {
            return TRUE;
        }
    }
}
SUPPLIES(ExAcquireRundownProtectionEx);

BOOLEAN FASTCALL SupExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef);
BOOLEAN FASTCALL SupExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    return SupExAcquireRundownProtectionEx(RunRef, 1);
}
SUPPLIES(ExAcquireRundownProtection);

VOID FASTCALL SupExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count);
VOID FASTCALL SupExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count)
{
    LONG64 before = InterlockedExchangeAdd64((volatile LONG64 *)&RunRef->Count, -(LONG64)(HOLDER * Count));
    if ((ULONG_PTR)before < HOLDER * Count) {
        BUGCHECK(REFERENCE_BY_POINTER, 0, RunRef);
    }
    RtlWakeAddressAll((const VOID *)&RunRef->Count);
}
SUPPLIES(ExReleaseRundownProtectionEx);

VOID FASTCALL SupExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef);
VOID FASTCALL SupExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    SupExReleaseRundownProtectionEx(RunRef, 1);
}
SUPPLIES(ExReleaseRundownProtection);

VOID FASTCALL SupExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef);
VOID FASTCALL SupExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef)
{
    InterlockedOr64((volatile LONG64 *)&RunRef->Count, (LONG64)RUNDOWN_ACTIVE);
    for (;;) {
        ULONG_PTR count = RunRef->Count;
        if (count == RUNDOWN_ACTIVE) {
            return;
        }
        if (NtsupGetIrql() >= DISPATCH_LEVEL) {
            BUGCHECK(IRQL_NOT_LESS_OR_EQUAL, NtsupGetIrql(), RunRef);
        }
        RtlWaitOnAddress((const VOID *)&RunRef->Count, &count, sizeof(count), NULL);
    }
}
SUPPLIES(ExWaitForRundownProtectionRelease);

VOID FASTCALL SupExRundownCompleted(PEX_RUNDOWN_REF RunRef);
VOID FASTCALL SupExRundownCompleted(PEX_RUNDOWN_REF RunRef)
{
    RunRef->Count = RUNDOWN_ACTIVE;
}
SUPPLIES(ExRundownCompleted);

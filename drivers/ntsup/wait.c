/**
 * Waits are Wine's own. At simulated DISPATCH_LEVEL one that would block is what it is on Windows: a
 * bugcheck.
 */
#include "ntsup.h"

/* The timeout that may be asked for now: at DISPATCH_LEVEL none at all. */
static PLARGE_INTEGER Allowed(PLARGE_INTEGER Timeout, PLARGE_INTEGER Zero)
{
    Zero->QuadPart = 0;
    return NtsupGetIrql() >= DISPATCH_LEVEL ? Zero : Timeout;
}

/* A wait that came back only because it was not allowed to block. */
static BOOLEAN WouldBlock(NTSTATUS Status, PLARGE_INTEGER Timeout)
{
    return Status == STATUS_TIMEOUT && NtsupGetIrql() >= DISPATCH_LEVEL &&
           (Timeout == NULL || Timeout->QuadPart != 0);
}

NTSTATUS NTAPI SupKeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                        BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSTATUS NTAPI SupKeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                        BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    LARGE_INTEGER zero;
    NTSTATUS status = KeWaitForSingleObject(Object, WaitReason, WaitMode, Alertable, Allowed(Timeout, &zero));
    if (WouldBlock(status, Timeout)) {
        BUGCHECK(IRQL_NOT_LESS_OR_EQUAL, NtsupGetIrql(), Object);
    }
    return status;
}
SUPPLIES(KeWaitForSingleObject);

NTSTATUS NTAPI SupKeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType,
                                           KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                           BOOLEAN Alertable, PLARGE_INTEGER Timeout,
                                           PKWAIT_BLOCK WaitBlockArray);
NTSTATUS NTAPI SupKeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType,
                                           KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                           BOOLEAN Alertable, PLARGE_INTEGER Timeout,
                                           PKWAIT_BLOCK WaitBlockArray)
{
    LARGE_INTEGER zero;
    NTSTATUS status = KeWaitForMultipleObjects(Count, Object, WaitType, WaitReason, WaitMode, Alertable,
                                               Allowed(Timeout, &zero), WaitBlockArray);
    if (WouldBlock(status, Timeout)) {
        BUGCHECK(IRQL_NOT_LESS_OR_EQUAL, NtsupGetIrql(), Object);
    }
    return status;
}
SUPPLIES(KeWaitForMultipleObjects);

NTSTATUS NTAPI SupKeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                         PLARGE_INTEGER Interval);
NTSTATUS NTAPI SupKeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    if (NtsupGetIrql() >= DISPATCH_LEVEL) {
        BUGCHECK(IRQL_NOT_LESS_OR_EQUAL, NtsupGetIrql(), 0);
    }
    return KeDelayExecutionThread(WaitMode, Alertable, Interval);
}
SUPPLIES(KeDelayExecutionThread);

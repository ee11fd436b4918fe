/* Kernel functions that the driver imports from here: waits. A wait that cannot block is passed on
 * unrecorded. */
#include "hooks.h"

#include "trace.h"

#pragma comment(linker, "/export:KeWaitForSingleObject=OwnWaitForSingleObject")
#pragma comment(linker, "/export:KeWaitForMultipleObjects=OwnWaitForMultipleObjects")
#pragma comment(linker, "/export:KeDelayExecutionThread=OwnDelayExecutionThread")

static ULONG64 WaitBegin(TRACE_FUNCTION Function, const VOID *Object, ULONG Count,
                         const LARGE_INTEGER *Timeout)
{
    ULONG64 Number;

    if (!TraceIsOn() || (Timeout != NULL && Timeout->QuadPart == 0)) {
        return 0;
    }
    Number = TraceNext(TraceCalls);
    TRACE(WAIT_ENTER, TRACE_SIDE_BOTH, .call = TraceNumber(TraceCalls, Number), .object = AS_U64(Object),
          .timeout = Timeout == NULL ? -1 : Timeout->QuadPart, .count = Count, .fn = Function);
    return Number;
}

static NTSTATUS WaitEnd(ULONG64 Number, TRACE_FUNCTION Function, NTSTATUS Status)
{
    if (TraceNumber(TraceCalls, Number) != 0) {
        TRACE(WAIT_RETURN, TRACE_SIDE_BOTH, .call = TraceNumber(TraceCalls, Number), .fn = Function,
              .status = (ULONG)Status);
    }
    return Status;
}

NTSTATUS NTAPI OwnWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                      BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    const ULONG64 Number = WaitBegin(TRACE_FN_KeWaitForSingleObject, Object, 1, Timeout);

    return WaitEnd(Number, TRACE_FN_KeWaitForSingleObject,
                   KeWaitForSingleObject(Object, WaitReason, WaitMode, Alertable, Timeout));
}

NTSTATUS NTAPI OwnWaitForMultipleObjects(ULONG Count, PVOID Objects[], WAIT_TYPE WaitType,
                                         KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                         PLARGE_INTEGER Timeout, PKWAIT_BLOCK WaitBlocks)
{
    const ULONG64 Number =
        WaitBegin(TRACE_FN_KeWaitForMultipleObjects, Count == 0 ? NULL : Objects[0], Count, Timeout);

    return WaitEnd(Number, TRACE_FN_KeWaitForMultipleObjects,
                   KeWaitForMultipleObjects(Count, Objects, WaitType, WaitReason, WaitMode, Alertable,
                                            Timeout, WaitBlocks));
}

NTSTATUS NTAPI OwnDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    const ULONG64 Number = WaitBegin(TRACE_FN_KeDelayExecutionThread, NULL, 0, Interval);

    return WaitEnd(Number, TRACE_FN_KeDelayExecutionThread,
                   KeDelayExecutionThread(WaitMode, Alertable, Interval));
}

/*
 * The trace of this boot: the ring, its clock, who is numbered how. Records are written from any thread at
 * any IRQL up to DISPATCH_LEVEL (a crash record at any); starting, stopping and reading is the control
 * device's.
 */
#ifndef TRACE_H
#define TRACE_H

#include "recorder.h"

/* Things that are numbered from 1 in each trace. */
typedef enum _TRACE_SERIES {
    TraceCalls,
    TraceCallbacks,
    TraceSockets,
    TraceSeriesCount
} TRACE_SERIES;

/*
 * Writes one record, if a trace runs: TRACE(CALL_RETURN, Side, .call = ..., .status = ...). Everything
 * between the parentheses is evaluated only then. The record's place in the trace is taken here.
 */
#define TRACE(Name, Side, ...)                                                                               \
    do {                                                                                                     \
        if (TraceIsOn()) {                                                                                   \
            TRACE_##Name Record_ = {__VA_ARGS__};                                                            \
            TraceWrite(TRACE_ID_##Name, &Record_.header, sizeof(Record_), (Side));                           \
        }                                                                                                    \
    } while (0)

/* Numbers into records. */
#define AS_U64(Pointer) ((ULONG64)(ULONG_PTR)(Pointer))

_IRQL_requires_(PASSIVE_LEVEL) VOID TraceInitialize(VOID);

_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN TraceIsOn(VOID);

/* Counts traces: what was numbered in another one has no number in this one. */
_IRQL_requires_max_(DISPATCH_LEVEL) ULONG TraceGeneration(VOID);

/* The next number of a series, unique since the recorder was loaded. */
_IRQL_requires_max_(DISPATCH_LEVEL) ULONG64 TraceNext(_In_ TRACE_SERIES Series);

/* That number as the running trace counts; 0 if it was given before this trace began. */
_IRQL_requires_max_(DISPATCH_LEVEL) ULONG64 TraceNumber(_In_ TRACE_SERIES Series, _In_ ULONG64 Unique);

/* IRQL of the caller: without an exception where the host simulates it. */
KIRQL TraceIrql(VOID);

VOID TraceWrite(_In_ TRACE_ID Id, _Inout_ TRACE_HEADER *Record, _In_ USHORT Bytes, _In_ UCHAR Side);

/* Begins a trace in a new ring, ending one that runs. Bytes of memory, header page included. */
_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS
    TraceStart(_In_ ULONG RingBytes, _In_ ULONG64 Seed);

/* Ends the trace: no record follows trace_stop. Harmless when none runs. */
_IRQL_requires_(PASSIVE_LEVEL) VOID TraceStop(VOID);

/*
 * Moves whole records into the buffer. STATUS_SUCCESS with *Read == 0: nothing there now; STATUS_END_OF_FILE:
 * the trace was stopped and all of it read; STATUS_INVALID_DEVICE_STATE: no trace was started.
 */
_IRQL_requires_(PASSIVE_LEVEL) NTSTATUS
    TraceRead(_Out_writes_bytes_(Bytes) PVOID Buffer, _In_ SIZE_T Bytes, _Out_ SIZE_T *Read);

/* So many bytes wait to be read, or no trace runs. */
_IRQL_requires_(PASSIVE_LEVEL) BOOLEAN TraceIsWorthReading(_In_ SIZE_T Bytes);

/* Waits until there is something to read, at most that long, and a little for more to come. */
_IRQL_requires_(PASSIVE_LEVEL) VOID TraceWait(_In_ ULONG TimeoutMs);

/* Where the ring is, NULL without one. */
_IRQL_requires_(PASSIVE_LEVEL) PVOID TraceRing(_Out_ ULONG *Bytes);

#endif

#include "trace.h"

#include "host.h"
#include "wsktr_ring.h"

/* Both counters move with every record: equal means that nobody is writing. */
typedef struct DECLSPEC_ALIGN(64) _WRITERS {
    volatile LONG64 Entered;
    volatile LONG64 Left;
} WRITERS;

static struct {
    RING *volatile Ring; /* NULL: no trace runs */
    volatile LONG ReaderWaits;
    volatile LONG Generation;
    WRITERS Writers;
    volatile LONG64 Unique[TraceSeriesCount];
    ULONG64 Base[TraceSeriesCount];

    /* Starting, stopping and reading: one at a time. */
    FAST_MUTEX Lock;
    RING *Memory; /* stays after the trace was stopped, until the next one */
    ULONG MemoryBytes;
    BOOLEAN Contiguous;
    BOOLEAN StopIsOwed; /* trace_stop did not fit yet */
    KEVENT ReaderWake;
} Trace;

/*
 * How long the reader lets more arrive before it takes what there is: a READ costs its program much more than
 * a record costs the driver. Short after a quiet time, so that the first record is soon there; long when
 * records came while the reader was away.
 */
#define FIRST_GATHER_MS 2
#define NEXT_GATHER_MS 20

static LARGE_INTEGER Milliseconds(ULONG Count)
{
    LARGE_INTEGER Interval;

    Interval.QuadPart = -10000ll * Count;
    return Interval;
}

_Use_decl_annotations_ VOID TraceInitialize(VOID)
{
    ExInitializeFastMutex(&Trace.Lock);
    KeInitializeEvent(&Trace.ReaderWake, SynchronizationEvent, FALSE);
}

_Use_decl_annotations_ BOOLEAN TraceIsOn(VOID)
{
    return Trace.Ring != NULL;
}

_Use_decl_annotations_ ULONG TraceGeneration(VOID)
{
    return (ULONG)Trace.Generation;
}

_Use_decl_annotations_ ULONG64 TraceNext(TRACE_SERIES Series)
{
    return (ULONG64)InterlockedIncrement64(&Trace.Unique[Series]);
}

_Use_decl_annotations_ ULONG64 TraceNumber(TRACE_SERIES Series, ULONG64 Unique)
{
    return Unique > Trace.Base[Series] ? Unique - Trace.Base[Series] : 0;
}

KIRQL TraceIrql(VOID)
{
    return Host.GetIrql != NULL ? Host.GetIrql() : KeGetCurrentIrql();
}

static BOOLEAN WriteTo(RING *Ring, TRACE_ID Id, TRACE_HEADER *Record, USHORT Bytes, UCHAR Side)
{
    RING_PLACE Place = RingReserve(Ring, Bytes, (ULONG64)KeQueryPerformanceCounter(NULL).QuadPart);

    if (Place.record == NULL) {
        return FALSE;
    }
    Record->time = Place.time;
    Record->tid = (ULONG)(ULONG_PTR)PsGetCurrentThreadId();
    Record->cpu = (USHORT)KeGetCurrentProcessorNumberEx(NULL);
    Record->irql = TraceIrql();
    Record->side = Side;
    RtlCopyMemory(Place.record + sizeof(ULONG64), (PUCHAR)Record + sizeof(ULONG64), Bytes - sizeof(ULONG64));
    RingCommit(&Place, (USHORT)Id, Bytes);
    return TRUE;
}

VOID TraceWrite(TRACE_ID Id, TRACE_HEADER *Record, USHORT Bytes, UCHAR Side)
{
    RING *Ring;

    InterlockedIncrement64(&Trace.Writers.Entered);
    Ring = Trace.Ring;
    if (Ring != NULL) {
        WriteTo(Ring, Id, Record, Bytes, Side);
    }
    InterlockedIncrement64(&Trace.Writers.Left);
    /* A crash record is read by others, and its IRQL may forbid to set events. */
    if (Trace.ReaderWaits && Id != TRACE_ID_CRASH && InterlockedExchange(&Trace.ReaderWaits, 0)) {
        KeSetEvent(&Trace.ReaderWake, IO_NO_INCREMENT, FALSE);
    }
}

/* Takes the ring from the writers and waits until the last of them, who holds it for less than a microsecond,
 * left. */
static VOID TakeFromWriters(VOID)
{
    LARGE_INTEGER Tick = Milliseconds(1);

    InterlockedExchangePointer((PVOID volatile *)&Trace.Ring, NULL);
    for (;;) {
        /* Left is read first: everyone who had entered by then has left. */
        const LONG64 Left = InterlockedCompareExchange64(&Trace.Writers.Left, 0, 0);

        if (Left == Trace.Writers.Entered) {
            return;
        }
        KeDelayExecutionThread(KernelMode, FALSE, &Tick);
    }
}

static VOID WriteStop(VOID)
{
    TRACE_TRACE_STOP Record = {.records = (ULONG64)Trace.Writers.Left};

    Trace.StopIsOwed =
        !WriteTo(Trace.Memory, TRACE_ID_TRACE_STOP, &Record.header, sizeof(Record), TRACE_SIDE_BOTH);
}

static VOID StopLocked(VOID)
{
    if (Trace.Ring != NULL) {
        TakeFromWriters();
        WriteStop();
    }
}

static VOID FreeMemory(VOID)
{
    if (Trace.Memory == NULL) {
        return;
    }
    if (Trace.Contiguous) {
        MmFreeContiguousMemory(Trace.Memory);
    } else {
        ExFreePoolWithTag(Trace.Memory, TAG_TRACE);
    }
    Trace.Memory = NULL;
}

/* Contiguous, so that the host can read it by physical address after a bugcheck; ordinary pool if that is not
 * to be had. */
static NTSTATUS AllocateMemory(ULONG Bytes)
{
    PHYSICAL_ADDRESS Anywhere;

    if (Trace.Memory != NULL && Trace.MemoryBytes == Bytes) {
        return STATUS_SUCCESS;
    }
    FreeMemory();
    Anywhere.QuadPart = -1;
    Trace.Memory = MmAllocateContiguousMemory(Bytes, Anywhere);
    Trace.Contiguous = Trace.Memory != NULL;
    if (Trace.Memory == NULL) {
        Trace.Memory = PoolAllocate(Bytes, TAG_TRACE);
    }
    Trace.MemoryBytes = Bytes;
    return Trace.Memory == NULL ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
}

static VOID BeginLocked(ULONG64 DataBytes, ULONG64 Seed)
{
    LARGE_INTEGER Frequency;
    TRACE_TRACE_START Record = {.seed = Seed,
                                .ring_bytes = DataBytes,
                                .schema = TRACE_SCHEMA_VERSION,
                                .process = (ULONG)(ULONG_PTR)PsGetCurrentProcessId()};
    ULONG Series;

    KeQueryPerformanceCounter(&Frequency);
    Record.frequency = (ULONG64)Frequency.QuadPart;
    RingFormat(Trace.Memory, DataBytes);
    WriteTo(Trace.Memory, TRACE_ID_TRACE_START, &Record.header, sizeof(Record), TRACE_SIDE_BOTH);
    for (Series = 0; Series < TraceSeriesCount; ++Series) {
        Trace.Base[Series] = (ULONG64)Trace.Unique[Series];
    }
    Trace.StopIsOwed = FALSE;
    Trace.Writers.Entered = Trace.Writers.Left = 1; /* trace_start */
    InterlockedIncrement(&Trace.Generation);
    InterlockedExchangePointer((PVOID volatile *)&Trace.Ring, Trace.Memory);
}

_Use_decl_annotations_ NTSTATUS TraceStart(ULONG RingBytes, ULONG64 Seed)
{
    const ULONG64 DataBytes = RingDataBytes(RingBytes);
    NTSTATUS Status;

    if (DataBytes == 0) {
        return STATUS_INVALID_PARAMETER;
    }
    ExAcquireFastMutex(&Trace.Lock);
    if (Trace.Ring != NULL) {
        TakeFromWriters();
    }
    Status = AllocateMemory(RING_DATA_OFFSET + (ULONG)DataBytes);
    if (NT_SUCCESS(Status)) {
        BeginLocked(DataBytes, Seed);
    }
    ExReleaseFastMutex(&Trace.Lock);
    return Status;
}

_Use_decl_annotations_ VOID TraceStop(VOID)
{
    ExAcquireFastMutex(&Trace.Lock);
    StopLocked();
    ExReleaseFastMutex(&Trace.Lock);
    KeSetEvent(&Trace.ReaderWake, IO_NO_INCREMENT, FALSE);
}

_Use_decl_annotations_ NTSTATUS TraceRead(PVOID Buffer, SIZE_T Bytes, SIZE_T *Read)
{
    NTSTATUS Status = STATUS_SUCCESS;

    *Read = 0;
    ExAcquireFastMutex(&Trace.Lock);
    if (Trace.Memory == NULL) {
        Status = STATUS_INVALID_DEVICE_STATE;
    } else {
        /* Whoever reads on has what the last READ gave. */
        if (RingRelease(Trace.Memory) != 0 && Trace.StopIsOwed) {
            WriteStop();
        }
        *Read = RingRead(Trace.Memory, Buffer, Bytes);
        if (*Read == 0 && Trace.Ring == NULL) {
            Status = STATUS_END_OF_FILE;
        }
    }
    ExReleaseFastMutex(&Trace.Lock);
    return Status;
}

_Use_decl_annotations_ BOOLEAN TraceIsWorthReading(SIZE_T Bytes)
{
    BOOLEAN Worth;

    ExAcquireFastMutex(&Trace.Lock);
    Worth = Trace.Ring == NULL || RingPending(Trace.Memory) >= Bytes;
    ExReleaseFastMutex(&Trace.Lock);
    return Worth;
}

_Use_decl_annotations_ VOID TraceWait(ULONG TimeoutMs)
{
    LARGE_INTEGER Timeout = Milliseconds(TimeoutMs), Gather = Milliseconds(NEXT_GATHER_MS);

    InterlockedExchange(&Trace.ReaderWaits, 1);
    if (!TraceIsWorthReading(1)) {
        Gather = Milliseconds(FIRST_GATHER_MS);
        KeWaitForSingleObject(&Trace.ReaderWake, Executive, KernelMode, FALSE, &Timeout);
    }
    InterlockedExchange(&Trace.ReaderWaits, 0);
    /* Nobody but TraceStop wakes it now. */
    if (TraceIsOn()) {
        KeWaitForSingleObject(&Trace.ReaderWake, Executive, KernelMode, FALSE, &Gather);
    }
}

_Use_decl_annotations_ PVOID TraceRing(ULONG *Bytes)
{
    PVOID Ring;

    ExAcquireFastMutex(&Trace.Lock);
    Ring = Trace.Contiguous ? Trace.Memory : NULL;
    *Bytes = Ring == NULL ? 0 : Trace.MemoryBytes;
    ExReleaseFastMutex(&Trace.Lock);
    return Ring;
}

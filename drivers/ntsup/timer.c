/**
 * KTIMERs, from a list of armed timers and one thread that sleeps until the next is due. Wine's own never run
 * a DPC, and look at the timer from a pool thread after it was due, when its DPC may have freed it. What
 * Wine's waits look at is the same in a timer as in an event: so it is signalled as one.
 */
#include "ntsup.h"

#define TIMER_TAG 'mTsN'
#define UNITS_PER_MILLISECOND 10000 /* of 100 ns */

typedef struct _ARMED_TIMER {
    LIST_ENTRY Entry;
    PKTIMER Timer;
    PKDPC Dpc;        /* NULL: only signalled */
    ULONGLONG Due;    /* interrupt time, 100 ns */
    ULONGLONG Period; /* 100 ns; 0: once */
} ARMED_TIMER;

static HOST_LOCK ListLock;
static LIST_ENTRY Armed; /* not sorted: there are few */
static volatile LONG Changed;

/* Signals the timers that are due, queues their DPCs, and returns the time of the next, or MAXULONGLONG. */
static ULONGLONG RunDue(VOID)
{
    ULONGLONG now = InterruptTime();
    ULONGLONG next = MAXULONGLONG;
    RtlAcquireSRWLockExclusive(&ListLock);
    for (PLIST_ENTRY entry = Armed.Flink, following; entry != &Armed; entry = following) {
        ARMED_TIMER *timer = CONTAINING_RECORD(entry, ARMED_TIMER, Entry);
        following = entry->Flink;
        if (timer->Due <= now) {
            KeSetEvent((PRKEVENT)timer->Timer, IO_NO_INCREMENT, FALSE);
            if (timer->Dpc != NULL) {
                SupKeInsertQueueDpc(timer->Dpc, NULL, NULL);
            }
            if (timer->Period == 0) {
                RemoveEntryList(entry);
                ExFreePoolWithTag(timer, TIMER_TAG);
                continue;
            }
            timer->Due = max(timer->Due + timer->Period, now);
        }
        next = min(next, timer->Due);
    }
    RtlReleaseSRWLockExclusive(&ListLock);
    return next;
}

static ULONG NTAPI TimerThread(PVOID Parameter)
{
    UNREFERENCED_PARAMETER(Parameter);
    for (;;) {
        LONG seen = Changed;
        ULONGLONG next = RunDue();
        ULONGLONG now = InterruptTime();
        if (next > now) {
            LARGE_INTEGER wait = {.QuadPart = -(LONGLONG)(next - now)};
            RtlWaitOnAddress((const VOID *)&Changed, &seen, sizeof(seen),
                             next == MAXULONGLONG ? NULL : &wait);
        }
    }
    return 0;
}

NTSTATUS TimerInitialize(VOID)
{
    InitializeListHead(&Armed);
    HANDLE thread = CreateThread(NULL, 0, TimerThread, NULL, 0, NULL);
    if (thread == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    CloseHandle(thread);
    return STATUS_SUCCESS;
}

static BOOLEAN Disarm(PKTIMER Timer)
{
    BOOLEAN found = FALSE;
    RtlAcquireSRWLockExclusive(&ListLock);
    for (PLIST_ENTRY entry = Armed.Flink; entry != &Armed; entry = entry->Flink) {
        ARMED_TIMER *timer = CONTAINING_RECORD(entry, ARMED_TIMER, Entry);
        if (timer->Timer == Timer) {
            RemoveEntryList(entry);
            ExFreePoolWithTag(timer, TIMER_TAG);
            found = TRUE;
            break;
        }
    }
    RtlReleaseSRWLockExclusive(&ListLock);
    return found;
}

/* DueTime is relative to now (negative) or a system time. */
static ULONGLONG InterruptTimeOf(LARGE_INTEGER DueTime)
{
    LARGE_INTEGER system;
    if (DueTime.QuadPart <= 0) {
        return InterruptTime() + (ULONGLONG)-DueTime.QuadPart;
    }
    GetSystemTimePreciseAsFileTime(&system);
    return DueTime.QuadPart <= system.QuadPart
               ? InterruptTime()
               : InterruptTime() + (ULONGLONG)(DueTime.QuadPart - system.QuadPart);
}

BOOLEAN NTAPI SupKeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc);
BOOLEAN NTAPI SupKeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
{
    BOOLEAN wasArmed = Disarm(Timer);
    KeClearEvent((PRKEVENT)Timer);
    ARMED_TIMER *armed = PoolAllocate(sizeof(*armed), TIMER_TAG);
    if (armed == NULL) {
        BUGCHECK(MUST_SUCCEED_POOL_EMPTY, sizeof(*armed), Timer);
    }
    armed->Timer = Timer;
    armed->Dpc = Dpc;
    armed->Due = InterruptTimeOf(DueTime);
    armed->Period = (ULONGLONG)Period * UNITS_PER_MILLISECOND;
    RtlAcquireSRWLockExclusive(&ListLock);
    InsertTailList(&Armed, &armed->Entry);
    InterlockedIncrement(&Changed);
    RtlReleaseSRWLockExclusive(&ListLock);
    RtlWakeAddressAll((const VOID *)&Changed);
    return wasArmed;
}
SUPPLIES(KeSetTimerEx);

BOOLEAN NTAPI SupKeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc);
BOOLEAN NTAPI SupKeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc)
{
    return SupKeSetTimerEx(Timer, DueTime, 0, Dpc);
}
SUPPLIES(KeSetTimer);

BOOLEAN NTAPI SupKeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period,
                                       ULONG TolerableDelay, PKDPC Dpc);
BOOLEAN NTAPI SupKeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period,
                                       ULONG TolerableDelay, PKDPC Dpc)
{
    UNREFERENCED_PARAMETER(TolerableDelay);
    return SupKeSetTimerEx(Timer, DueTime, (LONG)Period, Dpc);
}

BOOLEAN NTAPI SupKeCancelTimer(PKTIMER Timer);
BOOLEAN NTAPI SupKeCancelTimer(PKTIMER Timer)
{
    return Disarm(Timer);
}
SUPPLIES(KeCancelTimer);

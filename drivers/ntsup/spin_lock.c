/**
 * Spin locks that raise the simulated IRQL. A lock holds the id of its owner, so that taking it twice is
 * found (Windows would hang). A waiter gives its processor away: the owner is an ordinary thread and may need
 * it.
 */
#include "ntsup.h"

#define SPINS_BEFORE_YIELD 64
#define YIELDS_BEFORE_SLEEP 256

static VOID Relax(ULONG Round)
{
    if (Round < SPINS_BEFORE_YIELD) {
        YieldProcessor();
    } else if (Round < SPINS_BEFORE_YIELD + YIELDS_BEFORE_SLEEP) {
        SwitchToThread();
    } else {
        Sleep(1);
    }
}

static BOOLEAN TryAcquire(KSPIN_LOCK *Lock)
{
    return InterlockedCompareExchangePointer((PVOID *)Lock, (PVOID)(ULONG_PTR)GetCurrentThreadId(), NULL) ==
           NULL;
}

static VOID Acquire(KSPIN_LOCK *Lock, PVOID Caller)
{
    for (ULONG round = 0; !TryAcquire(Lock); ++round) {
        if (*(volatile KSPIN_LOCK *)Lock == GetCurrentThreadId()) {
            BugCheck(SPIN_LOCK_ALREADY_OWNED, 0, Caller, Lock);
        }
        Relax(round);
    }
}

static VOID Release(KSPIN_LOCK *Lock, PVOID Caller)
{
    if (InterlockedExchangePointer((PVOID *)Lock, NULL) == NULL) {
        BugCheck(SPIN_LOCK_NOT_OWNED, 0, Caller, Lock);
    }
}
#define CALLER __builtin_return_address(0)

KIRQL NTAPI SupKeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
KIRQL NTAPI SupKeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    KIRQL old = NtsupGetIrql();
    NtsupSetIrql(DISPATCH_LEVEL);
    Acquire(SpinLock, CALLER);
    return old;
}
SUPPLIES(KeAcquireSpinLockRaiseToDpc);

VOID NTAPI SupKeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
VOID NTAPI SupKeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    Release(SpinLock, CALLER);
    NtsupSetIrql(NewIrql);
}
SUPPLIES(KeReleaseSpinLock);

VOID NTAPI SupKeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
VOID NTAPI SupKeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    Acquire(SpinLock, CALLER);
}
SUPPLIES(KeAcquireSpinLockAtDpcLevel);

VOID NTAPI SupKeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
VOID NTAPI SupKeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    Release(SpinLock, CALLER);
}
SUPPLIES(KeReleaseSpinLockFromDpcLevel);

BOOLEAN FASTCALL SupKeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
BOOLEAN FASTCALL SupKeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    return TryAcquire(SpinLock);
}

BOOLEAN FASTCALL SupKeTestSpinLock(PKSPIN_LOCK SpinLock);
BOOLEAN FASTCALL SupKeTestSpinLock(PKSPIN_LOCK SpinLock)
{
    return *(volatile KSPIN_LOCK *)SpinLock == 0;
}

VOID FASTCALL SupKeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
VOID FASTCALL SupKeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->LockQueue.Next = NULL;
    LockHandle->OldIrql = NtsupGetIrql();
    NtsupSetIrql(DISPATCH_LEVEL);
    Acquire(SpinLock, CALLER);
}
SUPPLIES(KeAcquireInStackQueuedSpinLock);

VOID FASTCALL SupKeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle);
VOID FASTCALL SupKeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
    Release(LockHandle->LockQueue.Lock, CALLER);
    NtsupSetIrql(LockHandle->OldIrql);
}
SUPPLIES(KeReleaseInStackQueuedSpinLock);

VOID FASTCALL SupKeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock,
                                                          PKLOCK_QUEUE_HANDLE LockHandle);
VOID FASTCALL SupKeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock,
                                                          PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->LockQueue.Next = NULL;
    LockHandle->OldIrql = NtsupGetIrql();
    Acquire(SpinLock, CALLER);
}
SUPPLIES(KeAcquireInStackQueuedSpinLockAtDpcLevel);

VOID FASTCALL SupKeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle);
VOID FASTCALL SupKeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle)
{
    Release(LockHandle->LockQueue.Lock, CALLER);
}
SUPPLIES(KeReleaseInStackQueuedSpinLockFromDpcLevel);

/* Reader-writer spin locks: the number of readers, or EXCLUSIVE. */
#define EXCLUSIVE ((LONG)0x80000000)

static VOID AcquireExclusive(volatile LONG *Lock)
{
    for (ULONG round = 0; InterlockedCompareExchange(Lock, EXCLUSIVE, 0) != 0; ++round) {
        Relax(round);
    }
}

static VOID AcquireShared(volatile LONG *Lock)
{
    for (ULONG round = 0;; ++round) {
        LONG readers = *Lock;
        if (readers >= 0 && InterlockedCompareExchange(Lock, readers + 1, readers) == readers) {
            return;
        }
        Relax(round);
    }
}

KIRQL NTAPI SupExAcquireSpinLockExclusive(volatile LONG *Lock);
KIRQL NTAPI SupExAcquireSpinLockExclusive(volatile LONG *Lock)
{
    KIRQL old = NtsupGetIrql();
    NtsupSetIrql(DISPATCH_LEVEL);
    AcquireExclusive(Lock);
    return old;
}

VOID NTAPI SupExReleaseSpinLockExclusive(volatile LONG *Lock, KIRQL OldIrql);
VOID NTAPI SupExReleaseSpinLockExclusive(volatile LONG *Lock, KIRQL OldIrql)
{
    InterlockedExchange(Lock, 0);
    NtsupSetIrql(OldIrql);
}

KIRQL NTAPI SupExAcquireSpinLockShared(volatile LONG *Lock);
KIRQL NTAPI SupExAcquireSpinLockShared(volatile LONG *Lock)
{
    KIRQL old = NtsupGetIrql();
    NtsupSetIrql(DISPATCH_LEVEL);
    AcquireShared(Lock);
    return old;
}

VOID NTAPI SupExReleaseSpinLockShared(volatile LONG *Lock, KIRQL OldIrql);
VOID NTAPI SupExReleaseSpinLockShared(volatile LONG *Lock, KIRQL OldIrql)
{
    InterlockedDecrement(Lock);
    NtsupSetIrql(OldIrql);
}

VOID NTAPI SupExAcquireSpinLockExclusiveAtDpcLevel(volatile LONG *Lock);
VOID NTAPI SupExAcquireSpinLockExclusiveAtDpcLevel(volatile LONG *Lock)
{
    AcquireExclusive(Lock);
}

VOID NTAPI SupExReleaseSpinLockExclusiveFromDpcLevel(volatile LONG *Lock);
VOID NTAPI SupExReleaseSpinLockExclusiveFromDpcLevel(volatile LONG *Lock)
{
    InterlockedExchange(Lock, 0);
}

VOID NTAPI SupExAcquireSpinLockSharedAtDpcLevel(volatile LONG *Lock);
VOID NTAPI SupExAcquireSpinLockSharedAtDpcLevel(volatile LONG *Lock)
{
    AcquireShared(Lock);
}

VOID NTAPI SupExReleaseSpinLockSharedFromDpcLevel(volatile LONG *Lock);
VOID NTAPI SupExReleaseSpinLockSharedFromDpcLevel(volatile LONG *Lock)
{
    InterlockedDecrement(Lock);
}

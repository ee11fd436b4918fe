/** Fast and guarded mutexes (the same structure) where Wine lacks them, and push locks. */
#include "ntsup.h"

BOOLEAN FASTCALL SupExTryToAcquireFastMutex(PFAST_MUTEX FastMutex);
BOOLEAN FASTCALL SupExTryToAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    if (InterlockedCompareExchange((volatile LONG *)&FastMutex->Count, 0, 1) != 1) {
        return FALSE;
    }
    FastMutex->Owner = (PVOID)KeGetCurrentThread();
    FastMutex->OldIrql = NtsupGetIrql();
    NtsupSetIrql(APC_LEVEL);
    return TRUE;
}

/* A push lock is one pointer, 0 when free: so is the host's slim lock. */
VOID FASTCALL SupExInitializePushLock(HOST_LOCK *PushLock);
VOID FASTCALL SupExInitializePushLock(HOST_LOCK *PushLock)
{
    PushLock->Ptr = NULL;
}

VOID FASTCALL SupExAcquirePushLockExclusiveEx(HOST_LOCK *PushLock, ULONG Flags);
VOID FASTCALL SupExAcquirePushLockExclusiveEx(HOST_LOCK *PushLock, ULONG Flags)
{
    UNREFERENCED_PARAMETER(Flags);
    RtlAcquireSRWLockExclusive(PushLock);
}

VOID FASTCALL SupExReleasePushLockExclusiveEx(HOST_LOCK *PushLock, ULONG Flags);
VOID FASTCALL SupExReleasePushLockExclusiveEx(HOST_LOCK *PushLock, ULONG Flags)
{
    UNREFERENCED_PARAMETER(Flags);
    RtlReleaseSRWLockExclusive(PushLock);
}

VOID FASTCALL SupExAcquirePushLockSharedEx(HOST_LOCK *PushLock, ULONG Flags);
VOID FASTCALL SupExAcquirePushLockSharedEx(HOST_LOCK *PushLock, ULONG Flags)
{
    UNREFERENCED_PARAMETER(Flags);
    RtlAcquireSRWLockShared(PushLock);
}

VOID FASTCALL SupExReleasePushLockSharedEx(HOST_LOCK *PushLock, ULONG Flags);
VOID FASTCALL SupExReleasePushLockSharedEx(HOST_LOCK *PushLock, ULONG Flags)
{
    UNREFERENCED_PARAMETER(Flags);
    RtlReleaseSRWLockShared(PushLock);
}

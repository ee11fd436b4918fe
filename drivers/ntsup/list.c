/** Lists and numbers under a spin lock of the caller, which may be held at any IRQL. */
#include "ntsup.h"

KIRQL NTAPI SupKeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
VOID NTAPI SupKeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);

PLIST_ENTRY FASTCALL SupExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
                                                    PKSPIN_LOCK Lock);
PLIST_ENTRY FASTCALL SupExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
                                                    PKSPIN_LOCK Lock)
{
    KIRQL irql = SupKeAcquireSpinLockRaiseToDpc(Lock);
    PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : ListHead->Flink;
    InsertHeadList(ListHead, ListEntry);
    SupKeReleaseSpinLock(Lock, irql);
    return first;
}
SUPPLIES(ExInterlockedInsertHeadList);

PLIST_ENTRY FASTCALL SupExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
                                                    PKSPIN_LOCK Lock);
PLIST_ENTRY FASTCALL SupExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
                                                    PKSPIN_LOCK Lock)
{
    KIRQL irql = SupKeAcquireSpinLockRaiseToDpc(Lock);
    PLIST_ENTRY last = IsListEmpty(ListHead) ? NULL : ListHead->Blink;
    InsertTailList(ListHead, ListEntry);
    SupKeReleaseSpinLock(Lock, irql);
    return last;
}
SUPPLIES(ExInterlockedInsertTailList);

PLIST_ENTRY FASTCALL SupExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock);
PLIST_ENTRY FASTCALL SupExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    KIRQL irql = SupKeAcquireSpinLockRaiseToDpc(Lock);
    PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : RemoveHeadList(ListHead);
    SupKeReleaseSpinLock(Lock, irql);
    return first;
}
SUPPLIES(ExInterlockedRemoveHeadList);

PSINGLE_LIST_ENTRY FASTCALL SupExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
                                                          PSINGLE_LIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
PSINGLE_LIST_ENTRY FASTCALL SupExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
                                                          PSINGLE_LIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    KIRQL irql = SupKeAcquireSpinLockRaiseToDpc(Lock);
    PSINGLE_LIST_ENTRY first = ListHead->Next;
    ListEntry->Next = first;
    ListHead->Next = ListEntry;
    SupKeReleaseSpinLock(Lock, irql);
    return first;
}
SUPPLIES(ExInterlockedPushEntryList);

PSINGLE_LIST_ENTRY FASTCALL SupExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock);
PSINGLE_LIST_ENTRY FASTCALL SupExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    KIRQL irql = SupKeAcquireSpinLockRaiseToDpc(Lock);
    PSINGLE_LIST_ENTRY first = ListHead->Next;
    if (first != NULL) {
        ListHead->Next = first->Next;
    }
    SupKeReleaseSpinLock(Lock, irql);
    return first;
}
SUPPLIES(ExInterlockedPopEntryList);

ULONG FASTCALL SupExInterlockedAddUlong(PULONG Addend, ULONG Increment, PKSPIN_LOCK Lock);
ULONG FASTCALL SupExInterlockedAddUlong(PULONG Addend, ULONG Increment, PKSPIN_LOCK Lock)
{
    UNREFERENCED_PARAMETER(Lock);
    return (ULONG)InterlockedExchangeAdd((volatile LONG *)Addend, (LONG)Increment);
}

LARGE_INTEGER NTAPI SupExInterlockedAddLargeInteger(PLARGE_INTEGER Addend, LARGE_INTEGER Increment,
                                                    PKSPIN_LOCK Lock);
LARGE_INTEGER NTAPI SupExInterlockedAddLargeInteger(PLARGE_INTEGER Addend, LARGE_INTEGER Increment,
                                                    PKSPIN_LOCK Lock)
{
    LARGE_INTEGER before;
    UNREFERENCED_PARAMETER(Lock);
    before.QuadPart = InterlockedExchangeAdd64(&Addend->QuadPart, Increment.QuadPart);
    return before;
}

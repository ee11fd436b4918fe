#include "address_copy.h"

#include "host.h"
#include "slab.h"
#include "sockaddr.h"
#include "trace.h"

#define QUARANTINE 256

static SLAB Copies;
static ADDRESS_COPY *volatile Quarantine[QUARANTINE];
static volatile LONG QuarantineNext;

/* Pages come and go up to APC_LEVEL; where the IRQL is only a number, always. */
static BOOLEAN CanChangePages(VOID)
{
    return TraceIrql() <= APC_LEVEL || Host.SetIrql != NULL;
}

VOID AddressCopiesInitialize(VOID)
{
    SlabInitialize(&Copies, sizeof(ADDRESS_COPY));
}

_Use_decl_annotations_ ADDRESS_COPY *AddressCopyMake(const SOCKADDR *Local, const SOCKADDR *Remote,
                                                     SPOILT *Spoilt)
{
    ADDRESS_COPY *Copy = NULL;

    if (*Spoilt == SpoiltUnreadable) {
        Copy = CanChangePages() ? MmAllocateNonCachedMemory(PAGE_SIZE) : NULL;
        if (Copy == NULL) {
            *Spoilt = SpoiltFilled;
        }
    }
    if (Copy == NULL) {
        Copy = SlabTake(&Copies);
    }
    if (Copy == NULL) {
        return NULL;
    }
    RtlZeroMemory(Copy, sizeof(*Copy));
    if (Local != NULL) {
        RtlCopyMemory(&Copy->Local, Local, SockaddrBytes(Local->sa_family));
    }
    if (Remote != NULL) {
        RtlCopyMemory(&Copy->Remote, Remote, SockaddrBytes(Remote->sa_family));
    }
    return Copy;
}

_Use_decl_annotations_ VOID AddressCopyEnd(ADDRESS_COPY *Copy, SPOILT Spoilt)
{
    ADDRESS_COPY *Oldest;

    if (Spoilt == SpoiltUnreadable) {
        MmFreeNonCachedMemory(Copy, PAGE_SIZE);
        return;
    }
    if (Spoilt == SpoiltFilled) {
        RtlFillMemory(Copy, sizeof(*Copy), POISON_BYTE);
    }
    Oldest = InterlockedExchangePointer(
        (PVOID volatile *)&Quarantine[(ULONG)InterlockedIncrement(&QuarantineNext) % QUARANTINE], Copy);
    if (Oldest != NULL) {
        SlabGive(&Copies, Oldest);
    }
}

/* Kernel functions that the driver imports from here: IRPs, MDLs and pool. Allocations are recorded after
 * they were made, frees before. */
#include "hooks.h"

#include "host.h"
#include "trace.h"

#pragma comment(linker, "/export:IoAllocateIrp=OwnAllocateIrp")
#pragma comment(linker, "/export:IoFreeIrp=OwnFreeIrp")
#pragma comment(linker, "/export:IoReuseIrp=OwnReuseIrp")
#pragma comment(linker, "/export:IoAllocateMdl=OwnAllocateMdl")
#pragma comment(linker, "/export:IoFreeMdl=OwnFreeMdl")
#pragma comment(linker, "/export:ExAllocatePool=OwnAllocatePool")
#pragma comment(linker, "/export:ExAllocatePoolWithTag=OwnAllocatePoolWithTag")
#pragma comment(linker, "/export:ExAllocatePoolWithQuotaTag=OwnAllocatePoolWithQuotaTag")
#pragma comment(linker, "/export:ExAllocatePool2=OwnAllocatePool2")
#pragma comment(linker, "/export:ExFreePool=OwnFreePool")
#pragma comment(linker, "/export:ExFreePoolWithTag=OwnFreePoolWithTag")

/* wdm.h may turn these names into others. */
#undef ExAllocatePool
#undef ExFreePool
NTKERNELAPI PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T Bytes);
NTKERNELAPI VOID NTAPI ExFreePool(PVOID Address);

/* Bit 0 of a POOL_TYPE: pageable. */
#define PAGED_BIT 1

static VOID RecordIrp(PIRP Irp, TRACE_FUNCTION Function, ULONG StackCount)
{
    TRACE(IRP_MEMORY, TRACE_SIDE_BOTH, .irp = AS_U64(Irp), .fn = Function, .stack_count = StackCount);
}

PIRP NTAPI OwnAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota)
{
    PIRP Irp = IoAllocateIrp(StackSize, ChargeQuota);

    RecordIrp(Irp, TRACE_FN_IoAllocateIrp, (ULONG)StackSize);
    return Irp;
}

VOID NTAPI OwnFreeIrp(PIRP Irp)
{
    RecordIrp(Irp, TRACE_FN_IoFreeIrp, (ULONG)Irp->StackCount);
    IoFreeIrp(Irp);
}

VOID NTAPI OwnReuseIrp(PIRP Irp, NTSTATUS Status)
{
    RecordIrp(Irp, TRACE_FN_IoReuseIrp, (ULONG)Irp->StackCount);
    IoReuseIrp(Irp, Status);
}

PMDL NTAPI OwnAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota,
                          PIRP Irp)
{
    PMDL Mdl = IoAllocateMdl(VirtualAddress, Length, SecondaryBuffer, ChargeQuota, Irp);

    TRACE(MDL_MEMORY, TRACE_SIDE_BOTH, .mdl = AS_U64(Mdl), .address = AS_U64(VirtualAddress),
          .length = Length, .fn = TRACE_FN_IoAllocateMdl);
    return Mdl;
}

VOID NTAPI OwnFreeMdl(PMDL Mdl)
{
    TRACE(MDL_MEMORY, TRACE_SIDE_BOTH, .mdl = AS_U64(Mdl), .address = AS_U64(MmGetMdlVirtualAddress(Mdl)),
          .length = MmGetMdlByteCount(Mdl), .fn = TRACE_FN_IoFreeMdl);
    IoFreeMdl(Mdl);
}

static PVOID RecordPool(PVOID Address, SIZE_T Bytes, ULONG PoolType, ULONG Tag)
{
    TRACE(POOL_ALLOCATE, TRACE_SIDE_BOTH, .address = AS_U64(Address), .size = Bytes, .pool_type = PoolType,
          .tag = Tag, .paged = PoolType & PAGED_BIT);
    return Address;
}

PVOID NTAPI OwnAllocatePool(POOL_TYPE PoolType, SIZE_T Bytes)
{
    return RecordPool(ExAllocatePool(PoolType, Bytes), Bytes, (ULONG)PoolType, 0);
}

PVOID NTAPI OwnAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T Bytes, ULONG Tag)
{
    return RecordPool(ExAllocatePoolWithTag(PoolType, Bytes, Tag), Bytes, (ULONG)PoolType, Tag);
}

PVOID NTAPI OwnAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T Bytes, ULONG Tag)
{
    return RecordPool(ExAllocatePoolWithQuotaTag(PoolType, Bytes, Tag), Bytes, (ULONG)PoolType, Tag);
}

/* Recorded with the POOL_TYPE that the flags amount to. Where the system has no such function, no driver that
 * is loaded without the recorder imports it: then it is made of the older one. */
PVOID NTAPI OwnAllocatePool2(ULONG64 Flags, SIZE_T Bytes, ULONG Tag)
{
    const POOL_TYPE PoolType = (Flags & POOL_FLAG_PAGED)               ? PagedPool
                               : (Flags & POOL_FLAG_NON_PAGED_EXECUTE) ? NonPagedPool
                                                                       : NonPagedPoolNx;
    PVOID Address;

    if (Host.AllocatePool2 != NULL) {
        Address = Host.AllocatePool2(Flags, Bytes, Tag);
    } else {
        Address = ExAllocatePoolWithTag(PoolType, Bytes, Tag);
        if (Address != NULL && !(Flags & POOL_FLAG_UNINITIALIZED)) {
            RtlZeroMemory(Address, Bytes);
        }
    }
    return RecordPool(Address, Bytes, (ULONG)PoolType, Tag);
}

static VOID RecordFree(PVOID Address, ULONG Tag)
{
    TRACE(POOL_FREE, TRACE_SIDE_BOTH, .address = AS_U64(Address), .tag = Tag);
}

VOID NTAPI OwnFreePool(PVOID Address)
{
    RecordFree(Address, 0);
    ExFreePool(Address);
}

VOID NTAPI OwnFreePoolWithTag(PVOID Address, ULONG Tag)
{
    RecordFree(Address, Tag);
    ExFreePoolWithTag(Address, Tag);
}

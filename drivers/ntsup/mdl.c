/**
 * Memory descriptor lists. The driver host has one flat address space and nothing is paged out by surprise:
 * to map a list is to know its address, to lock it is to have touched it.
 */
#include "ntsup.h"

static PVOID AddressOf(PMDL Mdl)
{
    return (PUCHAR)Mdl->StartVa + Mdl->ByteOffset;
}

VOID NTAPI SupMmBuildMdlForNonPagedPool(PMDLX Mdl);
VOID NTAPI SupMmBuildMdlForNonPagedPool(PMDLX Mdl)
{
    Mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
    Mdl->MappedSystemVa = AddressOf(Mdl);
}
SUPPLIES(MmBuildMdlForNonPagedPool);

PVOID NTAPI SupMmMapLockedPagesSpecifyCache(PMDLX Mdl, KPROCESSOR_MODE AccessMode,
                                            MEMORY_CACHING_TYPE CacheType, PVOID BaseAddress,
                                            ULONG BugCheckOnFailure, MM_PAGE_PRIORITY Priority);
PVOID NTAPI SupMmMapLockedPagesSpecifyCache(PMDLX Mdl, KPROCESSOR_MODE AccessMode,
                                            MEMORY_CACHING_TYPE CacheType, PVOID BaseAddress,
                                            ULONG BugCheckOnFailure, MM_PAGE_PRIORITY Priority)
{
    UNREFERENCED_PARAMETER(CacheType);
    UNREFERENCED_PARAMETER(BaseAddress);
    UNREFERENCED_PARAMETER(BugCheckOnFailure);
    UNREFERENCED_PARAMETER(Priority);
    if (AccessMode == KernelMode) {
        Mdl->MappedSystemVa = AddressOf(Mdl);
        Mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
    }
    return AddressOf(Mdl);
}
SUPPLIES(MmMapLockedPagesSpecifyCache);

PVOID NTAPI SupMmMapLockedPages(PMDL Mdl, KPROCESSOR_MODE AccessMode);
PVOID NTAPI SupMmMapLockedPages(PMDL Mdl, KPROCESSOR_MODE AccessMode)
{
    return SupMmMapLockedPagesSpecifyCache(Mdl, AccessMode, MmCached, NULL, FALSE, NormalPagePriority);
}

VOID NTAPI SupMmUnmapLockedPages(PVOID BaseAddress, PMDL Mdl);
VOID NTAPI SupMmUnmapLockedPages(PVOID BaseAddress, PMDL Mdl)
{
    UNREFERENCED_PARAMETER(BaseAddress);
    Mdl->MdlFlags &= ~MDL_MAPPED_TO_SYSTEM_VA;
}
SUPPLIES(MmUnmapLockedPages);

VOID NTAPI SupMmProbeAndLockPages(PMDLX Mdl, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation);
VOID NTAPI SupMmProbeAndLockPages(PMDLX Mdl, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation)
{
    UNREFERENCED_PARAMETER(AccessMode);
    /* A bad page faults here, as it raises in Windows. */
    volatile UCHAR *byte = AddressOf(Mdl);
    for (ULONG offset = 0; offset < Mdl->ByteCount; offset += PAGE_SIZE) {
        (void)byte[offset];
    }
    Mdl->MdlFlags |= MDL_PAGES_LOCKED | (Operation != IoReadAccess ? MDL_WRITE_OPERATION : 0);
}
SUPPLIES(MmProbeAndLockPages);

VOID NTAPI SupMmUnlockPages(PMDLX Mdl);
VOID NTAPI SupMmUnlockPages(PMDLX Mdl)
{
    Mdl->MdlFlags &= ~(MDL_PAGES_LOCKED | MDL_WRITE_OPERATION | MDL_MAPPED_TO_SYSTEM_VA);
}
SUPPLIES(MmUnlockPages);

VOID NTAPI SupIoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress, ULONG Length);
VOID NTAPI SupIoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress, ULONG Length)
{
    ULONG offset = (ULONG)((PUCHAR)VirtualAddress - (PUCHAR)AddressOf(SourceMdl));
    TargetMdl->StartVa = PAGE_ALIGN(VirtualAddress);
    TargetMdl->ByteOffset = BYTE_OFFSET(VirtualAddress);
    TargetMdl->ByteCount = Length != 0 ? Length : SourceMdl->ByteCount - offset;
    TargetMdl->Process = SourceMdl->Process;
    TargetMdl->MdlFlags |=
        MDL_PARTIAL | (SourceMdl->MdlFlags & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA));
    TargetMdl->MappedSystemVa = VirtualAddress;
}
SUPPLIES(IoBuildPartialMdl);

SIZE_T NTAPI SupMmSizeOfMdl(PVOID Base, SIZE_T Length);
SIZE_T NTAPI SupMmSizeOfMdl(PVOID Base, SIZE_T Length)
{
    return sizeof(MDL) + ADDRESS_AND_SIZE_TO_SPAN_PAGES(Base, Length) * sizeof(PFN_NUMBER);
}
SUPPLIES(MmSizeOfMdl);

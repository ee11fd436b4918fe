/**
 * Pool whose tags are checked when it is freed, aligned as Windows aligns it (a page and more begins at a
 * page), filled with rubbish when it is freed. Blocks that Wine's own functions handed out go back to Wine.
 */
#include "ntsup.h"

#define POOL_ALIGNMENT 16
#define MAGIC 0x6c6f6f506c6b7357ull /* "WsklPool" */
#define FREED 0x656572466c6b7357ull /* "WsklFree" */
#define RUBBISH 0xdd

/* Directly before the block. Magic comes last: Wine's heap overwrites the beginning of what is free. */
typedef struct DECLSPEC_ALIGN(16) _POOL_HEADER {
    PVOID Memory; /* what Wine allocated */
    SIZE_T Size;
    ULONG Tag;
    ULONG Reserved;
    ULONGLONG Magic; /* MAGIC or FREED, exclusive-ored with the block's address */
} POOL_HEADER;

static PVOID Allocate(SIZE_T Size, ULONG Tag, BOOLEAN Zero)
{
    SIZE_T alignment = Size >= PAGE_SIZE ? PAGE_SIZE : POOL_ALIGNMENT;
    SIZE_T total = Size + sizeof(POOL_HEADER) + alignment;
    if (total < Size) {
        return NULL;
    }
    PUCHAR memory = ExAllocatePoolWithTag(NonPagedPool, total, Tag);
    if (memory == NULL) {
        return NULL;
    }
    PUCHAR block = (PUCHAR)(((ULONG_PTR)memory + sizeof(POOL_HEADER) + alignment - 1) & ~(alignment - 1));
    POOL_HEADER *header = (POOL_HEADER *)block - 1;
    header->Magic = MAGIC ^ (ULONG_PTR)block;
    header->Size = Size;
    header->Memory = memory;
    header->Tag = Tag;
    if (Zero) {
        RtlZeroMemory(block, Size);
    }
    return block;
}

/* Tag 0: any. */
static VOID Free(PVOID Block, ULONG Tag, PVOID Caller)
{
    POOL_HEADER *header = (POOL_HEADER *)Block - 1;
    if (Block == NULL) {
        BugCheck(BAD_POOL_CALLER, 0x46 /* free of an invalid address */, Caller, Block);
    }
    if (header->Magic == (FREED ^ (ULONG_PTR)Block)) {
        BugCheck(BAD_POOL_CALLER, 0x7 /* already freed */, Caller, Block);
    }
    if (header->Magic != (MAGIC ^ (ULONG_PTR)Block)) {
        ExFreePool(Block);
        return;
    }
    if (Tag != 0 && Tag != header->Tag) {
        BugCheck(BAD_POOL_CALLER, 0xA /* wrong tag */, Caller, Block);
    }
    PVOID memory = header->Memory;
    header->Magic = FREED ^ (ULONG_PTR)Block;
    RtlFillMemory(Block, header->Size, RUBBISH);
    ExFreePool(memory);
}

PVOID NTAPI SupExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID NTAPI SupExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    UNREFERENCED_PARAMETER(PoolType);
    return Allocate(NumberOfBytes, Tag, FALSE);
}
SUPPLIES(ExAllocatePoolWithTag);

PVOID NTAPI SupExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
PVOID NTAPI SupExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes)
{
    UNREFERENCED_PARAMETER(PoolType);
    return Allocate(NumberOfBytes, 'enoN', FALSE);
}

PVOID NTAPI SupExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID NTAPI SupExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    UNREFERENCED_PARAMETER(PoolType);
    return Allocate(NumberOfBytes, Tag, TRUE);
}

PVOID NTAPI SupExAllocatePool2(ULONG64 Flags, SIZE_T NumberOfBytes, ULONG Tag);
PVOID NTAPI SupExAllocatePool2(ULONG64 Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    return Allocate(NumberOfBytes, Tag, (Flags & POOL_FLAG_UNINITIALIZED) == 0);
}

PVOID NTAPI SupExAllocatePool3(ULONG64 Flags, SIZE_T NumberOfBytes, ULONG Tag, const VOID *ExtendedParameters,
                               ULONG ExtendedParametersCount);
PVOID NTAPI SupExAllocatePool3(ULONG64 Flags, SIZE_T NumberOfBytes, ULONG Tag, const VOID *ExtendedParameters,
                               ULONG ExtendedParametersCount)
{
    UNREFERENCED_PARAMETER(ExtendedParameters);
    UNREFERENCED_PARAMETER(ExtendedParametersCount);
    return SupExAllocatePool2(Flags, NumberOfBytes, Tag);
}

VOID NTAPI SupExFreePoolWithTag(PVOID P, ULONG Tag);
VOID NTAPI SupExFreePoolWithTag(PVOID P, ULONG Tag)
{
    Free(P, Tag, __builtin_return_address(0));
}
SUPPLIES(ExFreePoolWithTag);

VOID NTAPI SupExFreePool(PVOID P);
VOID NTAPI SupExFreePool(PVOID P)
{
    Free(P, 0, __builtin_return_address(0));
}

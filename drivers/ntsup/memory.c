/**
 * Contiguous memory: each block is a named section, so that what a driver keeps there (the recorder's ring)
 * can be read by another process after the driver host has died.
 */
#include "ntsup.h"

#define BLOCKS 16
#define NAME_CHARS 64

typedef struct _BLOCK {
    PVOID Base;
    HANDLE Section;
    WCHAR Name[NAME_CHARS];
} BLOCK;

static HOST_LOCK BlocksLock;
static BLOCK Blocks[BLOCKS];

static PWCHAR AppendNumber(PWCHAR End, ULONG Number)
{
    WCHAR digits[10];
    ULONG count = 0;
    do {
        digits[count++] = (WCHAR)(L'0' + Number % 10);
        Number /= 10;
    } while (Number != 0);
    while (count > 0) {
        *End++ = digits[--count];
    }
    *End = 0;
    return End;
}

/* Global, because drivers and the agent live in different sessions: Global\WskLab.<process>.<block>. */
static VOID NameBlock(BLOCK *Block, ULONG Index)
{
    static const WCHAR prefix[] = L"Global\\WskLab.";
    RtlCopyMemory(Block->Name, prefix, sizeof(prefix));
    PWCHAR end = AppendNumber(Block->Name + RTL_NUMBER_OF(prefix) - 1, GetCurrentProcessId());
    *end++ = L'.';
    AppendNumber(end, Index);
}

static PVOID Allocate(SIZE_T Size)
{
    PVOID base = NULL;
    RtlAcquireSRWLockExclusive(&BlocksLock);
    for (ULONG index = 0; index < BLOCKS; ++index) {
        BLOCK *block = &Blocks[index];
        if (block->Base != NULL) {
            continue;
        }
        NameBlock(block, index);
        block->Section = CreateFileMappingW((HANDLE)-1, NULL, PAGE_READWRITE, (ULONG)(Size >> 32),
                                            (ULONG)Size, block->Name);
        if (block->Section != NULL) {
            block->Base = MapViewOfFile(block->Section, HOST_FILE_MAP_ALL_ACCESS, 0, 0, Size);
            if (block->Base == NULL) {
                CloseHandle(block->Section);
            }
        }
        base = block->Base;
        break;
    }
    RtlReleaseSRWLockExclusive(&BlocksLock);
    return base;
}

PVOID NTAPI SupMmAllocateContiguousMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS HighestAcceptableAddress);
PVOID NTAPI SupMmAllocateContiguousMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS HighestAcceptableAddress)
{
    UNREFERENCED_PARAMETER(HighestAcceptableAddress);
    return Allocate(NumberOfBytes);
}
SUPPLIES(MmAllocateContiguousMemory);

PVOID NTAPI SupMmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS Lowest,
                                                      PHYSICAL_ADDRESS Highest, PHYSICAL_ADDRESS Boundary,
                                                      MEMORY_CACHING_TYPE CacheType);
PVOID NTAPI SupMmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS Lowest,
                                                      PHYSICAL_ADDRESS Highest, PHYSICAL_ADDRESS Boundary,
                                                      MEMORY_CACHING_TYPE CacheType)
{
    UNREFERENCED_PARAMETER(Lowest);
    UNREFERENCED_PARAMETER(Highest);
    UNREFERENCED_PARAMETER(Boundary);
    UNREFERENCED_PARAMETER(CacheType);
    return Allocate(NumberOfBytes);
}
SUPPLIES(MmAllocateContiguousMemorySpecifyCache);

static BLOCK *FindBlock(PVOID BaseAddress)
{
    for (ULONG index = 0; index < BLOCKS; ++index) {
        if (BaseAddress != NULL && Blocks[index].Base == BaseAddress) {
            return &Blocks[index];
        }
    }
    return NULL;
}

VOID NTAPI SupMmFreeContiguousMemory(PVOID BaseAddress);
VOID NTAPI SupMmFreeContiguousMemory(PVOID BaseAddress)
{
    RtlAcquireSRWLockExclusive(&BlocksLock);
    BLOCK *block = FindBlock(BaseAddress);
    if (block != NULL) {
        UnmapViewOfFile(block->Base);
        CloseHandle(block->Section);
        block->Base = NULL;
    }
    RtlReleaseSRWLockExclusive(&BlocksLock);
    if (block == NULL) {
        BUGCHECK(BAD_POOL_CALLER, 0, BaseAddress);
    }
}
SUPPLIES(MmFreeContiguousMemory);

VOID NTAPI SupMmFreeContiguousMemorySpecifyCache(PVOID BaseAddress, SIZE_T NumberOfBytes,
                                                 MEMORY_CACHING_TYPE CacheType);
VOID NTAPI SupMmFreeContiguousMemorySpecifyCache(PVOID BaseAddress, SIZE_T NumberOfBytes,
                                                 MEMORY_CACHING_TYPE CacheType)
{
    UNREFERENCED_PARAMETER(NumberOfBytes);
    UNREFERENCED_PARAMETER(CacheType);
    SupMmFreeContiguousMemory(BaseAddress);
}
SUPPLIES(MmFreeContiguousMemorySpecifyCache);

PCWSTR NTAPI NtsupContiguousMemoryName(PVOID BaseAddress)
{
    RtlAcquireSRWLockExclusive(&BlocksLock);
    BLOCK *block = FindBlock(BaseAddress);
    RtlReleaseSRWLockExclusive(&BlocksLock);
    return block != NULL ? block->Name : NULL;
}

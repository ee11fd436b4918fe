#include "slab.h"

/* Stands before each object, so that giving an object back changes none of its own bytes. */
typedef struct DECLSPEC_ALIGN(16) _SLAB_LINK {
    SLIST_ENTRY Entry;
} SLAB_LINK;

_Use_decl_annotations_ VOID SlabInitialize(SLAB *Slab, SIZE_T ObjectBytes)
{
    RtlZeroMemory(Slab, sizeof(*Slab));
    InitializeSListHead(&Slab->Free);
    Slab->Stride = sizeof(SLAB_LINK) + ((ObjectBytes + 15) & ~(SIZE_T)15);
}

static SLAB_LINK *LinkAt(const SLAB *Slab, PUCHAR Block, ULONG Index)
{
    return (SLAB_LINK *)(Block + Index * Slab->Stride);
}

/* Adds a block; gives one of its objects and puts the others into the free list. */
static SLAB_LINK *Grow(SLAB *Slab)
{
    PUCHAR Block;
    LONG Number;
    ULONG Index;

    if (Slab->BlockCount >= SLAB_MAX_BLOCKS) {
        return NULL;
    }
    Block = PoolAllocate(Slab->Stride * SLAB_OBJECTS_PER_BLOCK, TAG_SLAB);
    if (Block == NULL) {
        return NULL;
    }
    Number = InterlockedIncrement(&Slab->BlockCount) - 1;
    if (Number >= SLAB_MAX_BLOCKS) {
        InterlockedDecrement(&Slab->BlockCount);
        ExFreePoolWithTag(Block, TAG_SLAB);
        return NULL;
    }
    Slab->Blocks[Number] = Block;
    for (Index = 1; Index < SLAB_OBJECTS_PER_BLOCK; ++Index) {
        InterlockedPushEntrySList(&Slab->Free, &LinkAt(Slab, Block, Index)->Entry);
    }
    return LinkAt(Slab, Block, 0);
}

_Use_decl_annotations_ PVOID SlabTake(SLAB *Slab)
{
    SLAB_LINK *Link = (SLAB_LINK *)InterlockedPopEntrySList(&Slab->Free);

    if (Link == NULL) {
        Link = Grow(Slab);
    }
    return Link == NULL ? NULL : Link + 1;
}

_Use_decl_annotations_ VOID SlabGive(SLAB *Slab, PVOID Object)
{
    InterlockedPushEntrySList(&Slab->Free, &((SLAB_LINK *)Object - 1)->Entry);
}

_Use_decl_annotations_ BOOLEAN SlabOwns(const SLAB *Slab, const VOID *Pointer)
{
    const SIZE_T BlockBytes = Slab->Stride * SLAB_OBJECTS_PER_BLOCK;
    LONG Index;

    for (Index = 0; Index < Slab->BlockCount && Index < SLAB_MAX_BLOCKS; ++Index) {
        const SIZE_T Offset = (const UCHAR *)Pointer - Slab->Blocks[Index];

        if (Slab->Blocks[Index] != NULL && Offset < BlockBytes) {
            return Offset % Slab->Stride == sizeof(SLAB_LINK);
        }
    }
    return FALSE;
}

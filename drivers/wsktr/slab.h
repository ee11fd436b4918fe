/*
 * Objects of one size whose memory stays the recorder's for good. A pointer to an object that was given back
 * may therefore still be read, and a pointer from anywhere can be told from an object: what a recorder needs
 * that has to recognise the use of things that are gone.
 */
#ifndef SLAB_H
#define SLAB_H

#include "recorder.h"

#define SLAB_MAX_BLOCKS 512
#define SLAB_OBJECTS_PER_BLOCK 64

typedef struct _SLAB {
    SLIST_HEADER Free;
    SIZE_T Stride; /* object and what stands before it */
    PUCHAR Blocks[SLAB_MAX_BLOCKS];
    volatile LONG BlockCount; /* claimed, of which the last may not be filled in yet */
} SLAB;

_IRQL_requires_max_(DISPATCH_LEVEL) VOID SlabInitialize(_Out_ SLAB *Slab, _In_ SIZE_T ObjectBytes);

/* An object with its old contents (zero the first time), or NULL without memory. */
_IRQL_requires_max_(DISPATCH_LEVEL) PVOID SlabTake(_Inout_ SLAB *Slab);

_IRQL_requires_max_(DISPATCH_LEVEL) VOID SlabGive(_Inout_ SLAB *Slab, _In_ PVOID Object);

/* Whether `Pointer` is an object of the slab, taken or given back. Any pointer may be asked about. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN SlabOwns(_In_ const SLAB *Slab, _In_opt_ const VOID *Pointer);

#endif

/** Bytes in a WSK_BUF: a range of an MDL chain. */
#pragma once

#include "../compat/kernel.h"
#include "wsk.h"

/**
 * The memory of a WSK_BUF from byte `Skip` on, as far as one MDL goes; NULL when nothing is left, or it
 * cannot be mapped. *Size is its length.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) FORCEINLINE PUCHAR
    BufferAt(_In_ const WSK_BUF *Buffer, _In_ SIZE_T Skip, _Out_ SIZE_T *Size)
{
    SIZE_T offset = Buffer->Offset + Skip;
    PMDL mdl = Buffer->Mdl;
    PUCHAR memory;

    *Size = 0;
    if (Skip >= Buffer->Length) {
        return NULL;
    }
    while (mdl != NULL && offset >= MmGetMdlByteCount(mdl)) {
        offset -= MmGetMdlByteCount(mdl);
        mdl = mdl->Next;
    }
    memory = mdl == NULL ? NULL : MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    if (memory == NULL) {
        return NULL;
    }
    *Size = min(MmGetMdlByteCount(mdl) - offset, Buffer->Length - Skip);
    return memory + offset;
}

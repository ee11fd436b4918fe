#include "transfer.h"

_Use_decl_annotations_ TRANSFER *TransferMake(struct _CONNECTION *Connection, SIZE_T Bytes)
{
    TRANSFER *Transfer = PoolAllocate(FIELD_OFFSET(TRANSFER, Data) + Bytes, TAG_TRANSFER);

    if (Transfer == NULL) {
        return NULL;
    }
    Transfer->Connection = Connection;
    Transfer->Capacity = Bytes;
    Transfer->Buffer.Length = Bytes;
    Transfer->Buffer.Mdl = IoAllocateMdl(Transfer->Data, (ULONG)Bytes, FALSE, FALSE, NULL);
    if (Transfer->Buffer.Mdl == NULL) {
        ExFreePoolWithTag(Transfer, TAG_TRANSFER);
        return NULL;
    }
    MmBuildMdlForNonPagedPool(Transfer->Buffer.Mdl);
    return Transfer;
}

_Use_decl_annotations_ VOID TransferFree(TRANSFER *Transfer)
{
    IoFreeMdl(Transfer->Buffer.Mdl);
    ExFreePoolWithTag(Transfer, TAG_TRANSFER);
}

/* Copies the bytes of one WSK_BUF, and gives how many; less than its Length if an MDL cannot be mapped. */
static SIZE_T CopyBuffer(const WSK_BUF *Buffer, PUCHAR To, SIZE_T Room)
{
    SIZE_T Left = Buffer->Length < Room ? Buffer->Length : Room;
    ULONG Offset = Buffer->Offset;
    SIZE_T Copied = 0;
    PMDL Mdl;

    for (Mdl = Buffer->Mdl; Mdl != NULL && Left != 0; Mdl = Mdl->Next) {
        const PUCHAR From = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority);
        const SIZE_T Here = MmGetMdlByteCount(Mdl) - Offset;
        const SIZE_T Bytes = Here < Left ? Here : Left;

        if (From == NULL) {
            break;
        }
        RtlCopyMemory(To + Copied, From + Offset, Bytes);
        Copied += Bytes;
        Left -= Bytes;
        Offset = 0;
    }
    return Copied;
}

_Use_decl_annotations_ BOOLEAN TransferCopy(TRANSFER *Transfer, const WSK_DATA_INDICATION *Indication)
{
    SIZE_T Copied = 0;

    for (; Indication != NULL && Copied < Transfer->Capacity; Indication = Indication->Next) {
        Copied += CopyBuffer(&Indication->Buffer, Transfer->Data + Copied, Transfer->Capacity - Copied);
    }
    return Copied == Transfer->Capacity;
}

/* A piece of data on its way through the driver: received into, or copied, and then sent from the same
 * buffer. */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "request.h"

typedef struct _TRANSFER {
    LIST_ENTRY Link;
    REQUEST Request;
    struct _CONNECTION *Connection;
    SIZE_T Capacity;
    WSK_BUF Buffer; /* Length: bytes to receive or to send */
    UCHAR Data[];
} TRANSFER;

/* With a buffer of that many bytes (more than 0), described by an MDL. NULL without memory. */
_IRQL_requires_max_(DISPATCH_LEVEL)
    _Must_inspect_result_ TRANSFER *TransferMake(_In_ struct _CONNECTION *Connection, _In_ SIZE_T Bytes);

_IRQL_requires_max_(DISPATCH_LEVEL) VOID TransferFree(_In_ TRANSFER *Transfer);

/* Copies what WskReceiveEvent indicated: `Capacity` bytes of it. FALSE if the indication cannot be mapped or
 * has less. */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ BOOLEAN
    TransferCopy(_Inout_ TRANSFER *Transfer, _In_ const WSK_DATA_INDICATION *Indication);

#endif

/*
 * Calls of the driver, and the IRPs that it hands over with them.
 *
 * A CALL lives on the stack of the function that the driver called. A REQUEST lives from there until the IRP
 * completes: it takes the place of the driver's completion routine in the next stack location, records the
 * completion, replaces a WSK_SOCKET in IoStatus.Information by its proxy, and calls the driver's routine with
 * the arguments it would have had, honouring the invoke flags.
 *
 * The routine's return value is honoured too, with one exception: for an IRP that the driver itself allocated
 * anything but STATUS_MORE_PROCESSING_REQUIRED would let the I/O manager complete an IRP that has no owner
 * above, which takes the guest down. It is recorded as returned, and the completion stops all the same.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "socket.h"
#include "trace.h"

typedef struct _CALL {
    ULONG64 Number; /* unique; as the trace counts: CallNumber */
    TRACE_FUNCTION Function;
    PROXY *Socket; /* NULL: a client-level function, or a pointer that is none of ours */
    ULONG64 SocketNumber;
    PIRP Irp;
    UCHAR Side;
    NTSTATUS Refusal; /* STATUS_SUCCESS: the call is passed on */
} CALL;

typedef struct _REQUEST {
    LIST_ENTRY Link; /* PROXY.Accepts or HOLD.Requests */
    ULONG64 Number;
    TRACE_FUNCTION Function;
    PROXY *Socket;
    ULONG64 SocketNumber;
    PIRP Irp;
    UCHAR Side;
    UCHAR Control;  /* the driver's invoke flags */
    BOOLEAN Passed; /* to the provider; the completion of a refused call is the recorder's own */
    BOOLEAN
    Pended; /* WSK's completion finds PendingReturned set: the call was kept back after STATUS_PENDING */
    PIO_COMPLETION_ROUTINE Routine;
    PVOID Context;
    PDEVICE_OBJECT Device; /* what the routine is called with */

    PROXY *Produced; /* the socket that success brings */
    PSOCKADDR Local; /* where WSK puts addresses */
    PSOCKADDR Remote;
    volatile LONG Cancelling; /* see accept_list.c */
    struct _HOLD *Hold;       /* keeps the completion until a callback has returned */
    /* A WskAccept that is kept from the provider: what to pass on. */
    ULONG Flags;
} REQUEST;

VOID RequestsInitialize(VOID);

/*
 * Begins a call: numbers it, looks at the socket, records irp_state. The caller writes the enter record, and
 * then passes the call on if CallPass says so. `Irp` is NULL where the function takes none or the driver gave
 * none; `NeedsIrp` makes that a refusal.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    CallBegin(_Out_ CALL *Call, _In_ TRACE_FUNCTION Function, _In_opt_ const VOID *Pointer, _In_opt_ PIRP Irp,
              _In_ BOOLEAN NeedsIrp);

/* The same for a client-level function: there is no socket. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    CallBeginClient(_Out_ CALL *Call, _In_ TRACE_FUNCTION Function, _In_ BOOLEAN ClientIsKnown,
                    _In_opt_ PIRP Irp, _In_ BOOLEAN NeedsIrp);

/* Its number in the running trace, 0 if it began before. */
_IRQL_requires_max_(DISPATCH_LEVEL) ULONG64 CallNumber(_In_ const CALL *Call);

/*
 * After the enter record: puts a REQUEST between the IRP and the driver's completion routine. FALSE: the call
 * is not passed on (the socket is gone, the IRP cannot be used, no memory); CallEnd then fails the IRP and
 * the call.
 * `*Request` is NULL for a call without an IRP. `Exists`: the provider has this function for such a socket.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ BOOLEAN
    CallPass(_Inout_ CALL *Call, _In_ BOOLEAN Exists, _Outptr_result_maybenull_ REQUEST **Request);

/* Records the return and gives the status that the driver gets. */
_IRQL_requires_max_(DISPATCH_LEVEL) NTSTATUS CallEnd(_In_ const CALL *Call, _In_ NTSTATUS Status);

/* The records of a completion, irp_complete last; and the one of its return. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID RequestRecord(_In_ const REQUEST *Request, _In_ UCHAR Side);
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    RequestRecordReturn(_In_ ULONG64 Number, _In_ PIRP Irp, _In_ TRACE_FUNCTION Function,
                        _In_ NTSTATUS Status, _In_ UCHAR Side);

/* Hands a completion that was kept back (its routine answered STATUS_MORE_PROCESSING_REQUIRED) to the driver.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID RequestDeliver(_In_ REQUEST *Request);

/* The same for a WskAccept that was cancelled because the perturber declared its listener dead. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID RequestDeliverCancelled(_In_ REQUEST *Request);

/* Gives the IRP a status and completes it, as WSK would. The request's routine is in place. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID RequestFail(_In_ PIRP Irp, _In_ NTSTATUS Status);

#endif

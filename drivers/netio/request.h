/**
 * IRPs of the driver inside the provider: taken over, completed once, queued so that IoCancelIrp works.
 */
#pragma once

#include "../compat/kernel.h"

/** Takes the next stack location, so that IoCompleteRequest finds the driver's completion routine. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID RequestBegin(_Inout_ PIRP Irp);

/** Completes a request that was begun. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    RequestComplete(_Inout_ PIRP Irp, _In_ NTSTATUS Status, _In_ ULONG_PTR Information);

/** RequestBegin and RequestComplete for what is decided at once; gives the status back. */
_IRQL_requires_max_(DISPATCH_LEVEL) NTSTATUS
    RequestAnswer(_Inout_opt_ PIRP Irp, _In_ NTSTATUS Status, _In_ ULONG_PTR Information);

/**
 * Queues a request that was begun and marks it pending. ProviderLock is held. `Cancelled` is told, without
 * the lock, when IoCancelIrp took the request out of its queue: it then completes it. FALSE: it was cancelled
 * before; the caller completes it.
 */
typedef VOID REQUEST_CANCELLED(_Inout_ PIRP Irp);
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN RequestQueue(_Inout_ PIRP Irp, _Inout_ LIST_ENTRY *Queue,
                                                         _In_ PVOID Owner, _In_ REQUEST_CANCELLED *Cancelled);

/** What RequestQueue was given as owner. */
PVOID RequestOwner(_In_ PIRP Irp);

/** A word for the request's own use while the provider has it. */
PVOID *RequestContext(_In_ PIRP Irp);

/** The first request that is not being cancelled, out of its queue; NULL if none. ProviderLock is held. */
_IRQL_requires_max_(DISPATCH_LEVEL) PIRP RequestTake(_Inout_ LIST_ENTRY *Queue);

/** Puts a request that was taken back to the front; FALSE as RequestQueue. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN RequestPutBack(_Inout_ PIRP Irp, _Inout_ LIST_ENTRY *Queue);

/** Pool tag of what SocketQueue is given as a request's context. */
#define REQUEST_TAG 'qrSN'

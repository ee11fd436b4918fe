/** A registered WSK application: what WskRegister makes and WskDeregister waits for. */
#pragma once

#include "../compat/kernel.h"
#include "wsk.h"

/** Guarded by ProviderLock. */
typedef struct _CLIENT {
    LIST_ENTRY Link;
    PVOID Context;
    const WSK_CLIENT_DISPATCH *Dispatch;
    ULONG StaticEvents; /* WSK_SET_STATIC_EVENT_CALLBACKS */
    ULONG Captures;     /* provider NPIs captured and not released */
    ULONG Uses;         /* sockets, and calls through WSK_PROVIDER_DISPATCH that have not returned */
    BOOLEAN Deregistering;
    KEVENT Idle; /* set when nothing holds WskDeregister back */
} CLIENT;

/** The client that the driver names, with one more use; NULL if there is no such client. */
_IRQL_requires_max_(DISPATCH_LEVEL) CLIENT *ClientReference(_In_ PWSK_CLIENT Client);
_IRQL_requires_max_(DISPATCH_LEVEL) VOID ClientDereference(_In_ CLIENT *Client);

/** WSK_PROVIDER_DISPATCH.WskControlClient. */
NTSTATUS WSKAPI ControlClient(_In_ PWSK_CLIENT Client, _In_ ULONG ControlCode, _In_ SIZE_T InputSize,
                              _In_opt_ PVOID InputBuffer, _In_ SIZE_T OutputSize,
                              _Out_opt_ PVOID OutputBuffer, _Out_opt_ SIZE_T *OutputSizeReturned,
                              _Inout_opt_ PIRP Irp);

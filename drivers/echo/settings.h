/*
 * The service's parameters, from the registry key Parameters under the service's own:
 *
 * Port          REG_DWORD  TCP port to listen on (7)
 *
 * Family        REG_SZ     inet | inet6 (inet)
 *
 * AcceptStyle   REG_SZ     event | irp | both (event)
 *
 * AcceptDepth   REG_DWORD  WskAccept IRPs kept queued with irp and both (4)
 *
 * ReceiveStyle  REG_SZ     event | irp | irp-early (event); event: inherited from the listener where WSK
 * allows it; irp-early: as irp, and the first WskReceive starts inside WskAcceptEvent
 *
 * StaticEvents  REG_DWORD  1: events are enabled by WSK_SET_STATIC_EVENT_CALLBACKS; AcceptStyle event only
 * (0)
 *
 * EnableLate    REG_DWORD  1: the accept event stays off until `echoctl enable` (0)
 *
 * Reject        REG_DWORD  n: reject every n-th connection that WskAcceptEvent brings (0: none)
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "echo.h"

#define MAX_ACCEPT_DEPTH 64

typedef struct _SETTINGS {
    ULONG Port;
    ADDRESS_FAMILY Family;
    BOOLEAN AcceptsByEvent;
    BOOLEAN AcceptsByIrp;
    BOOLEAN ReceivesByEvent;
    BOOLEAN ReceivesEarly;
    BOOLEAN StaticEvents;
    BOOLEAN EnableLate;
    ULONG AcceptDepth;
    ULONG Reject;
} SETTINGS;

/* STATUS_INVALID_PARAMETER if one has a value that is not listed above; the debugger output says which. */
_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS
    SettingsRead(_In_ PUNICODE_STRING RegistryPath, _Out_ SETTINGS *Settings);

#endif

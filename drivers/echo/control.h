/* The control device \\.\WskEcho-SERVICE. */
#ifndef CONTROL_H
#define CONTROL_H

#include "echo.h"

_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS
    ControlStart(_In_ PDRIVER_OBJECT Driver, _In_ PUNICODE_STRING RegistryPath);

/* Harmless if it was not started. */
_IRQL_requires_(PASSIVE_LEVEL) VOID ControlStop(_In_ PDRIVER_OBJECT Driver);

#endif

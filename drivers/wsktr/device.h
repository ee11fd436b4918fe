/* The control device: \\.\WskTrace, through which a user-mode program starts, reads and stops the trace. */
#ifndef DEVICE_H
#define DEVICE_H

#include "recorder.h"

_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS DeviceInitialize(_In_ PDRIVER_OBJECT Driver);

#endif

/** Event tracing: registered with success, enabled by nobody. */
#include "ntsup.h"

NTSTATUS NTAPI SupEtwRegister(const GUID *ProviderId, PVOID EnableCallback, PVOID CallbackContext,
                              ULONGLONG *RegHandle);
NTSTATUS NTAPI SupEtwRegister(const GUID *ProviderId, PVOID EnableCallback, PVOID CallbackContext,
                              ULONGLONG *RegHandle)
{
    UNREFERENCED_PARAMETER(ProviderId);
    UNREFERENCED_PARAMETER(EnableCallback);
    UNREFERENCED_PARAMETER(CallbackContext);
    *RegHandle = 1;
    return STATUS_SUCCESS;
}

/* Further arguments are left unread: EtwUnregister, EtwWrite, EtwWriteEx, EtwWriteTransfer,
 * EtwSetInformation. */
NTSTATUS NTAPI SupEtwSucceed(ULONGLONG RegHandle);
NTSTATUS NTAPI SupEtwSucceed(ULONGLONG RegHandle)
{
    UNREFERENCED_PARAMETER(RegHandle);
    return STATUS_SUCCESS;
}

/* EtwEventEnabled, EtwProviderEnabled. */
BOOLEAN NTAPI SupEtwDisabled(ULONGLONG RegHandle);
BOOLEAN NTAPI SupEtwDisabled(ULONGLONG RegHandle)
{
    UNREFERENCED_PARAMETER(RegHandle);
    return FALSE;
}

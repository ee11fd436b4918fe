/* DriverEntry fails with STATUS_DEVICE_CONFIGURATION_ERROR. */
#include "echo/choices.h"

static NTSTATUS Fail(VOID)
{
    return STATUS_DEVICE_CONFIGURATION_ERROR;
}

VOID MakeMistake(VOID)
{
    Choices.Start = Fail;
}

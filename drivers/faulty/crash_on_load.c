/* Writes through NULL in DriverEntry. */
#include "echo/choices.h"

static NTSTATUS Crash(VOID)
{
    *(volatile ULONG *)NULL = 1;
    return STATUS_SUCCESS;
}

VOID MakeMistake(VOID)
{
    Choices.Start = Crash;
}

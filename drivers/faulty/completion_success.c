/* Lets the I/O manager go on with IRPs that the driver itself allocated, and has just freed. */
#include "echo/choices.h"

static NTSTATUS Success(VOID)
{
    return STATUS_SUCCESS;
}

VOID MakeMistake(VOID)
{
    Choices.Completion = Success;
}

/* Calls NULL in DriverUnload. */
#include "echo/choices.h"

static VOID Crash(VOID)
{
    VOID (*volatile Nowhere)(VOID) = NULL;

    Nowhere();
}

VOID MakeMistake(VOID)
{
    Choices.Stop = Crash;
}

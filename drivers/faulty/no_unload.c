/* Has no DriverUnload: once started it cannot be stopped. */
#include "echo/choices.h"

static VOID RemoveUnload(PDRIVER_OBJECT Driver)
{
    Driver->DriverUnload = NULL;
}

VOID MakeMistake(VOID)
{
    Choices.Started = RemoveUnload;
}

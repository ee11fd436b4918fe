/* DriverEntry takes twelve seconds. Wine by itself gives a driver ten, Windows thirty. */
#include "echo/choices.h"

static NTSTATUS StartLate(VOID)
{
    LARGE_INTEGER Delay = {.QuadPart = -10000ll * 12000};

    return KeDelayExecutionThread(KernelMode, FALSE, &Delay);
}

VOID MakeMistake(VOID)
{
    Choices.Start = StartLate;
}

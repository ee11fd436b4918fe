/* Enables the listener's events before it is bound (and again afterwards, so that it works all the same). */
#include "echo/choices.h"

static NTSTATUS EnableAndBind(LISTENER *Listener)
{
    NTSTATUS Status = ListenerEnable(Listener);

    UNREFERENCED_PARAMETER(Status);
    Status = ListenerBind(Listener);
    return NT_SUCCESS(Status) ? ListenerEnable(Listener) : Status;
}

VOID MakeMistake(VOID)
{
    Choices.Bind = EnableAndBind;
}

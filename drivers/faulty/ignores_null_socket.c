/* Takes a NULL AcceptSocket for nothing: the listener that WSK declared dead stays open. */
#include "echo/choices.h"

static VOID Ignore(LISTENER *Listener)
{
    UNREFERENCED_PARAMETER(Listener);
}

VOID MakeMistake(VOID)
{
    Choices.Dead = Ignore;
}

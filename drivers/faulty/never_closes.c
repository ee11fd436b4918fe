/* Forgets to close the first connection that it accepted: WskDeregister waits for it for ever. */
#include "echo/choices.h"

static BOOLEAN ForgetFirst(CONNECTION *Connection)
{
    static volatile LONG Count;

    UNREFERENCED_PARAMETER(Connection);
    return InterlockedIncrement(&Count) != 1;
}

VOID MakeMistake(VOID)
{
    Choices.Close = ForgetFirst;
}

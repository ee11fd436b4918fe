/* Reads through a bad pointer in WskAcceptEvent. */
#include "echo/choices.h"

static VOID Crash(CONNECTION *Connection)
{
    Connection->Bytes = *(volatile ULONG64 *)0x6b;
}

VOID MakeMistake(VOID)
{
    Choices.Accepted = Crash;
}

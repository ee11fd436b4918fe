/* Keeps the pointer to RemoteAddress instead of the address, and reads it when the connection ends. */
#include "echo/choices.h"

static VOID KeepPointer(CONNECTION *Connection, const SOCKADDR *RemoteAddress)
{
    RtlCopyMemory(&Connection->Peer, &RemoteAddress, sizeof(RemoteAddress));
}

static const SOCKADDR *KeptPointer(const CONNECTION *Connection)
{
    const SOCKADDR *RemoteAddress;

    RtlCopyMemory(&RemoteAddress, &Connection->Peer, sizeof(RemoteAddress));
    return RemoteAddress;
}

VOID MakeMistake(VOID)
{
    Choices.KeepPeer = KeepPointer;
    Choices.KeptPeer = KeptPointer;
}

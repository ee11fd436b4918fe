/* Disables two events of an accepted socket with one call before it closes the socket. */
#include "echo/choices.h"

static BOOLEAN DisableBoth(CONNECTION *Connection)
{
    const WSK_PROVIDER_CONNECTION_DISPATCH *Functions = Connection->Socket->Dispatch;
    WSK_EVENT_CALLBACK_CONTROL Control = {&NPI_WSK_INTERFACE_ID,
                                          WSK_EVENT_DISABLE | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT};
    NTSTATUS Status = Functions->WskControlSocket(Connection->Socket, WskSetOption, SO_WSK_EVENT_CALLBACK,
                                                  SOL_SOCKET, sizeof(Control), &Control, 0, NULL, NULL, NULL);

    UNREFERENCED_PARAMETER(Status);
    return TRUE;
}

VOID MakeMistake(VOID)
{
    Choices.Close = DisableBoth;
}

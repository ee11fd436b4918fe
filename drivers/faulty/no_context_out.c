/* Accepts without storing anything in *AcceptSocketContext. */
#include "echo/choices.h"

static VOID OnlyDispatch(PVOID Context, const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
                         PVOID *AcceptSocketContext,
                         const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(AcceptSocketContext);
    *AcceptSocketDispatch = Dispatch;
}

VOID MakeMistake(VOID)
{
    Choices.Outputs = OnlyDispatch;
}

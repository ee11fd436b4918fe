/* Accepts without storing anything in *AcceptSocketDispatch. */
#include "echo/choices.h"

static VOID OnlyContext(PVOID Context, const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
                        PVOID *AcceptSocketContext,
                        const WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    UNREFERENCED_PARAMETER(Dispatch);
    UNREFERENCED_PARAMETER(AcceptSocketDispatch);
    *AcceptSocketContext = Context;
}

VOID MakeMistake(VOID)
{
    Choices.Outputs = OnlyContext;
}

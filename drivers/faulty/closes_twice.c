/* Calls WskCloseSocket a second time for every connection. */
#include "echo/choices.h"

static VOID Closed(REQUEST *Request, const RESULT *Result)
{
    UNREFERENCED_PARAMETER(Result);
    ExFreePoolWithTag(Request, TAG_CONNECTION);
}

static VOID CloseAgain(PWSK_SOCKET Socket)
{
    const WSK_PROVIDER_BASIC_DISPATCH *Functions = Socket->Dispatch;
    REQUEST *Request = PoolAllocate(sizeof(*Request), TAG_CONNECTION);
    PIRP Irp = Request == NULL ? NULL : RequestIrp(Request);

    if (Irp != NULL) {
        Request->Done = Closed;
        Functions->WskCloseSocket(Socket, Irp);
    } else if (Request != NULL) {
        ExFreePoolWithTag(Request, TAG_CONNECTION);
    }
}

VOID MakeMistake(VOID)
{
    Choices.Closed = CloseAgain;
}

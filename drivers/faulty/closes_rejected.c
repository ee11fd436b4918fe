/* Closes a socket that its WskAcceptEvent rejected, which WSK closes. */
#include "echo/choices.h"
#include "echo/server.h"

typedef struct _REJECTED {
    REQUEST Request;
    WORK Work;
    PWSK_SOCKET Socket;
} REJECTED;

static VOID CloseDone(REQUEST *Request, const RESULT *Result)
{
    UNREFERENCED_PARAMETER(Result);
    ExFreePoolWithTag(CONTAINING_RECORD(Request, REJECTED, Request), TAG_CONNECTION);
    ServerDereference();
}

static VOID CloseIt(WORK *Work)
{
    REJECTED *Rejected = CONTAINING_RECORD(Work, REJECTED, Work);
    const WSK_PROVIDER_BASIC_DISPATCH *Functions = Rejected->Socket->Dispatch;
    LARGE_INTEGER Later = {.QuadPart = -10000 * 100};
    PIRP Irp;

    KeDelayExecutionThread(KernelMode, FALSE, &Later); /* the callback has returned by then */
    Irp = RequestIrp(&Rejected->Request);
    if (Irp != NULL) {
        Functions->WskCloseSocket(Rejected->Socket, Irp);
    }
}

static VOID CloseRejected(PWSK_SOCKET Socket)
{
    REJECTED *Rejected = PoolAllocate(sizeof(*Rejected), TAG_CONNECTION);

    if (Rejected != NULL) {
        ServerReference();
        Rejected->Request.Done = CloseDone;
        Rejected->Socket = Socket;
        WorkInitialize(&Rejected->Work, CloseIt);
        WorkQueue(&Rejected->Work);
    }
}

VOID MakeMistake(VOID)
{
    Choices.Rejected = CloseRejected;
}

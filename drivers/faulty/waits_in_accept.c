/* Asks for the peer's address in WskAcceptEvent and waits there for the answer (twenty seconds at most). */
#include "echo/choices.h"

typedef struct _QUESTION {
    REQUEST Request;
    KEVENT Answered;
    volatile LONG References; /* the callback's and the request's */
    SOCKADDR_STORAGE Address;
} QUESTION;

static VOID Dereference(QUESTION *Question)
{
    if (InterlockedDecrement(&Question->References) == 0) {
        ExFreePoolWithTag(Question, TAG_CONNECTION);
    }
}

static VOID Answered(REQUEST *Request, const RESULT *Result)
{
    QUESTION *Question = CONTAINING_RECORD(Request, QUESTION, Request);

    UNREFERENCED_PARAMETER(Result);
    KeSetEvent(&Question->Answered, IO_NO_INCREMENT, FALSE);
    Dereference(Question);
}

static VOID AskAndWait(CONNECTION *Connection)
{
    const WSK_PROVIDER_CONNECTION_DISPATCH *Functions = Connection->Socket->Dispatch;
    LARGE_INTEGER Timeout = {.QuadPart = -10000ll * 20000};
    QUESTION *Question = PoolAllocate(sizeof(*Question), TAG_CONNECTION);
    PIRP Irp;

    if (Question == NULL) {
        return;
    }
    Question->Request.Done = Answered;
    Question->References = 2;
    KeInitializeEvent(&Question->Answered, NotificationEvent, FALSE);
    Irp = RequestIrp(&Question->Request);
    if (Irp != NULL) {
        Functions->WskGetRemoteAddress(Connection->Socket, (PSOCKADDR)&Question->Address, Irp);
        KeWaitForSingleObject(&Question->Answered, Executive, KernelMode, FALSE, &Timeout);
    } else {
        Dereference(Question);
    }
    Dereference(Question);
}

VOID MakeMistake(VOID)
{
    Choices.Accepted = AskAndWait;
}

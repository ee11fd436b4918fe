/* Echoes in WskReceiveEvent itself and waits there until WskSend has completed (twenty seconds at most). */
#include "echo/choices.h"

typedef struct _ECHO_NOW {
    REQUEST Request;
    KEVENT Sent;
    volatile LONG References; /* the callback's and the request's */
    TRANSFER *Transfer;
} ECHO_NOW;

static VOID Dereference(ECHO_NOW *Echo)
{
    if (InterlockedDecrement(&Echo->References) == 0) {
        TransferFree(Echo->Transfer);
        ExFreePoolWithTag(Echo, TAG_TRANSFER);
    }
}

static VOID SendDone(REQUEST *Request, const RESULT *Result)
{
    ECHO_NOW *Echo = CONTAINING_RECORD(Request, ECHO_NOW, Request);

    UNREFERENCED_PARAMETER(Result);
    KeSetEvent(&Echo->Sent, IO_NO_INCREMENT, FALSE);
    Dereference(Echo);
}

static VOID SendAndWait(CONNECTION *Connection, TRANSFER *Transfer)
{
    const WSK_PROVIDER_CONNECTION_DISPATCH *Functions = Connection->Socket->Dispatch;
    LARGE_INTEGER Timeout = {.QuadPart = -10000ll * 20000};
    ECHO_NOW *Echo = PoolAllocate(sizeof(*Echo), TAG_TRANSFER);
    PIRP Irp;

    if (Echo == NULL) {
        TransferFree(Transfer);
        return;
    }
    Echo->Request.Done = SendDone;
    Echo->Transfer = Transfer;
    Echo->References = 2;
    KeInitializeEvent(&Echo->Sent, NotificationEvent, FALSE);
    Irp = RequestIrp(&Echo->Request);
    if (Irp != NULL) {
        Functions->WskSend(Connection->Socket, &Transfer->Buffer, 0, Irp);
        KeWaitForSingleObject(&Echo->Sent, Executive, KernelMode, FALSE, &Timeout);
    } else {
        Dereference(Echo);
    }
    Dereference(Echo);
}

VOID MakeMistake(VOID)
{
    Choices.Received = SendAndWait;
}

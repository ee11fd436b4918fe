#include "accept.h"

#include "choices.h"
#include "request.h"
#include "server.h"

/* One queued WskAccept: lives from AcceptsStart until an IRP of it fails. */
typedef struct _ACCEPT {
    REQUEST Request;
    WORK Work;
    RESULT Result;
    LISTENER *Listener;
    CONNECTION *Connection; /* the one that the next success is for */
    SOCKADDR_STORAGE Local;
    SOCKADDR_STORAGE Remote;
} ACCEPT;

static VOID Done(REQUEST *Request, const RESULT *Result)
{
    ACCEPT *Accept = CONTAINING_RECORD(Request, ACCEPT, Request);

    Accept->Result = *Result;
    WorkQueue(&Accept->Work);
}

static VOID Free(ACCEPT *Accept)
{
    if (Accept->Connection != NULL) {
        ConnectionDiscard(Accept->Connection);
    }
    ExFreePoolWithTag(Accept, TAG_ACCEPT);
    ServerDereference();
}

/* FALSE: there was no memory, or the listener is closed, and nothing was queued. */
static BOOLEAN Queue(ACCEPT *Accept)
{
    const BOOLEAN HasEvents = Server.Settings.ReceivesByEvent;
    const WSK_PROVIDER_LISTEN_DISPATCH *Functions;
    PIRP Irp;

    if (Accept->Listener != Server.Listener) {
        return FALSE;
    }
    Accept->Connection = ConnectionMake();
    Irp = Accept->Connection == NULL ? NULL : RequestIrp(&Accept->Request);
    if (Irp == NULL) {
        return FALSE;
    }
    Functions = Accept->Listener->Socket->Dispatch;
    Functions->WskAccept(Accept->Listener->Socket, 0, HasEvents ? Accept->Connection : NULL,
                         HasEvents ? &ConnectionDispatch : NULL, (PSOCKADDR)&Accept->Local,
                         (PSOCKADDR)&Accept->Remote, Irp);
    return TRUE;
}

static VOID Run(WORK *Work)
{
    ACCEPT *Accept = CONTAINING_RECORD(Work, ACCEPT, Work);
    CONNECTION *Connection = Accept->Connection;

    if (!NT_SUCCESS(Accept->Result.Status)) {
        if (Accept->Result.Status == STATUS_FILE_FORCED_CLOSED && Accept->Listener == Server.Listener) {
            ListenerClose();
        }
        Free(Accept);
        return;
    }
    Accept->Connection = NULL;
    Choices.KeepPeer(Connection, (PSOCKADDR)&Accept->Remote);
    ConnectionStart(Connection, (PWSK_SOCKET)Accept->Result.Information);
    if (Server.Settings.ReceivesByEvent) {
        ConnectionEnable(Connection); /* such a socket inherits nothing */
    }
    if (!Queue(Accept)) {
        Free(Accept);
    }
}

_Use_decl_annotations_ NTSTATUS AcceptsStart(LISTENER *Listener)
{
    ULONG Index;

    for (Index = 0; Index < Server.Settings.AcceptDepth; ++Index) {
        ACCEPT *Accept = PoolAllocate(sizeof(*Accept), TAG_ACCEPT);

        if (Accept == NULL) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        ServerReference();
        Accept->Request.Done = Done;
        Accept->Listener = Listener;
        WorkInitialize(&Accept->Work, Run);
        if (!Queue(Accept)) {
            Free(Accept);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
    }
    return STATUS_SUCCESS;
}

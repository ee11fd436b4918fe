/* Takes STATUS_EVENT_PENDING for a success like any other: frees the context that callbacks may still be
 * given. */
#include "echo/choices.h"
#include "echo/server.h"

static VOID MoveContext(LISTENER *Listener, NTSTATUS Status)
{
    LISTENER *Moved;

    if (Status != STATUS_EVENT_PENDING) {
        return;
    }
    Moved = PoolAllocate(sizeof(*Moved), TAG_LISTENER);
    if (Moved != NULL) {
        *Moved = *Listener;
        Server.Listener = Moved;
        ExFreePoolWithTag(Listener, TAG_LISTENER);
    }
}

/* Late calls have the freed context: what it points to is left alone, so that the report is of the free
 * alone. */
static LISTENER *MovedListener(PVOID SocketContext)
{
    UNREFERENCED_PARAMETER(SocketContext);
    return Server.Listener;
}

VOID MakeMistake(VOID)
{
    Choices.Disabled = MoveContext;
    Choices.Listener = MovedListener;
}

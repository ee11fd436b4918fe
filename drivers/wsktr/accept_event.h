/* A WskAcceptEvent while it runs: what else may have to look at it. */
#ifndef ACCEPT_EVENT_H
#define ACCEPT_EVENT_H

#include "socket.h"

/*
 * The driver enables events on a socket that a WskAcceptEvent is just offering: WSK reads the output
 * variables now, so they are recorded (accept_outputs) and passed on. Nothing happens if no such callback
 * runs.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID AcceptOutputsSeen(_Inout_ PROXY *Accepted);

#endif

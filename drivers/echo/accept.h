/* WskAccept IRPs that are kept queued on the listener. Called by the worker. */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "listener.h"

/* Queues as many as the settings say; each that brings a connection is queued again until the listener is
 * closed. */
_IRQL_requires_(PASSIVE_LEVEL) _Must_inspect_result_ NTSTATUS AcceptsStart(_In_ LISTENER *Listener);

#endif

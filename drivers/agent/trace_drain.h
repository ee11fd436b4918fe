/* Moves records from the recorder to the lab while a trace runs. */
#ifndef AGENT_TRACE_DRAIN_H
#define AGENT_TRACE_DRAIN_H

#include "channel.h"

/*
 * Begins a trace (`start` is WSKTR_START as the lab sent it) and a thread that drains it until TraceStop or
 * the recorder's end. Returns a Win32 error; 0: LAB_TRACE_DATA frames follow and one LAB_TRACE_END.
 */
DWORD TraceStart(CHANNEL *channel, unsigned int request, const void *start, unsigned int start_bytes,
                 const char **attempted);

/* Tells the recorder to stop. LAB_TRACE_END follows once everything has been sent. Returns a Win32 error. */
DWORD TraceStop(const char **attempted);

#endif

/* The guest's clock. */
#ifndef AGENT_CLOCK_H
#define AGENT_CLOCK_H

#include <windows.h>

/* `unix_time`: 100 ns intervals since 1970-01-01 UTC. Returns a Win32 error. */
DWORD SetClock(unsigned long long unix_time);

#endif

/* What the guest's random numbers come from. */
#ifndef AGENT_ENTROPY_H
#define AGENT_ENTROPY_H

#include <windows.h>

/* From here on, random numbers depend on these bytes as well. Returns a Win32 error. */
DWORD Reseed(const unsigned char *bytes, unsigned int length);

#endif

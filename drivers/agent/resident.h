/* Commands of programs that are there as DLLs, see include/resident.h. */
#ifndef AGENT_RESIDENT_H
#define AGENT_RESIDENT_H

#include "channel.h"

/*
 * Runs the command line (UTF-8) on a thread of its own, which answers with LAB_RUN_REPLY. Returns a Win32
 * error: ERROR_FILE_NOT_FOUND: the program is none of these; ERROR_BUSY: the one before has not ended.
 */
DWORD RunResident(CHANNEL *channel, unsigned int request, const unsigned char *command, unsigned int length);

#endif

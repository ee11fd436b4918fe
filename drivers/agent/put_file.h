/* Files from the lab. */
#ifndef AGENT_PUT_FILE_H
#define AGENT_PUT_FILE_H

#include <windows.h>

/*
 * LAB_PUT_FILE: writes a piece of a file at its offset; at offset 0 the file is made new. Returns a Win32
 * error.
 */
DWORD PutFile(const unsigned char *payload, unsigned int length);

#endif

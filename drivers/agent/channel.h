/* Frames over the character device that connects the agent with the lab. */
#ifndef AGENT_CHANNEL_H
#define AGENT_CHANNEL_H

#include <stdbool.h>
#include <windows.h>

#include "../include/lab_agent.h"

typedef struct CHANNEL CHANNEL;

/* Opens the device (\\.\COM2, or a path). NULL: GetLastError tells. The channel lives as long as the process.
 */
CHANNEL *ChannelOpen(const wchar_t *path);

/*
 * Waits for the next whole frame with a right checksum; what lies between frames is skipped and reported to
 * the lab. *payload points into the channel until the next call. False: the device is gone.
 */
bool ChannelReceive(CHANNEL *channel, LAB_FRAME *frame, const unsigned char **payload);

/* Sends one frame; any thread, frames do not mix. False: the device is gone. */
bool ChannelSend(CHANNEL *channel, LAB_FRAME_TYPE type, unsigned int request, const void *payload,
                 unsigned int length);

/* LAB_ERROR with a Win32 error and what was attempted. */
bool ChannelSendError(CHANNEL *channel, unsigned int request, DWORD error, const char *attempted);

#endif

/*
 * The lab's agent in the guest: answers the health check, sets the clock, drains the trace. It keeps the guest's
 * Wine alive on the reference guest, so it ends only with its device.
 *
 *     agent.exe \\.\COM2
 */
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "channel.h"
#include "trace_drain.h"

/* 100 ns intervals between 1601-01-01 (FILETIME) and 1970-01-01. */
#define UNIX_EPOCH_FILETIME 116444736000000000ull

static DWORD SetClock(const unsigned char *payload, unsigned int length)
{
    unsigned long long time;
    FILETIME file_time;
    SYSTEMTIME system_time;

    if (length != sizeof time) {
        return ERROR_INVALID_PARAMETER;
    }
    memcpy(&time, payload, sizeof time);
    time += UNIX_EPOCH_FILETIME;
    file_time.dwLowDateTime = (DWORD)time;
    file_time.dwHighDateTime = (DWORD)(time >> 32);
    if (!FileTimeToSystemTime(&file_time, &system_time) || !SetSystemTime(&system_time)) {
        return GetLastError();
    }
    return ERROR_SUCCESS;
}

static void AnswerHello(CHANNEL *channel, const LAB_FRAME *frame, const unsigned char *payload)
{
    struct {
        unsigned char nonce[LAB_NONCE_BYTES];
        uint32_t version, process;
    } reply = {.version = LAB_PROTOCOL_VERSION, .process = GetCurrentProcessId()};

    if (frame->length != LAB_NONCE_BYTES) {
        ChannelSendError(channel, frame->request, ERROR_INVALID_PARAMETER, "say hello: the nonce has 16 bytes");
        return;
    }
    memcpy(reply.nonce, payload, LAB_NONCE_BYTES);
    ChannelSend(channel, LAB_HELLO_REPLY, frame->request, &reply, sizeof reply);
}

static void Answer(CHANNEL *channel, const LAB_FRAME *frame, const unsigned char *payload)
{
    const char *attempted = "understand the request: unknown type";
    DWORD error = ERROR_INVALID_FUNCTION;

    switch (frame->type) {
    case LAB_HELLO:
        AnswerHello(channel, frame, payload);
        return;
    case LAB_TRACE_START: /* answers OK itself, before the first block */
        error = TraceStart(channel, frame->request, payload, frame->length, &attempted);
        if (error == ERROR_SUCCESS) {
            return;
        }
        break;
    case LAB_TRACE_STOP:
        error = TraceStop(&attempted);
        break;
    case LAB_SET_CLOCK:
        attempted = "set the clock";
        error = SetClock(payload, frame->length);
        break;
    case LAB_HEALTH:
        error = ERROR_SUCCESS;
        break;
    default:
        break;
    }
    if (error == ERROR_SUCCESS) {
        ChannelSend(channel, LAB_OK, frame->request, NULL, 0);
    } else {
        ChannelSendError(channel, frame->request, error, attempted);
    }
}

int wmain(int argc, wchar_t **argv)
{
    LAB_FRAME frame;
    const unsigned char *payload;
    CHANNEL *channel;

    if (argc != 2) {
        fwprintf(stderr, L"usage: agent.exe DEVICE   (for example \\\\.\\COM2)\n");
        return 2;
    }
    channel = ChannelOpen(argv[1]);
    if (channel == NULL) {
        fwprintf(stderr, L"agent: cannot open %ls: error %lu\n", argv[1], GetLastError());
        return 3;
    }
    fwprintf(stderr, L"agent: ready on %ls\n", argv[1]);
    while (ChannelReceive(channel, &frame, &payload)) {
        Answer(channel, &frame, payload);
    }
    fwprintf(stderr, L"agent: %ls is gone: error %lu\n", argv[1], GetLastError());
    return 1;
}

/*
 * The lab's agent in the guest: answers the health check, sets the clock, drains the trace. It keeps the
 * guest's Wine alive on the reference guest, so it ends only with its device.
 *
 *     agent.exe \\.\COM2
 */
#include <stdio.h>
#include <string.h>

#include "channel.h"
#include "clock.h"
#include "entropy.h"
#include "put_file.h"
#include "resident.h"
#include "trace_drain.h"

static DWORD AnswerSetClock(const unsigned char *payload, unsigned int length)
{
    unsigned long long time;

    if (length != sizeof time) {
        return ERROR_INVALID_PARAMETER;
    }
    memcpy(&time, payload, sizeof time);
    return SetClock(time);
}

static void AnswerHello(CHANNEL *channel, const LAB_FRAME *frame, const unsigned char *payload)
{
    struct {
        unsigned char nonce[LAB_NONCE_BYTES];
        uint32_t version, process;
    } reply = {.version = LAB_PROTOCOL_VERSION, .process = GetCurrentProcessId()};

    if (frame->length != LAB_NONCE_BYTES) {
        ChannelSendError(channel, frame->request, ERROR_INVALID_PARAMETER,
                         "say hello: the nonce has 16 bytes");
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
        error = AnswerSetClock(payload, frame->length);
        break;
    case LAB_RESEED:
        attempted = "reseed the random numbers";
        error = Reseed(payload, frame->length);
        break;
    case LAB_PUT_FILE:
        attempted = "write the file";
        error = PutFile(payload, frame->length);
        break;
    case LAB_RUN: /* answers itself, when the command has ended */
        attempted = "run the command";
        error = RunResident(channel, frame->request, payload, frame->length);
        if (error == ERROR_SUCCESS) {
            return;
        }
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

/* One line for whoever started the agent. */
static void Say(const char *format, ...)
{
    char line[256];
    va_list arguments;
    int length;
    DWORD put;

    va_start(arguments, format);
    length = _vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line, length < 0 ? sizeof line : (DWORD)length, &put, NULL);
}

/* The device's path: what follows the program's name on the command line. Empty if nothing does. */
static const wchar_t *DevicePath(void)
{
    const wchar_t *text = GetCommandLineW();
    const wchar_t end = *text == L'"' ? L'"' : L' ';

    for (text++; *text != 0 && *text != end; text++) {
    }
    if (*text == L'"') {
        text++;
    }
    while (*text == L' ') {
        text++;
    }
    return text;
}

void ProgramEntry(void);
void ProgramEntry(void)
{
    const wchar_t *path = DevicePath();
    const unsigned char *payload;
    LAB_FRAME frame;
    CHANNEL *channel;

    if (*path == 0) {
        Say("usage: agent.exe DEVICE   (for example \\\\.\\COM2)\n");
        ExitProcess(2);
    }
    channel = ChannelOpen(path);
    if (channel == NULL) {
        Say("agent: cannot open %ls: error %lu\n", path, GetLastError());
        ExitProcess(3);
    }
    Say("agent: ready on %ls\n", path);
    while (ChannelReceive(channel, &frame, &payload)) {
        Answer(channel, &frame, payload);
    }
    Say("agent: %ls is gone: error %lu\n", path, GetLastError());
    ExitProcess(1);
}

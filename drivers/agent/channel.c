#include "channel.h"

#include <stdio.h>
#include <string.h>

#include "crc32.h"

#define BUFFER_BYTES (sizeof(LAB_FRAME) + LAB_FRAME_MAX_PAYLOAD)
/* A virtio port reads 0 bytes while nobody is connected on the host's side, and has no event for a new peer.
 */
#define NO_PEER_RETRY_MS 20

struct CHANNEL {
    HANDLE device;
    HANDLE read_event, write_event;
    CRITICAL_SECTION write_lock;
    bool is_serial;
    size_t filled;   /* bytes in buffer */
    size_t consumed; /* of the frame that was handed out last */
    unsigned char buffer[BUFFER_BYTES];
    unsigned char outgoing[BUFFER_BYTES];
};

/* False for what is no serial port. A read ends when all of it has come, and not before. */
static bool MakeSerialPortRaw(HANDLE device)
{
    DCB dcb = {.DCBlength = sizeof dcb};
    COMMTIMEOUTS timeouts = {0};

    if (GetFileType(device) != FILE_TYPE_CHAR || !GetCommState(device, &dcb)) {
        return false;
    }
    dcb.BaudRate = CBR_115200;
    dcb.ByteSize = 8;
    dcb.Parity = NOPARITY;
    dcb.StopBits = ONESTOPBIT;
    dcb.fBinary = TRUE;
    dcb.fParity = dcb.fOutxCtsFlow = dcb.fOutxDsrFlow = dcb.fDsrSensitivity = FALSE;
    dcb.fOutX = dcb.fInX = dcb.fErrorChar = dcb.fNull = dcb.fAbortOnError = FALSE;
    dcb.fDtrControl = DTR_CONTROL_ENABLE;
    dcb.fRtsControl = RTS_CONTROL_ENABLE;
    SetCommState(device, &dcb);
    SetCommTimeouts(device, &timeouts);
    SetupComm(device, 1 << 16, 1 << 16);
    return true;
}

/*
 * A serial port is asked for what it has, or for one byte. The timeouts with which Windows gives what there
 * is, and waits for the first byte, are not Wine's: it waits until a read is full.
 */
static DWORD BytesToRead(const CHANNEL *channel)
{
    const DWORD room = (DWORD)(BUFFER_BYTES - channel->filled);
    DWORD errors;
    COMSTAT state;

    if (!channel->is_serial) {
        return room;
    }
    if (!ClearCommError(channel->device, &errors, &state) || state.cbInQue == 0) {
        return 1;
    }
    return state.cbInQue < room ? state.cbInQue : room;
}

CHANNEL *ChannelOpen(const wchar_t *path)
{
    static CHANNEL channel;

    /* Overlapped, because a synchronous handle would let a waiting read hold back every write. */
    channel.device = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                 OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    if (channel.device == INVALID_HANDLE_VALUE) {
        return NULL;
    }
    channel.read_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    channel.write_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    InitializeCriticalSection(&channel.write_lock);
    channel.is_serial = MakeSerialPortRaw(channel.device);
    return &channel;
}

/* Reads at least one byte behind `filled`. */
static bool FillBuffer(CHANNEL *channel)
{
    for (;;) {
        OVERLAPPED overlapped = {.hEvent = channel->read_event};
        DWORD got = 0;

        if (!ReadFile(channel->device, channel->buffer + channel->filled, BytesToRead(channel), NULL,
                      &overlapped) &&
            GetLastError() != ERROR_IO_PENDING && GetLastError() != ERROR_HANDLE_EOF) {
            return false;
        }
        if (!GetOverlappedResult(channel->device, &overlapped, &got, TRUE) &&
            GetLastError() != ERROR_HANDLE_EOF) {
            return false;
        }
        if (got != 0) {
            channel->filled += got;
            return true;
        }
        Sleep(NO_PEER_RETRY_MS);
    }
}

static void DropBytes(CHANNEL *channel, size_t count)
{
    memmove(channel->buffer, channel->buffer + count, channel->filled - count);
    channel->filled -= count;
}

/* Where the next magic may begin, from byte `from` on; `filled` if nowhere. */
static size_t FindMagic(const CHANNEL *channel, size_t from)
{
    const uint32_t magic = LAB_FRAME_MAGIC;

    for (size_t i = from; i < channel->filled; i++) {
        const size_t left = channel->filled - i;
        if (memcmp(channel->buffer + i, &magic, left < sizeof magic ? left : sizeof magic) == 0) {
            return i;
        }
    }
    return channel->filled;
}

bool ChannelReceive(CHANNEL *channel, LAB_FRAME *frame, const unsigned char **payload)
{
    size_t skipped = 0;

    DropBytes(channel, channel->consumed);
    channel->consumed = 0;
    for (;;) {
        const size_t start = FindMagic(channel, 0);

        DropBytes(channel, start);
        skipped += start;
        if (channel->filled >= sizeof *frame) {
            memcpy(frame, channel->buffer, sizeof *frame);
            if (frame->length > LAB_FRAME_MAX_PAYLOAD) {
                DropBytes(channel, 1);
                skipped++;
                continue;
            }
            if (channel->filled >= sizeof *frame + frame->length) {
                *payload = channel->buffer + sizeof *frame;
                if (Crc32(*payload, frame->length) == frame->crc32) {
                    break;
                }
                DropBytes(channel, 1);
                skipped++;
                continue;
            }
        }
        if (!FillBuffer(channel)) {
            return false;
        }
    }
    channel->consumed = sizeof *frame + frame->length;
    if (skipped != 0) {
        char text[80];
        const int length = _snprintf(text, sizeof text, "skipped %Iu bytes that were no frame", skipped);
        ChannelSend(channel, LAB_LOG, 0, text, (unsigned int)length);
    }
    return true;
}

static bool WriteAll(CHANNEL *channel, const unsigned char *bytes, size_t count)
{
    while (count != 0) {
        OVERLAPPED overlapped = {.hEvent = channel->write_event};
        DWORD put = 0;

        if (!WriteFile(channel->device, bytes, (DWORD)count, NULL, &overlapped) &&
            GetLastError() != ERROR_IO_PENDING) {
            return false;
        }
        if (!GetOverlappedResult(channel->device, &overlapped, &put, TRUE)) {
            return false;
        }
        bytes += put;
        count -= put;
    }
    return true;
}

bool ChannelSend(CHANNEL *channel, LAB_FRAME_TYPE type, unsigned int request, const void *payload,
                 unsigned int length)
{
    const LAB_FRAME frame = {.magic = LAB_FRAME_MAGIC,
                             .type = (uint16_t)type,
                             .request = request,
                             .length = length,
                             .crc32 = Crc32(payload, length)};
    bool sent;

    EnterCriticalSection(&channel->write_lock);
    memcpy(channel->outgoing, &frame, sizeof frame);
    if (length != 0) {
        memcpy(channel->outgoing + sizeof frame, payload, length);
    }
    sent = WriteAll(channel, channel->outgoing, sizeof frame + length);
    LeaveCriticalSection(&channel->write_lock);
    return sent;
}

bool ChannelSendError(CHANNEL *channel, unsigned int request, DWORD error, const char *attempted)
{
    unsigned char payload[256];
    const size_t room = sizeof payload - sizeof error;
    const size_t length = strlen(attempted) < room ? strlen(attempted) : room;

    memcpy(payload, &error, sizeof error);
    memcpy(payload + sizeof error, attempted, length);
    return ChannelSend(channel, LAB_ERROR, request, payload, (unsigned int)(sizeof error + length));
}

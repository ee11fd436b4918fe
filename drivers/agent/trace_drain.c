#include "trace_drain.h"

#include <string.h>
#include <winioctl.h>

#include "../include/wsktr_ioctl.h"
#include "../include/wsktr_ring.h"

#define BLOCK_BYTES (256u << 10)

/* The one trace that can run. Owned by the main thread until the drain thread begins, then by that. */
static struct {
    CHANNEL *channel;
    HANDLE recorder; /* \\.\WskTrace */
    HANDLE thread;
    volatile BOOL has_ended; /* LAB_TRACE_END is sent, or about to be; the thread ends next */
    unsigned int request;
    WSKTR_INFO info;
    RING *ring; /* read-only view of the ring's section; NULL where there is none (Windows) */
    uint64_t sent;
    uint64_t received; /* the ring's `delivered` after the last READ that came back */
    unsigned char block[BLOCK_BYTES];
} Trace;

static DWORD Control(DWORD code, void *in, DWORD in_bytes, void *out, DWORD out_bytes, DWORD *got)
{
    return DeviceIoControl(Trace.recorder, code, in, in_bytes, out, out_bytes, got, NULL) ? ERROR_SUCCESS
                                                                                          : GetLastError();
}

static bool SendBlock(size_t bytes)
{
    Trace.sent += bytes;
    return ChannelSend(Trace.channel, LAB_TRACE_DATA, Trace.request, Trace.block, (unsigned int)bytes);
}

/*
 * After the driver host's death: what its ring still held, read from the section that outlives it. A READ
 * that was under way then may have delivered records that never arrived: they begin where the last good one
 * ended.
 */
static void SendRest(void)
{
    uint64_t cursor = Trace.received;
    uint32_t unfinished = 0;
    const uint8_t *record;
    uint16_t size;
    size_t filled = 0;

    while (RingNext(Trace.ring, &cursor, &record, &size, 1, &unfinished) == RING_RECORD) {
        if (filled + size > sizeof Trace.block) {
            SendBlock(filled);
            filled = 0;
        }
        memcpy(Trace.block + filled, record, size);
        filled += size;
    }
    if (filled != 0) {
        SendBlock(filled);
    }
}

static DWORD WINAPI DrainThread(void *unused)
{
    LAB_TRACE_END_REASON reason = LAB_TRACE_STOPPED;
    struct {
        uint32_t reason, discarded;
        uint64_t bytes;
    } end = {0};

    (void)unused;
    for (;;) {
        DWORD got = 0;
        const DWORD error = Control(IOCTL_WSKTR_READ, NULL, 0, Trace.block, sizeof Trace.block, &got);

        if (error == ERROR_HANDLE_EOF) {
            break;
        }
        if (error != ERROR_SUCCESS) {
            reason = Trace.ring != NULL ? LAB_TRACE_HOST_DIED : LAB_TRACE_READ_FAILED;
            break;
        }
        if (Trace.ring != NULL) {
            Trace.received = RING_LOAD(&Trace.ring->delivered);
        }
        if (got != 0 && !SendBlock(got)) {
            break;
        }
    }
    if (reason == LAB_TRACE_HOST_DIED) {
        SendRest();
    }
    end.reason = reason;
    end.discarded = Trace.ring != NULL ? RingDiscarded(Trace.ring) : 0;
    end.bytes = Trace.sent;
    /* Whoever reads of the end may begin the next one before this thread is gone. */
    Trace.has_ended = TRUE;
    ChannelSend(Trace.channel, LAB_TRACE_END, Trace.request, &end, sizeof end);
    return 0;
}

/* Lets go of an ended trace's thread, view and handle. */
static void ForgetTrace(void)
{
    if (Trace.thread != NULL) {
        WaitForSingleObject(Trace.thread, INFINITE);
        CloseHandle(Trace.thread);
    }
    if (Trace.ring != NULL) {
        UnmapViewOfFile(Trace.ring);
    }
    if (Trace.recorder != NULL && Trace.recorder != INVALID_HANDLE_VALUE) {
        CloseHandle(Trace.recorder);
    }
    Trace.thread = NULL;
    Trace.has_ended = FALSE;
    Trace.ring = NULL;
    Trace.recorder = NULL;
    Trace.sent = 0;
    Trace.received = 0;
}

static void MapRing(void)
{
    HANDLE section;

    if (Trace.info.section_name[0] == 0) {
        return;
    }
    section = OpenFileMappingW(FILE_MAP_READ, FALSE, (const wchar_t *)Trace.info.section_name);
    if (section != NULL) {
        Trace.ring = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
        CloseHandle(section);
    }
    if (Trace.ring == NULL) {
        static const char text[] =
            "the ring's section cannot be mapped: records of a dying driver host are lost";
        ChannelSend(Trace.channel, LAB_LOG, 0, text, sizeof text - 1);
    }
}

DWORD TraceStart(CHANNEL *channel, unsigned int request, const void *start, unsigned int start_bytes,
                 const char **attempted)
{
    static WSKTR_START copy;
    struct {
        uint64_t address;
        uint32_t bytes, reserved;
    } ring = {0};
    DWORD got, error;

    if (Trace.thread != NULL && !Trace.has_ended) {
        *attempted = "start a trace while another one runs";
        return ERROR_BUSY;
    }
    ForgetTrace();
    Trace.channel = channel;
    Trace.request = request;
    *attempted = "open \\\\.\\WskTrace (is the wsktr service running?)";
    Trace.recorder = CreateFileW(WSKTR_USER_PATH, GENERIC_READ | GENERIC_WRITE,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (Trace.recorder == INVALID_HANDLE_VALUE) {
        return GetLastError();
    }
    *attempted = "start the trace (a lab and a recorder of different versions?)";
    if (start_bytes > sizeof copy) {
        return ERROR_INVALID_PARAMETER;
    }
    memcpy(&copy, start, start_bytes);
    error = Control(IOCTL_WSKTR_START, &copy, start_bytes, NULL, 0, &got);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    *attempted = "ask the recorder for its ring";
    error = Control(IOCTL_WSKTR_INFO, NULL, 0, &Trace.info, sizeof Trace.info, &got);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    MapRing();
    *attempted = "start the thread that drains the trace";
    Trace.thread = CreateThread(NULL, 0, DrainThread, NULL, CREATE_SUSPENDED, NULL);
    if (Trace.thread == NULL) {
        return GetLastError();
    }
    /* The lab hears OK before the first block, and where the ring is before anything can go wrong. */
    ring.address = Trace.info.ring_address;
    ring.bytes = Trace.info.ring_bytes;
    ChannelSend(channel, LAB_OK, request, &ring, sizeof ring);
    ResumeThread(Trace.thread);
    return ERROR_SUCCESS;
}

DWORD TraceStop(const char **attempted)
{
    DWORD got;
    HANDLE recorder;
    DWORD error;

    *attempted = "stop the trace";
    if (Trace.thread == NULL) {
        return ERROR_NOT_READY;
    }
    /* A handle of its own: a synchronous one would wait until the drain thread's read comes back. */
    recorder = CreateFileW(WSKTR_USER_PATH, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                           NULL, OPEN_EXISTING, 0, NULL);
    if (recorder == INVALID_HANDLE_VALUE) {
        return GetLastError();
    }
    error = DeviceIoControl(recorder, IOCTL_WSKTR_STOP, NULL, 0, NULL, 0, &got, NULL) ? ERROR_SUCCESS
                                                                                      : GetLastError();
    CloseHandle(recorder);
    return error;
}

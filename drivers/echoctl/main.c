/*
 * echoctl SERVICE COMMAND: has a running echo driver do something, and prints what came of it.
 *
 *     status | enable | disable | disable irp | disable self | close | open
 *
 * Exit code 0: done (STATUS_EVENT_PENDING is a success as well); 1: the driver answered with an error; 2:
 * wrong usage, or no such driver runs.
 */
#include <windows.h>

#include "echo_ioctl.h"
#include "resident.h"

static const struct {
    const wchar_t *words;
    DWORD code;
} Commands[] = {
    {L"status", IOCTL_ECHO_STATUS},
    {L"enable", IOCTL_ECHO_ENABLE},
    {L"disable", IOCTL_ECHO_DISABLE},
    {L"disable irp", IOCTL_ECHO_DISABLE_IRP},
    {L"disable self", IOCTL_ECHO_DISABLE_SELF},
    {L"close", IOCTL_ECHO_CLOSE},
    {L"open", IOCTL_ECHO_OPEN},
};

static const struct {
    DWORD status;
    const char *name;
} Names[] = {
    {0x00000000, "STATUS_SUCCESS"},
    {0x40000013, "STATUS_EVENT_PENDING"},
    {0xc0000184, "STATUS_INVALID_DEVICE_STATE (there is no listening socket)"},
    {0xc00000b6, "STATUS_FILE_FORCED_CLOSED"},
};

/* A line being made; what does not fit is cut off. */
typedef struct LINE {
    char text[256];
    DWORD length;
} LINE;

static void Put(LINE *line, const char *text)
{
    for (; *text != 0 && line->length < sizeof(line->text); ++text) {
        line->text[line->length++] = *text;
    }
}

static void PutNumber(LINE *line, DWORD number, DWORD base, int digits)
{
    char text[16];
    int at = sizeof(text) - 1;

    text[at] = 0;
    do {
        text[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0 || (int)sizeof(text) - 1 - at < digits);
    Put(line, text + at);
}

static void PutWide(LINE *line, const wchar_t *text)
{
    for (; *text != 0; ++text) {
        const char narrow[2] = {*text < 128 ? (char)*text : '?', 0};

        Put(line, narrow);
    }
}

static struct {
    RESIDENT_SAY *say; /* NULL: the program's own handles */
    void *context;
} Target;

static void Write(DWORD handle, const LINE *line)
{
    DWORD written;

    if (Target.say != NULL) {
        Target.say(Target.context, line->text, line->length);
    } else {
        WriteFile(GetStdHandle(handle), line->text, line->length, &written, NULL);
    }
}

static const char *NameOf(DWORD status)
{
    for (size_t i = 0; i < ARRAYSIZE(Names); ++i) {
        if (Names[i].status == status) {
            return Names[i].name;
        }
    }
    return "";
}

static void TrimRight(wchar_t *text)
{
    int length = lstrlenW(text);

    while (length > 0 && text[length - 1] == L' ') {
        text[--length] = 0;
    }
}

static int Usage(void)
{
    LINE line = {.length = 0};

    Put(&line, "usage: echoctl SERVICE status|enable|disable|disable irp|disable self|close|open\r\n");
    Write(STD_ERROR_HANDLE, &line);
    return 2;
}

static int NoAnswer(const wchar_t *service, DWORD error)
{
    LINE line = {.length = 0};

    Put(&line, "echoctl: the driver of service ");
    PutWide(&line, service);
    Put(&line, " does not answer (error ");
    PutNumber(&line, error, 10, 1);
    Put(&line, ")\r\n");
    Write(STD_ERROR_HANDLE, &line);
    return 2;
}

static void WriteReply(const ECHO_REPLY *reply)
{
    LINE line = {.length = 0};

    Put(&line, "0x");
    PutNumber(&line, reply->status, 16, 8);
    Put(&line, " ");
    Put(&line, NameOf(reply->status));
    Put(&line, "\r\naccepted ");
    PutNumber(&line, reply->accepted, 10, 1);
    Put(&line, ", rejected ");
    PutNumber(&line, reply->rejected, 10, 1);
    Put(&line, ", open ");
    PutNumber(&line, reply->open, 10, 1);
    Put(&line, reply->listening ? ", listening yes\r\n" : ", listening no\r\n");
    Write(STD_OUTPUT_HANDLE, &line);
}

static int Ask(const wchar_t *service, DWORD code)
{
    wchar_t path[ARRAYSIZE(ECHO_USER_PREFIX) + ECHO_MAX_SERVICE_CHARS] = ECHO_USER_PREFIX;
    ECHO_REPLY reply;
    HANDLE device;
    DWORD bytes;

    if (lstrlenW(service) > ECHO_MAX_SERVICE_CHARS) {
        return Usage();
    }
    lstrcatW(path, service);
    device = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                         OPEN_EXISTING, 0, NULL);
    if (device == INVALID_HANDLE_VALUE ||
        !DeviceIoControl(device, code, NULL, 0, &reply, sizeof(reply), &bytes, NULL)) {
        return NoAnswer(service, GetLastError());
    }
    CloseHandle(device);
    WriteReply(&reply);
    return (reply.status & 0x80000000) != 0;
}

static int Run(wchar_t *rest)
{
    wchar_t *service;

    ResidentNextWord(&rest); /* the program */
    service = ResidentNextWord(&rest);
    while (*rest == L' ') {
        ++rest;
    }
    TrimRight(rest);
    for (size_t i = 0; *service != 0 && i < ARRAYSIZE(Commands); ++i) {
        if (lstrcmpiW(Commands[i].words, rest) == 0) {
            return Ask(service, Commands[i].code);
        }
    }
    return Usage();
}

RESIDENT_EXPORT RESIDENT_RUN ResidentRun;
RESIDENT_EXPORT DWORD ResidentRun(wchar_t *command, RESIDENT_SAY *say, void *context)
{
    Target.say = say;
    Target.context = context;
    return (DWORD)Run(command);
}

void ProgramEntry(void);
void ProgramEntry(void)
{
    ExitProcess((UINT)Run(GetCommandLineW()));
}

#include "output.h"

#include <stdarg.h>
#include <stdio.h>

#include "driver_file.h"

typedef struct {
    DWORD value;
    const wchar_t *name;
} WORD_FOR;

/* Windows' sentences; Wine 8 has shorter ones, and not for all. */
static const WORD_FOR SENTENCES[] = {
    {ERROR_FILE_NOT_FOUND, L"The system cannot find the file specified."},
    {ERROR_PATH_NOT_FOUND, L"The system cannot find the path specified."},
    {ERROR_ACCESS_DENIED, L"Access is denied."},
    {ERROR_GEN_FAILURE, L"A device attached to the system is not functioning."},
    {ERROR_PROC_NOT_FOUND, L"The specified procedure could not be found."},
    {ERROR_INVALID_ORDINAL, L"The operating system cannot run %1."},
    {ERROR_BAD_EXE_FORMAT, L"%1 is not a valid Win32 application."},
    {ERROR_INVALID_IMAGE_HASH,
     L"Windows cannot verify the digital signature for this file. A recent hardware or software change might "
     L"have installed a file that is signed incorrectly or damaged, or that might be malicious software from "
     L"an unknown source."},
    {ERROR_INVALID_SERVICE_CONTROL, L"The requested control is not valid for this service."},
    {ERROR_SERVICE_REQUEST_TIMEOUT,
     L"The service did not respond to the start or control request in a timely fashion."},
    {ERROR_SERVICE_ALREADY_RUNNING, L"An instance of the service is already running."},
    {ERROR_SERVICE_DISABLED, L"The service cannot be started, either because it is disabled or because it "
                             L"has no enabled devices associated with it."},
    {ERROR_SERVICE_DOES_NOT_EXIST, L"The specified service does not exist as an installed service."},
    {ERROR_SERVICE_CANNOT_ACCEPT_CTRL, L"The service cannot accept control messages at this time."},
    {ERROR_SERVICE_NOT_ACTIVE, L"The service has not been started."},
    {ERROR_SERVICE_MARKED_FOR_DELETE, L"The specified service has been marked for deletion."},
    {ERROR_SERVICE_EXISTS, L"The specified service already exists."},
    {ERROR_DRIVER_BLOCKED, L"This driver has been blocked from loading"},
    {ERROR_NO_SYSTEM_RESOURCES, L"Insufficient system resources exist to complete the requested service."},
};

static const WORD_FOR TYPES[] = {{SERVICE_KERNEL_DRIVER, L"KERNEL_DRIVER"},
                                 {SERVICE_FILE_SYSTEM_DRIVER, L"FILE_SYSTEM_DRIVER"},
                                 {SERVICE_WIN32_OWN_PROCESS, L"WIN32_OWN_PROCESS"},
                                 {SERVICE_WIN32_SHARE_PROCESS, L"WIN32_SHARE_PROCESS"}};
static const WORD_FOR STATES[] = {{SERVICE_STOPPED, L"STOPPED"},
                                  {SERVICE_START_PENDING, L"START_PENDING"},
                                  {SERVICE_STOP_PENDING, L"STOP_PENDING"},
                                  {SERVICE_RUNNING, L"RUNNING"},
                                  {SERVICE_CONTINUE_PENDING, L"CONTINUE_PENDING"},
                                  {SERVICE_PAUSE_PENDING, L"PAUSE_PENDING"},
                                  {SERVICE_PAUSED, L"PAUSED"}};
static const WORD_FOR START_TYPES[] = {{SERVICE_BOOT_START, L"BOOT_START"},
                                       {SERVICE_SYSTEM_START, L"SYSTEM_START"},
                                       {SERVICE_AUTO_START, L"AUTO_START"},
                                       {SERVICE_DEMAND_START, L"DEMAND_START"},
                                       {SERVICE_DISABLED, L"DISABLED"}};
static const WORD_FOR ERROR_CONTROLS[] = {{SERVICE_ERROR_IGNORE, L"IGNORE"},
                                          {SERVICE_ERROR_NORMAL, L"NORMAL"},
                                          {SERVICE_ERROR_SEVERE, L"SEVERE"},
                                          {SERVICE_ERROR_CRITICAL, L"CRITICAL"}};

#define WORD_OF(table, value) FindWord(table, sizeof(table) / sizeof((table)[0]), value)

static const wchar_t *FindWord(const WORD_FOR *table, size_t count, DWORD value)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].value == value) {
            return table[i].name;
        }
    }
    return L"";
}

static struct {
    RESIDENT_SAY *say;
    void *context;
} target;

void PrintTo(RESIDENT_SAY *say, void *context)
{
    target.say = say;
    target.context = context;
}

void Print(const wchar_t *format, ...)
{
    static wchar_t text[4096];
    static char bytes[3 * sizeof text / sizeof text[0]];
    va_list arguments;
    int length;
    DWORD written;

    va_start(arguments, format);
    length = _vsnwprintf(text, sizeof text / sizeof text[0], format, arguments);
    va_end(arguments);
    if (length < 0) {
        length = sizeof text / sizeof text[0]; /* cut */
    }
    length = WideCharToMultiByte(CP_UTF8, 0, text, length, bytes, sizeof bytes, NULL, NULL);
    if (target.say != NULL) {
        target.say(target.context, bytes, (DWORD)length);
    } else {
        WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), bytes, (DWORD)length, &written, NULL);
    }
}

static void StripLineEnd(wchar_t *text)
{
    wchar_t *end = text + lstrlenW(text);

    while (end > text && (end[-1] == L'\r' || end[-1] == L'\n')) {
        *--end = 0;
    }
}

DWORD PrintFailure(const wchar_t *function, DWORD error)
{
    static wchar_t buffer[1024];
    const wchar_t *sentence = WORD_OF(SENTENCES, error);

    if (*sentence == 0) {
        sentence = buffer;
        if (FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error, 0, buffer,
                           sizeof buffer / sizeof buffer[0], NULL) == 0) {
            buffer[0] = 0;
        }
        StripLineEnd(buffer);
    }
    Print(L"[SC] %ls FAILED %lu:\r\n\r\n%ls\r\n\r\n", function, error, sentence);
    return error;
}

DWORD PrintSuccess(const wchar_t *function)
{
    Print(L"[SC] %ls SUCCESS\r\n", function);
    return ERROR_SUCCESS;
}

void PrintStatus(const wchar_t *name, const SERVICE_STATUS_PROCESS *status, BOOL extended)
{
    const DWORD controls = status->dwControlsAccepted;

    Print(L"\r\nSERVICE_NAME: %ls \r\n", name);
    Print(L"        TYPE               : %lx  %ls  \r\n", status->dwServiceType,
          WORD_OF(TYPES, status->dwServiceType));
    Print(L"        STATE              : %lx  %ls \r\n", status->dwCurrentState,
          WORD_OF(STATES, status->dwCurrentState));
    Print(L"                                (%ls, %ls, %ls)\r\n",
          controls & SERVICE_ACCEPT_STOP ? L"STOPPABLE" : L"NOT_STOPPABLE",
          controls & SERVICE_ACCEPT_PAUSE_CONTINUE ? L"PAUSABLE" : L"NOT_PAUSABLE",
          controls & SERVICE_ACCEPT_SHUTDOWN ? L"ACCEPTS_SHUTDOWN" : L"IGNORES_SHUTDOWN");
    Print(L"        WIN32_EXIT_CODE    : %lu  (0x%lx)\r\n", status->dwWin32ExitCode, status->dwWin32ExitCode);
    Print(L"        SERVICE_EXIT_CODE  : %lu  (0x%lx)\r\n", status->dwServiceSpecificExitCode,
          status->dwServiceSpecificExitCode);
    Print(L"        CHECKPOINT         : 0x%lx\r\n", status->dwCheckPoint);
    Print(L"        WAIT_HINT          : 0x%lx\r\n", status->dwWaitHint);
    if (extended) {
        Print(L"        PID                : %lu\r\n        FLAGS              : \r\n", status->dwProcessId);
    }
}

void PrintConfiguration(const wchar_t *name, const QUERY_SERVICE_CONFIGW *config)
{
    const wchar_t *dependency = config->lpDependencies;

    Print(L"\r\nSERVICE_NAME: %ls\r\n", name);
    Print(L"        TYPE               : %lx  %ls \r\n", config->dwServiceType,
          WORD_OF(TYPES, config->dwServiceType));
    Print(L"        START_TYPE         : %lx   %ls\r\n", config->dwStartType,
          WORD_OF(START_TYPES, config->dwStartType));
    Print(L"        ERROR_CONTROL      : %lx   %ls\r\n", config->dwErrorControl,
          WORD_OF(ERROR_CONTROLS, config->dwErrorControl));
    Print(L"        BINARY_PATH_NAME   : %ls\r\n", config->lpBinaryPathName);
    Print(L"        LOAD_ORDER_GROUP   : %ls\r\n", config->lpLoadOrderGroup);
    Print(L"        TAG                : %lu\r\n", config->dwTagId);
    Print(L"        DISPLAY_NAME       : %ls\r\n", config->lpDisplayName);
    Print(L"        DEPENDENCIES       : %ls\r\n", dependency);
    while (*dependency != 0 && *(dependency += lstrlenW(dependency) + 1) != 0) {
        Print(L"                           : %ls\r\n", dependency);
    }
    Print(L"        SERVICE_START_NAME : %ls\r\n", config->lpServiceStartName);
}

/*
 * sc.exe of the reference guest: the verbs that a lab needs, with the arguments, words and exit codes of
 * Windows' own. `start` of a kernel service does first what Windows does and Wine does not: it refuses a
 * driver that is not signed by a certificate of this guest (577), or could not be loaded (2, 127, 182, 193).
 *
 *     sc.exe create|config NAME type= kernel start= demand group= G binPath= PATH
 *     sc.exe failure NAME reset= SECONDS actions= restart/MS
 *     sc.exe start|stop|delete|query|queryex|qc NAME
 */
#include <windows.h>

#include <string.h>

#include "driver_file.h"
#include "failure_actions.h"
#include "output.h"
#include "service_options.h"

#define CONFIG_BYTES 8192 /* the most that QueryServiceConfig answers */

typedef struct {
    const wchar_t *verb;
    const wchar_t *opens; /* Windows names the function that a failure to open belongs to */
    DWORD access;
    DWORD (*run)(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments);
} VERB;

static BOOL QueryStatus(SC_HANDLE service, SERVICE_STATUS_PROCESS *status)
{
    DWORD needed;

    return QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)status, sizeof *status, &needed);
}

static const QUERY_SERVICE_CONFIGW *QueryConfiguration(SC_HANDLE service)
{
    static union {
        QUERY_SERVICE_CONFIGW config;
        BYTE bytes[CONFIG_BYTES];
    } buffer;
    DWORD needed;

    return QueryServiceConfigW(service, &buffer.config, sizeof buffer, &needed) ? &buffer.config : NULL;
}

/* What the kernel's loader would say; a service that cannot start for another reason is left to StartService.
 */
static DWORD CheckDriver(SC_HANDLE service)
{
    const QUERY_SERVICE_CONFIGW *config = QueryConfiguration(service);
    SERVICE_STATUS_PROCESS status;
    wchar_t path[MAX_PATH];
    DWORD error;

    if (config == NULL || !QueryStatus(service, &status)) {
        return GetLastError();
    }
    if (!(config->dwServiceType & SERVICE_DRIVER) || config->dwStartType == SERVICE_DISABLED ||
        status.dwCurrentState != SERVICE_STOPPED) {
        return ERROR_SUCCESS;
    }
    DriverPath(config->lpBinaryPathName, path);
    error = CheckDriverImage(path);
    /* A file that is whole enough to have a signature is refused for that before its imports are looked at.
     */
    if (error == ERROR_SUCCESS || error == ERROR_PROC_NOT_FOUND || error == ERROR_INVALID_ORDINAL) {
        const DWORD signature_error = CheckDriverSignature(path);
        return signature_error != ERROR_SUCCESS ? signature_error : error;
    }
    return error;
}

static DWORD Start(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments)
{
    SERVICE_STATUS_PROCESS status;
    const DWORD refused = CheckDriver(service);

    if (refused != ERROR_SUCCESS) {
        return PrintFailure(L"StartService", refused);
    }
    if (!StartServiceW(service, (DWORD)count, (const wchar_t **)arguments)) {
        return PrintFailure(L"StartService", GetLastError());
    }
    if (!QueryStatus(service, &status)) {
        return PrintFailure(L"QueryServiceStatus", GetLastError());
    }
    PrintStatus(name, &status, TRUE);
    return ERROR_SUCCESS;
}

static DWORD Stop(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments)
{
    SERVICE_STATUS status;
    SERVICE_STATUS_PROCESS process_status;

    (void)count;
    (void)arguments;
    if (!ControlService(service, SERVICE_CONTROL_STOP, &status)) {
        return PrintFailure(L"ControlService", GetLastError());
    }
    if (!QueryStatus(service, &process_status)) {
        return PrintFailure(L"QueryServiceStatus", GetLastError());
    }
    /* Windows says so of a driver without DriverUnload; Wine lets it run and says nothing. */
    if ((process_status.dwServiceType & SERVICE_DRIVER) && process_status.dwCurrentState == SERVICE_RUNNING) {
        return PrintFailure(L"ControlService", ERROR_INVALID_SERVICE_CONTROL);
    }
    PrintStatus(name, &process_status, FALSE);
    return ERROR_SUCCESS;
}

static DWORD Delete(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments)
{
    (void)name;
    (void)count;
    (void)arguments;
    return DeleteService(service) ? PrintSuccess(L"DeleteService")
                                  : PrintFailure(L"DeleteService", GetLastError());
}

static DWORD QueryAny(SC_HANDLE service, const wchar_t *name, BOOL extended)
{
    SERVICE_STATUS_PROCESS status;

    if (!QueryStatus(service, &status)) {
        return PrintFailure(L"QueryServiceStatus", GetLastError());
    }
    PrintStatus(name, &status, extended);
    return ERROR_SUCCESS;
}

static DWORD Query(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments)
{
    (void)count;
    (void)arguments;
    return QueryAny(service, name, FALSE);
}

static DWORD QueryExtended(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments)
{
    (void)count;
    (void)arguments;
    return QueryAny(service, name, TRUE);
}

static DWORD ShowConfiguration(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments)
{
    const QUERY_SERVICE_CONFIGW *config = QueryConfiguration(service);

    (void)count;
    (void)arguments;
    if (config == NULL) {
        return PrintFailure(L"QueryServiceConfig", GetLastError());
    }
    PrintSuccess(L"QueryServiceConfig");
    PrintConfiguration(name, config);
    return ERROR_SUCCESS;
}

static DWORD Usage(void)
{
    Print(L"usage: sc.exe create|config NAME [type= kernel] [start= demand|auto|disabled] [error= normal]\r\n"
          L"              [binPath= PATH] [group= GROUP] [depend= A/B] [DisplayName= NAME]\r\n"
          L"       sc.exe failure NAME reset= SECONDS actions= restart/MS\r\n"
          L"       sc.exe start|stop|delete|query|queryex|qc NAME\r\n");
    return ERROR_INVALID_COMMAND_LINE;
}

static DWORD Configure(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments)
{
    SERVICE_OPTIONS options;

    (void)name;
    if (!ParseServiceOptions(count, arguments, &options)) {
        return Usage();
    }
    return ChangeServiceConfigW(service, options.type, options.start, options.error_control, options.binary,
                                options.group, NULL, options.dependencies, options.account, options.password,
                                options.display_name)
               ? PrintSuccess(L"ChangeServiceConfig")
               : PrintFailure(L"ChangeServiceConfig", GetLastError());
}

static DWORD SetFailureActions(SC_HANDLE service, const wchar_t *name, int count, wchar_t **arguments)
{
    FAILURE_ACTIONS failure;

    (void)name;
    if (!ParseFailureActions(count, arguments, &failure)) {
        return Usage();
    }
    return ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS, &failure.settings)
               ? PrintSuccess(L"ChangeServiceConfig2")
               : PrintFailure(L"ChangeServiceConfig2", GetLastError());
}

static DWORD Create(SC_HANDLE manager, const wchar_t *name, int count, wchar_t **arguments)
{
    SERVICE_OPTIONS options;
    SC_HANDLE service;

    if (!ParseServiceOptions(count, arguments, &options) || options.binary == NULL) {
        return Usage();
    }
    service = CreateServiceW(
        manager, name, options.display_name != NULL ? options.display_name : name, SERVICE_ALL_ACCESS,
        options.type != SERVICE_NO_CHANGE ? options.type : SERVICE_WIN32_OWN_PROCESS,
        options.start != SERVICE_NO_CHANGE ? options.start : SERVICE_DEMAND_START,
        options.error_control != SERVICE_NO_CHANGE ? options.error_control : SERVICE_ERROR_NORMAL,
        options.binary, options.group, NULL, options.dependencies, options.account, options.password);
    if (service == NULL) {
        return PrintFailure(L"CreateService", GetLastError());
    }
    CloseServiceHandle(service);
    return PrintSuccess(L"CreateService");
}

static const VERB VERBS[] = {
    {L"start", L"OpenService", SERVICE_START | SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG, Start},
    {L"stop", L"OpenService", SERVICE_STOP | SERVICE_QUERY_STATUS, Stop},
    {L"delete", L"OpenService", DELETE, Delete},
    {L"query", L"EnumQueryServicesStatus:OpenService", SERVICE_QUERY_STATUS, Query},
    {L"queryex", L"EnumQueryServicesStatus:OpenService", SERVICE_QUERY_STATUS, QueryExtended},
    {L"qc", L"OpenService", SERVICE_QUERY_CONFIG, ShowConfiguration},
    {L"config", L"OpenService", SERVICE_CHANGE_CONFIG, Configure},
    {L"failure", L"OpenService", SERVICE_CHANGE_CONFIG | SERVICE_START, SetFailureActions},
};

static DWORD Run(int count, wchar_t **arguments)
{
    SC_HANDLE manager, service;
    DWORD result;

    if (count < 3) {
        return Usage();
    }
    manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS);
    if (manager == NULL) {
        return PrintFailure(L"OpenSCManager", GetLastError());
    }
    if (_wcsicmp(arguments[1], L"create") == 0) {
        return Create(manager, arguments[2], count - 3, arguments + 3);
    }
    for (size_t i = 0; i < sizeof VERBS / sizeof VERBS[0]; i++) {
        const VERB *verb = &VERBS[i];
        if (_wcsicmp(arguments[1], verb->verb) != 0) {
            continue;
        }
        service = OpenServiceW(manager, arguments[2], verb->access);
        if (service == NULL) {
            return PrintFailure(verb->opens, GetLastError());
        }
        result = verb->run(service, arguments[2], count - 3, arguments + 3);
        CloseServiceHandle(service);
        return result;
    }
    return Usage();
}

#define MAX_WORDS 32

RESIDENT_EXPORT RESIDENT_RUN ResidentRun;
RESIDENT_EXPORT DWORD ResidentRun(wchar_t *command, RESIDENT_SAY *say, void *context)
{
    wchar_t *words[MAX_WORDS];
    int count = 0;

    while (count < MAX_WORDS && *(words[count] = ResidentNextWord(&command)) != 0) {
        count++;
    }
    PrintTo(say, context);
    return Run(count, words);
}

int __wgetmainargs(int *count, wchar_t ***arguments, wchar_t ***environment, int wildcards, int *new_mode);

void ProgramEntry(void);
void ProgramEntry(void)
{
    int count, new_mode = 0;
    wchar_t **arguments, **environment;

    __wgetmainargs(&count, &arguments, &environment, 0, &new_mode);
    ExitProcess(Run(count, arguments));
}

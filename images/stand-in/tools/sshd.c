/* sshd.exe: the service, for which Debian's sshd does the work. /sbin/lab-sshd makes the host keys at its
 * first start. */
#include "tool.h"

static const char *const START[] = {"/sbin/lab-sshd", "start", NULL};
static const char *const STOP[] = {"/sbin/lab-sshd", "stop", NULL};
static SERVICE_STATUS_HANDLE Handle;
static HANDLE Stopped;

static void Tell(DWORD state, DWORD error)
{
    SERVICE_STATUS status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS,
                             .dwCurrentState = state,
                             .dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP : 0,
                             .dwWin32ExitCode = error};
    SetServiceStatus(Handle, &status);
}

static DWORD WINAPI Control(DWORD control, DWORD type, void *data, void *context)
{
    (void)type;
    (void)data;
    (void)context;
    if (control == SERVICE_CONTROL_STOP) {
        SetEvent(Stopped);
        return NO_ERROR;
    }
    return control == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
}

static void WINAPI Serve(DWORD count, char **arguments)
{
    (void)count;
    (void)arguments;
    Stopped = CreateEventA(NULL, TRUE, FALSE, NULL);
    Handle = RegisterServiceCtrlHandlerExA("sshd", Control, NULL);
    Tell(SERVICE_START_PENDING, NO_ERROR);
    if (RunLinux(START) != 0) {
        Tell(SERVICE_STOPPED, ERROR_SERVICE_SPECIFIC_ERROR);
        return;
    }
    Tell(SERVICE_RUNNING, NO_ERROR);
    WaitForSingleObject(Stopped, INFINITE);
    RunLinux(STOP);
    Tell(SERVICE_STOPPED, NO_ERROR);
}

int Tool(int count, char **arguments)
{
    static char name[] = "sshd";
    const SERVICE_TABLE_ENTRYA services[] = {{name, Serve}, {NULL, NULL}};

    if (count != 0) {
        return RefuseArguments(count, arguments);
    }
    return StartServiceCtrlDispatcherA(services) ? 0 : Refuse("it is a service: %lu", GetLastError());
}

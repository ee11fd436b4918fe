/* net.exe start SERVICE: as on Windows, and not as in Wine, it comes back when the service runs, or says that
 * it does not. */
#include <stdio.h>

#include "tool.h"

#define POLL_MS 100
#define DEADLINE_MS 60000

int Tool(int count, char **arguments)
{
    SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_CONNECT), service;
    SERVICE_STATUS status = {.dwCurrentState = SERVICE_START_PENDING};
    const DWORD began = GetTickCount();

    if (count != 2 || !Is(arguments[0], "start")) {
        return RefuseArguments(count, arguments);
    }
    service = OpenServiceA(manager, arguments[1], SERVICE_START | SERVICE_QUERY_STATUS);
    if (service == NULL || !StartServiceA(service, 0, NULL)) {
        Refuse("the service %s was not started: %lu", arguments[1], GetLastError());
        return 2;
    }
    while (status.dwCurrentState == SERVICE_START_PENDING && GetTickCount() - began < DEADLINE_MS) {
        Sleep(POLL_MS);
        QueryServiceStatus(service, &status);
    }
    if (status.dwCurrentState != SERVICE_RUNNING) {
        Refuse("the service %s could not be started", arguments[1]);
        return 2;
    }
    printf("The %s service was started successfully.\n", arguments[1]);
    return 0;
}

/* Runs the command line in LAB_COMMAND as Setup runs those of an answer file, and ends with its exit code. */
#include "tool.h"

#define MAX_COMMAND 2048

int Tool(int count, char **arguments)
{
    static wchar_t command[MAX_COMMAND];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 1;

    if (count != 0 || GetEnvironmentVariableW(L"LAB_COMMAND", command, MAX_COMMAND) == 0) {
        return RefuseArguments(count, arguments);
    }
    SetEnvironmentVariableW(L"LAB_COMMAND", NULL);
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        return Refuse("it cannot be started: %lu", GetLastError());
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}

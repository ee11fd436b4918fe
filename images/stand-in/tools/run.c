/*
 * run.exe FILE: runs each line of the file as a command line and waits for it, as Setup does with those of an
 * answer file. All in one program, because Wine's services end with the last one, and take seconds to start
 * again.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

#define MAX_COMMAND 2048

static DWORD Run(char *command)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 1;

    if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        return (DWORD)Refuse("'%s' cannot be started: %lu", command, GetLastError());
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return code;
}

int Tool(int count, char **arguments)
{
    static char command[MAX_COMMAND];
    FILE *file = count == 1 ? fopen(arguments[0], "r") : NULL;
    DWORD code = 0;

    if (file == NULL) {
        return RefuseArguments(count, arguments);
    }
    while (fgets(command, sizeof command, file) != NULL) {
        command[strcspn(command, "\r\n")] = 0;
        code = Run(command);
        if (code != 0) {
            printf("stand-in: exit code %lu of '%s'\n", code, command);
        }
    }
    return (int)code;
}

/*
 * shell.exe of the reference guest: runs the command line in LAB_COMMAND by cmd.exe, byte for byte, and ends
 * with its exit code. Wine makes a Windows command line of a Unix program's arguments by escaping quotation
 * marks with backslashes, which cmd.exe does not understand; so the line comes by another way.
 */
#include <windows.h>

#define VARIABLE L"LAB_COMMAND"
#define LINE_CHARACTERS 32767 /* CreateProcess takes no more */

void ProgramEntry(void);
void ProgramEntry(void)
{
    static const wchar_t before[] = L"cmd.exe /s /c \"";
    static wchar_t line[LINE_CHARACTERS];
    const DWORD start = sizeof before / sizeof before[0] - 1;
    const DWORD room = LINE_CHARACTERS - start - 1;
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD length, exit_code;

    lstrcpyW(line, before);
    length = GetEnvironmentVariableW(VARIABLE, line + start, room);
    if (length == 0 || length >= room) {
        ExitProcess(ERROR_FILENAME_EXCED_RANGE);
    }
    lstrcpyW(line + start + length, L"\"");
    SetEnvironmentVariableW(VARIABLE, NULL);
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        ExitProcess(GetLastError());
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &exit_code);
    ExitProcess(exit_code);
}

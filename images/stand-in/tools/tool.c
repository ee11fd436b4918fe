#include "tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT "SOFTWARE\\wsklab\\stand-in\\"
#define LINUX_FORK 57
#define LINUX_EXECVE 59
#define LINUX_EXIT 60
#define LINUX_WAIT4 61
#define NOT_FOUND 127

int Refuse(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    fprintf(stderr, "stand-in: ");
    vfprintf(stderr, format, list);
    fprintf(stderr, "\n");
    va_end(list);
    return 1;
}

int RefuseArguments(int count, char **arguments)
{
    fprintf(stderr, "stand-in: does not take these arguments:");
    for (int i = 0; i < count; i++) {
        fprintf(stderr, " '%s'", arguments[i]);
    }
    fprintf(stderr, "\n");
    return 1;
}

void Format(char *text, size_t room, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    _vsnprintf(text, room, format, list);
    va_end(list);
    text[room - 1] = 0;
}

bool Is(const char *argument, const char *word)
{
    return _stricmp(argument, word) == 0;
}

void Keep(const char *key, const char *name, const char *value)
{
    char path[256];

    Format(path, sizeof path, ROOT "%s", key);
    RegSetKeyValueA(HKEY_LOCAL_MACHINE, path, name, REG_SZ, value, (DWORD)strlen(value) + 1);
}

bool Get(const char *key, const char *name, char *value, DWORD room)
{
    char path[256];

    Format(path, sizeof path, ROOT "%s", key);
    return RegGetValueA(HKEY_LOCAL_MACHINE, path, name, RRF_RT_REG_SZ, NULL, value, &room) == ERROR_SUCCESS;
}

long long LinuxCall(long long number, long long first, long long second, long long third, long long fourth)
{
    register long long r10 __asm__("r10") = fourth;

    __asm__ volatile("syscall"
                     : "+a"(number)
                     : "D"(first), "S"(second), "d"(third), "r"(r10)
                     : "rcx", "r11", "memory");
    return number;
}

int RunLinux(const char *const *arguments)
{
    static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    const long long child = LinuxCall(LINUX_FORK, 0, 0, 0, 0);
    int status = 0;

    if (child == 0) {
        LinuxCall(LINUX_EXECVE, (long long)arguments[0], (long long)arguments, (long long)environment, 0);
        LinuxCall(LINUX_EXIT, NOT_FOUND, 0, 0, 0);
    }
    if (child < 0 || LinuxCall(LINUX_WAIT4, child, (long long)&status, 0, 0) != child) {
        return -1;
    }
    return (status & 0x7f) == 0 ? status >> 8 & 0xff : -1;
}

void LinuxPath(const char *path, char *linux_path, size_t room)
{
    char *(CDECL *const unix_name)(const wchar_t *) =
        (void *)GetProcAddress(GetModuleHandleA("kernel32.dll"), "wine_get_unix_file_name");
    wchar_t wide[MAX_PATH];
    char *name = NULL;

    linux_path[0] = 0;
    if (unix_name != NULL && MultiByteToWideChar(CP_ACP, 0, path, -1, wide, MAX_PATH) != 0) {
        name = unix_name(wide);
    }
    if (name != NULL) {
        Format(linux_path, room, "%s", name);
        HeapFree(GetProcessHeap(), 0, name);
    }
}

int __getmainargs(int *count, char ***arguments, char ***environment, int wildcards, int *new_mode);

void ProgramEntry(void);
void ProgramEntry(void)
{
    int count, new_mode = 0;
    char **arguments, **environment;

    __getmainargs(&count, &arguments, &environment, 0, &new_mode);
    exit(Tool(count - 1, arguments + 1));
}

/*
 * A stand-in for one of Windows' own programs, which Wine lacks or has as a stub that takes anything: it
 * takes the arguments that the lab's steps give, refuses all others, does what can be done under Wine, and
 * keeps the rest in the registry, so that what is read back is what was set.
 */
#ifndef STAND_IN_TOOL_H
#define STAND_IN_TOOL_H

#include <stdbool.h>
#include <windows.h>

/* Each program's own; what it returns is the exit code. Arguments without the program's name. */
int Tool(int count, char **arguments);

/* Says it on stderr, and gives the exit code 1 of what is refused. */
int Refuse(const char *format, ...);
int RefuseArguments(int count, char **arguments);

/* snprintf, which msvcrt.dll lacks. */
void Format(char *text, size_t room, const char *format, ...);

bool Is(const char *argument, const char *word); /* in any case */

/* The value NAME of the tool's own key. Get gives false where there is none. */
void Keep(const char *key, const char *name, const char *value);
bool Get(const char *key, const char *name, char *value, DWORD room);

/* Runs a program of the Linux below and waits for it: its exit code, or -1. */
int RunLinux(const char *const *arguments);
/* The file's path there; "" where there is none. */
void LinuxPath(const char *path, char *linux_path, size_t room);
/* Negative: the negative of an errno. */
long long LinuxCall(long long number, long long first, long long second, long long third, long long fourth);

#define LINUX_KILL 62
#define LINUX_CHMOD 90

#endif

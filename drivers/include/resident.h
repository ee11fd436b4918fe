/*
 * A program that is also a DLL, C:\lab\resident\NAME.dll: the agent runs its command lines in its own
 * process. In the reference guest a process takes some hundred milliseconds to start, and a call none.
 */
#ifndef RESIDENT_H
#define RESIDENT_H

#include <windows.h>

/* Takes what the command says: UTF-8, to be shown as it is. */
typedef void RESIDENT_SAY(void *context, const char *text, DWORD bytes);

/*
 * Runs one command, "sc.exe query echo", as the program would; returns its exit code. May change the words of
 * `command`. Never called twice at a time.
 */
typedef DWORD RESIDENT_RUN(wchar_t *command, RESIDENT_SAY *say, void *context);

#define RESIDENT_EXPORT __declspec(dllexport)
#define RESIDENT_RUN_NAME "ResidentRun"

/*
 * The next word of a command line, a NUL put behind it; empty at the end. A word in quotation marks may have
 * spaces.
 */
static inline wchar_t *ResidentNextWord(wchar_t **rest)
{
    wchar_t *word = *rest, *at, stop;

    while (*word == L' ') {
        word++;
    }
    stop = *word == L'"' ? L'"' : L' ';
    word += stop == L'"';
    for (at = word; *at != 0 && *at != stop; at++) {
    }
    *rest = *at == 0 ? at : at + 1;
    *at = 0;
    return word;
}

#endif

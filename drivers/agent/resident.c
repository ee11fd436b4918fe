#include "resident.h"

#include <stdbool.h>
#include <string.h>

#include "../include/resident.h"

#define FOLDER L"C:\\lab\\resident\\"
#define MAX_NAME 32
#define MAX_COMMAND 4096
#define MAX_OUTPUT (16 * 1024)

/* The one command that runs, on a thread that stays: one that ended after a start would end the agent, in
 * Wine. */
static struct {
    bool is_taken;
    CRITICAL_SECTION lock;   /* of is_taken: whoever has read a reply finds the next command taken */
    HANDLE thread, is_there; /* event */
    CHANNEL *channel;
    unsigned int request;
    RESIDENT_RUN *run;
    wchar_t command[MAX_COMMAND];
    struct {
        uint32_t exit_code;
        char output[MAX_OUTPUT];
    } reply;
    DWORD output_bytes;
} task;

static void Say(void *context, const char *text, DWORD bytes)
{
    const DWORD room = MAX_OUTPUT - task.output_bytes;

    (void)context;
    if (bytes > room) {
        bytes = room;
    }
    memcpy(task.reply.output + task.output_bytes, text, bytes);
    task.output_bytes += bytes;
}

static DWORD WINAPI RunTasks(void *unused)
{
    (void)unused;
    for (;;) {
        WaitForSingleObject(task.is_there, INFINITE);
        task.reply.exit_code = task.run(task.command, Say, NULL);
        EnterCriticalSection(&task.lock);
        ChannelSend(task.channel, LAB_RUN_REPLY, task.request, &task.reply,
                    sizeof task.reply.exit_code + task.output_bytes);
        task.is_taken = false;
        LeaveCriticalSection(&task.lock);
    }
}

static bool EnsureThread(void)
{
    if (task.is_there == NULL) {
        InitializeCriticalSection(&task.lock);
        task.is_there = CreateEventW(NULL, FALSE, FALSE, NULL);
    }
    if (task.is_there != NULL && task.thread == NULL) {
        task.thread = CreateThread(NULL, 0, RunTasks, NULL, 0, NULL);
    }
    return task.thread != NULL;
}

static bool IsNameCharacter(wchar_t c)
{
    return (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z') || (c >= L'0' && c <= L'9');
}

/* The program's DLL: FOLDER, the name behind the last backslash and before ".exe". */
static bool FindModule(const wchar_t *command, wchar_t *path)
{
    const wchar_t *name = command, *end = command;
    size_t length;

    for (; *end != 0 && *end != L' '; end++) {
        if (*end == L'\\') {
            name = end + 1;
        }
    }
    length = (size_t)(end - name);
    if (length > 4 && _wcsnicmp(end - 4, L".exe", 4) == 0) {
        length -= 4;
    }
    if (length == 0 || length > MAX_NAME) {
        return false;
    }
    lstrcpyW(path, FOLDER);
    path += lstrlenW(path);
    for (size_t i = 0; i < length; i++) {
        if (!IsNameCharacter(name[i])) {
            return false;
        }
        *path++ = name[i];
    }
    lstrcpyW(path, L".dll");
    return true;
}

static RESIDENT_RUN *FindProgram(const wchar_t *command)
{
    wchar_t path[sizeof FOLDER / sizeof(wchar_t) + MAX_NAME + 8];
    HMODULE module;

    if (!FindModule(command, path)) {
        return NULL;
    }
    /* Never let go: its code stays for the next command. */
    module = GetModuleHandleW(path);
    if (module == NULL && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) {
        module = LoadLibraryW(path);
    }
    return module == NULL ? NULL : (RESIDENT_RUN *)(void *)GetProcAddress(module, RESIDENT_RUN_NAME);
}

static DWORD Prepare(const unsigned char *command, unsigned int length)
{
    const int count =
        MultiByteToWideChar(CP_UTF8, 0, (const char *)command, (int)length, task.command, MAX_COMMAND - 1);

    if (count <= 0) {
        return ERROR_INVALID_PARAMETER;
    }
    task.command[count] = 0;
    task.run = FindProgram(task.command);
    task.output_bytes = 0;
    return task.run == NULL ? ERROR_FILE_NOT_FOUND : ERROR_SUCCESS;
}

/* Takes the command as the one that runs. */
static DWORD Begin(CHANNEL *channel, unsigned int request, const unsigned char *command, unsigned int length)
{
    const DWORD error = task.is_taken ? ERROR_BUSY : Prepare(command, length);

    if (error == ERROR_SUCCESS) {
        task.channel = channel;
        task.request = request;
        task.is_taken = true;
        SetEvent(task.is_there);
    }
    return error;
}

DWORD RunResident(CHANNEL *channel, unsigned int request, const unsigned char *command, unsigned int length)
{
    DWORD error;

    if (!EnsureThread()) {
        return GetLastError();
    }
    EnterCriticalSection(&task.lock);
    error = Begin(channel, request, command, length);
    LeaveCriticalSection(&task.lock);
    return error;
}

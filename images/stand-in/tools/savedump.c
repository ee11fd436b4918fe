/*
 * savedump.exe: at a start after the kernel has panicked, what Windows does out of its page file: MEMORY.DMP
 * and a minidump. The panic's code is in the kernel's log, where the driver host wrote it before
 * (drivers/ntsup), and the log is in the firmware's variables, where Linux puts it at a panic. The pages
 * behind the header are that log: this guest has no page file for its memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define RECORDS "Z:\\sys\\fs\\pstore\\"
#define CONTROL "SYSTEM\\CurrentControlSet\\Control\\CrashControl"
#define VERSION "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define MINIDUMPS "C:\\windows\\Minidump"
/* As drivers/ntsup/crash.c writes it. */
#define STOP_LINE "wsklab: bugcheck "
/* For a panic without such a line. */
#define MANUALLY_INITIATED_CRASH 0xe2
#define PAGE 4096
#define HEADER_BYTES 0x2000
#define LOG_BYTES (64 << 10)
#define KERNEL_DUMP 2
#define TRIAGE_DUMP 4

typedef struct {
    DWORD code;
    ULONGLONG parameters[4];
    FILETIME time;
} CRASH;

/* The parts of a panic's log come last first: part 1 is the end. Gives the bytes of them in their order. */
static size_t ReadLog(char *log, FILETIME *time)
{
    WIN32_FIND_DATAA found;
    HANDLE search = FindFirstFileA(RECORDS "dmesg-*", &found);
    static char parts[64][16384];
    size_t lengths[64] = {0}, total = 0;

    if (search == INVALID_HANDLE_VALUE) {
        return 0;
    }
    do {
        char path[MAX_PATH], *text;
        int part;
        FILE *file;

        Format(path, sizeof path, RECORDS "%s", found.cFileName);
        file = fopen(path, "rb");
        if (file == NULL) {
            continue;
        }
        static char read[sizeof parts[0]];
        const size_t length = fread(read, 1, sizeof read - 1, file);
        fclose(file);
        read[length] = 0;
        text = strchr(read, '\n');
        if (sscanf(read, "Panic#%*d Part%d", &part) == 1 && part > 0 && part <= 64 && text != NULL) {
            lengths[part - 1] = length - (size_t)(text + 1 - read);
            memcpy(parts[part - 1], text + 1, lengths[part - 1]);
            *time = found.ftLastWriteTime;
        }
    } while (FindNextFileA(search, &found));
    FindClose(search);
    for (int part = 63; part >= 0; part--) {
        if (total + lengths[part] < LOG_BYTES) {
            memcpy(log + total, parts[part], lengths[part]);
            total += lengths[part];
        }
    }
    log[total] = 0;
    return total;
}

static CRASH CrashOf(const char *log, FILETIME time)
{
    CRASH crash = {.code = MANUALLY_INITIATED_CRASH, .time = time};
    const char *at = strstr(log, STOP_LINE);
    char *end;

    if (at != NULL) {
        crash.code = strtoul(at + strlen(STOP_LINE), &end, 16);
        for (int i = 0; i < 4; i++) {
            crash.parameters[i] = _strtoui64(end, &end, 16);
        }
    }
    return crash;
}

static DWORD BuildNumber(void)
{
    char text[16];
    DWORD room = sizeof text;

    return RegGetValueA(HKEY_LOCAL_MACHINE, VERSION, "CurrentBuildNumber", RRF_RT_REG_SZ, NULL, text,
                        &room) == ERROR_SUCCESS
               ? strtoul(text, NULL, 10)
               : 0;
}

/* DUMP_HEADER64; unused fields hold PAGE again and again. */
static void FillHeader(BYTE *header, const CRASH *crash, DWORD type, ULONGLONG bytes)
{
    const DWORD build = BuildNumber(), machine = 0x8664;
    SYSTEM_INFO system;

    for (int at = 0; at < HEADER_BYTES; at += 4) {
        memcpy(header + at, "PAGE", 4);
    }
    GetSystemInfo(&system);
    memcpy(header + 0x04, "DU64", 4);
    memcpy(header + 0x08, &(DWORD){15}, 4); /* a free build */
    memcpy(header + 0x0c, &build, 4);
    memcpy(header + 0x30, &machine, 4);
    memcpy(header + 0x34, &system.dwNumberOfProcessors, 4);
    memcpy(header + 0x38, &crash->code, 4);
    memcpy(header + 0x40, crash->parameters, sizeof crash->parameters);
    memcpy(header + 0xf98, &type, 4);
    memcpy(header + 0xfa0, &bytes, 8);
    memcpy(header + 0xfa8, &crash->time, 8);
}

static bool WriteDump(const char *path, const CRASH *crash, DWORD type, const char *log, size_t log_bytes)
{
    static BYTE header[HEADER_BYTES];
    const size_t pages = (log_bytes + PAGE - 1) / PAGE;
    FILE *file = fopen(path, "wb");
    bool is_good;

    if (file == NULL) {
        return false;
    }
    FillHeader(header, crash, type, HEADER_BYTES + pages * PAGE);
    is_good = fwrite(header, 1, sizeof header, file) == sizeof header &&
              fwrite(log, 1, pages * PAGE, file) == pages * PAGE;
    return fclose(file) == 0 && is_good;
}

static void ForgetRecords(void)
{
    WIN32_FIND_DATAA found;
    HANDLE search = FindFirstFileA(RECORDS "dmesg-*", &found);

    if (search == INVALID_HANDLE_VALUE) {
        return;
    }
    do {
        char path[MAX_PATH];

        Format(path, sizeof path, RECORDS "%s", found.cFileName);
        DeleteFileA(path);
    } while (FindNextFileA(search, &found));
    FindClose(search);
}

int Tool(int count, char **arguments)
{
    static char log[LOG_BYTES + PAGE];
    char path[MAX_PATH];
    DWORD enabled = 0, enabled_bytes = sizeof enabled, path_bytes = sizeof path;
    SYSTEMTIME time;
    CRASH crash;
    FILETIME written = {0};
    const size_t log_bytes = ReadLog(log, &written);

    if (count != 0 || log_bytes == 0) {
        return count != 0 ? RefuseArguments(count, arguments) : 0;
    }
    crash = CrashOf(log, written);
    RegGetValueA(HKEY_LOCAL_MACHINE, CONTROL, "CrashDumpEnabled", RRF_RT_REG_DWORD, NULL, &enabled,
                 &enabled_bytes);
    if (enabled != 0) {
        if (RegGetValueA(HKEY_LOCAL_MACHINE, CONTROL, "DumpFile", RRF_RT_REG_SZ, NULL, path, &path_bytes) !=
                ERROR_SUCCESS ||
            !WriteDump(path, &crash, KERNEL_DUMP, log, log_bytes)) {
            return Refuse("the dump cannot be written");
        }
        FileTimeToSystemTime(&crash.time, &time);
        CreateDirectoryA(MINIDUMPS, NULL);
        Format(path, sizeof path, MINIDUMPS "\\%02d%02d%02d-%lu-01.dmp", time.wMonth, time.wDay,
               time.wYear % 100, GetTickCount());
        if (!WriteDump(path, &crash, TRIAGE_DUMP, log, 0)) {
            return Refuse("the minidump cannot be written");
        }
        printf("stand-in: the dump of bugcheck 0x%lx is written\n", crash.code);
    }
    ForgetRecords();
    return 0;
}

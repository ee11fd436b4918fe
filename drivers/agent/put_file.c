#include "put_file.h"

#include <string.h>

static DWORD Write(HANDLE file, unsigned long long offset, const unsigned char *content, DWORD bytes)
{
    const LARGE_INTEGER place = {.QuadPart = (long long)offset};
    DWORD written;

    if (!SetFilePointerEx(file, place, NULL, FILE_BEGIN) ||
        !WriteFile(file, content, bytes, &written, NULL)) {
        return GetLastError();
    }
    return written == bytes ? ERROR_SUCCESS : ERROR_DISK_FULL;
}

DWORD PutFile(const unsigned char *payload, unsigned int length)
{
    wchar_t path[MAX_PATH];
    unsigned long long offset;
    const unsigned char *name = payload + sizeof offset, *end, *content;
    HANDLE file;
    DWORD error;

    end = length <= sizeof offset ? NULL : memchr(name, 0, length - sizeof offset);
    if (end == NULL || MultiByteToWideChar(CP_UTF8, 0, (const char *)name, -1, path, MAX_PATH) == 0) {
        return ERROR_INVALID_PARAMETER;
    }
    memcpy(&offset, payload, sizeof offset);
    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, offset == 0 ? CREATE_ALWAYS : OPEN_EXISTING,
                       FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        return GetLastError();
    }
    content = end + 1;
    error = Write(file, offset, content, (DWORD)(payload + length - content));
    CloseHandle(file);
    return error;
}

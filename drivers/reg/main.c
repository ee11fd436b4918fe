/*
 * reg.exe import FILE, of the reference guest, for registry files as the lab writes them: UTF-16, keys below
 * HKEY_LOCAL_MACHINE to delete and to make, values that are texts or DWORDs. Resident only; Wine's own
 * program does the rest.
 */
#include <windows.h>

#include <string.h>

#include "resident.h"

#define MAX_FILE_CHARS 16384
#define ROOT L"HKEY_LOCAL_MACHINE\\"

typedef struct {
    RESIDENT_SAY *say;
    void *context;
    HKEY key; /* the one whose values come */
} IMPORT;

static DWORD Refuse(IMPORT *import, const char *text)
{
    import->say(import->context, text, (DWORD)strlen(text));
    return 1;
}

static DWORD ReadText(const wchar_t *path, wchar_t *text)
{
    const HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    DWORD bytes = 0, error = ERROR_SUCCESS;

    if (file == INVALID_HANDLE_VALUE) {
        return GetLastError();
    }
    if (!ReadFile(file, text, (MAX_FILE_CHARS - 1) * sizeof *text, &bytes, NULL)) {
        error = GetLastError();
    }
    CloseHandle(file);
    text[bytes / sizeof *text] = 0;
    return error;
}

/* The next line without its end, a NUL put there; NULL behind the last. */
static wchar_t *NextLine(wchar_t **rest)
{
    wchar_t *line = *rest, *at = line;

    if (*line == 0) {
        return NULL;
    }
    while (*at != 0 && *at != L'\r' && *at != L'\n') {
        at++;
    }
    while (*at == L'\r' || *at == L'\n') {
        *at++ = 0;
    }
    *rest = at;
    return line;
}

/* "[KEY]" or "[-KEY]". */
static DWORD TakeKey(IMPORT *import, wchar_t *line)
{
    wchar_t *const end = wcschr(line, L']');
    const BOOL is_deleted = line[1] == L'-';
    const wchar_t *name = line + 1 + is_deleted;
    LSTATUS status;

    if (end == NULL || _wcsnicmp(name, ROOT, sizeof ROOT / sizeof *name - 1) != 0) {
        return Refuse(import, "a key has to be below HKEY_LOCAL_MACHINE\r\n");
    }
    *end = 0;
    name += sizeof ROOT / sizeof *name - 1;
    if (import->key != NULL) {
        RegCloseKey(import->key);
        import->key = NULL;
    }
    if (is_deleted) {
        status = RegDeleteTreeW(HKEY_LOCAL_MACHINE, name);
        return status == ERROR_SUCCESS || status == ERROR_FILE_NOT_FOUND
                   ? 0
                   : Refuse(import, "a key was not deleted\r\n");
    }
    status = RegCreateKeyExW(HKEY_LOCAL_MACHINE, name, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &import->key, NULL);
    return status == ERROR_SUCCESS ? 0 : Refuse(import, "a key was not made\r\n");
}

/* A text in quotation marks, where it stands; *end is behind it. NULL: none. */
static wchar_t *TakeQuoted(wchar_t *text, wchar_t **end)
{
    wchar_t *to = text, *from = text;

    if (*from++ != L'"') {
        return NULL;
    }
    while (*from != L'"') {
        from += *from == L'\\';
        if (*from == 0) {
            return NULL;
        }
        *to++ = *from++;
    }
    *to = 0;
    *end = from + 1;
    return text;
}

static BOOL TakeHex(const wchar_t *text, DWORD *number)
{
    *number = 0;
    for (; *text != 0; text++) {
        const wchar_t *digits = L"0123456789abcdef", *digit = wcschr(digits, *text);
        if (digit == NULL) {
            return FALSE;
        }
        *number = *number << 4 | (DWORD)(digit - digits);
    }
    return TRUE;
}

/* "NAME"="TEXT" or "NAME"=dword:0000002a. */
static DWORD TakeValue(IMPORT *import, wchar_t *line)
{
    wchar_t *value, *end;
    const wchar_t *name = TakeQuoted(line, &value), *text;
    LSTATUS status;
    DWORD number;

    if (import->key == NULL || name == NULL || *value++ != L'=') {
        return Refuse(import, "a line is neither a key nor a value\r\n");
    }
    text = TakeQuoted(value, &end);
    if (text != NULL) {
        status = RegSetValueExW(import->key, name, 0, REG_SZ, (const BYTE *)text,
                                (DWORD)((wcslen(text) + 1) * sizeof *text));
    } else if (wcsncmp(value, L"dword:", 6) == 0 && TakeHex(value + 6, &number)) {
        status = RegSetValueExW(import->key, name, 0, REG_DWORD, (const BYTE *)&number, sizeof number);
    } else {
        return Refuse(import, "a value is neither a text nor a dword\r\n");
    }
    return status == ERROR_SUCCESS ? 0 : Refuse(import, "a value was not set\r\n");
}

static DWORD Import(IMPORT *import, wchar_t *text)
{
    DWORD result = 0;

    if (*text == 0xfeff) {
        text++;
    }
    if (NextLine(&text) == NULL) { /* the version */
        return Refuse(import, "the file is empty\r\n");
    }
    for (wchar_t *line = NextLine(&text); result == 0 && line != NULL; line = NextLine(&text)) {
        result = *line == L'[' ? TakeKey(import, line) : TakeValue(import, line);
    }
    if (import->key != NULL) {
        RegCloseKey(import->key);
    }
    return result;
}

RESIDENT_EXPORT RESIDENT_RUN ResidentRun;
RESIDENT_EXPORT DWORD ResidentRun(wchar_t *command, RESIDENT_SAY *say, void *context)
{
    static wchar_t text[MAX_FILE_CHARS];
    IMPORT import = {.say = say, .context = context};

    ResidentNextWord(&command);
    if (_wcsicmp(ResidentNextWord(&command), L"import") != 0) {
        return Refuse(&import, "only import is done here\r\n");
    }
    if (ReadText(ResidentNextWord(&command), text) != ERROR_SUCCESS) {
        return Refuse(&import, "the file cannot be read\r\n");
    }
    return Import(&import, text);
}

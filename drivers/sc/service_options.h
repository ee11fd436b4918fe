/* The options of `create` and `config`: "type= kernel start= demand binPath= C:\x.sys", the value after the
 * sign. */
#pragma once

#include <windows.h>

typedef struct {
    DWORD type, start, error_control; /* SERVICE_NO_CHANGE if not given */
    const wchar_t *binary, *group, *display_name, *account, *password;
    const wchar_t *dependencies; /* a double-null-terminated list */
} SERVICE_OPTIONS;

/* FALSE: a name or a value that is not known. */
BOOL ParseServiceOptions(int count, wchar_t **arguments, SERVICE_OPTIONS *options);

#include "service_options.h"

#include <string.h>

typedef struct {
    const wchar_t *name;
    DWORD value;
} VALUE_OF;

static const VALUE_OF TYPES[] = {
    {L"kernel", SERVICE_KERNEL_DRIVER},  {L"filesys", SERVICE_FILE_SYSTEM_DRIVER},
    {L"own", SERVICE_WIN32_OWN_PROCESS}, {L"share", SERVICE_WIN32_SHARE_PROCESS},
    {L"rec", SERVICE_RECOGNIZER_DRIVER}, {NULL, 0}};
static const VALUE_OF STARTS[] = {{L"boot", SERVICE_BOOT_START},   {L"system", SERVICE_SYSTEM_START},
                                  {L"auto", SERVICE_AUTO_START},   {L"demand", SERVICE_DEMAND_START},
                                  {L"disabled", SERVICE_DISABLED}, {NULL, 0}};
static const VALUE_OF ERROR_CONTROLS[] = {{L"ignore", SERVICE_ERROR_IGNORE},
                                          {L"normal", SERVICE_ERROR_NORMAL},
                                          {L"severe", SERVICE_ERROR_SEVERE},
                                          {L"critical", SERVICE_ERROR_CRITICAL},
                                          {NULL, 0}};

static BOOL FindValue(const VALUE_OF *table, const wchar_t *name, DWORD *value)
{
    for (; table->name != NULL; table++) {
        if (_wcsicmp(table->name, name) == 0) {
            *value = table->value;
            return TRUE;
        }
    }
    return FALSE;
}

/* "a/b/c" becomes a list. */
static const wchar_t *DependencyList(const wchar_t *names)
{
    static wchar_t list[1024];
    size_t length = 0;

    for (; *names != 0 && length < sizeof list / sizeof list[0] - 2; names++) {
        list[length++] = *names == L'/' ? 0 : *names;
    }
    list[length] = list[length + 1] = 0;
    return list;
}

static BOOL SetOption(SERVICE_OPTIONS *options, const wchar_t *name, const wchar_t *value)
{
    if (_wcsicmp(name, L"type=") == 0) {
        return FindValue(TYPES, value, &options->type);
    }
    if (_wcsicmp(name, L"start=") == 0) {
        return FindValue(STARTS, value, &options->start);
    }
    if (_wcsicmp(name, L"error=") == 0) {
        return FindValue(ERROR_CONTROLS, value, &options->error_control);
    }
    if (_wcsicmp(name, L"binPath=") == 0) {
        options->binary = value;
    } else if (_wcsicmp(name, L"group=") == 0) {
        options->group = value;
    } else if (_wcsicmp(name, L"DisplayName=") == 0) {
        options->display_name = value;
    } else if (_wcsicmp(name, L"depend=") == 0) {
        options->dependencies = DependencyList(value);
    } else if (_wcsicmp(name, L"obj=") == 0) {
        options->account = value;
    } else if (_wcsicmp(name, L"password=") == 0) {
        options->password = value;
    } else {
        return _wcsicmp(name, L"tag=") == 0;
    }
    return TRUE;
}

BOOL ParseServiceOptions(int count, wchar_t **arguments, SERVICE_OPTIONS *options)
{
    const SERVICE_OPTIONS none = {
        .type = SERVICE_NO_CHANGE, .start = SERVICE_NO_CHANGE, .error_control = SERVICE_NO_CHANGE};

    *options = none;
    for (int i = 0; i < count; i++) {
        wchar_t *value = wcschr(arguments[i], L'=');
        wchar_t name[32];

        if (value++ == NULL || value - arguments[i] >= (ptrdiff_t)(sizeof name / sizeof name[0])) {
            return FALSE;
        }
        lstrcpynW(name, arguments[i], (int)(value - arguments[i]) + 1);
        if (*value == 0 && ++i < count) { /* "type= kernel" is two arguments, "type=kernel" one */
            value = arguments[i];
        }
        if (!SetOption(options, name, value)) {
            return FALSE;
        }
    }
    return TRUE;
}

#include "failure_actions.h"

#include <string.h>

/* A number, and behind it a slash or the end; NULL: none. */
static const wchar_t *TakeNumber(const wchar_t *text, DWORD *number)
{
    const wchar_t *at = text;

    for (*number = 0; *at >= L'0' && *at <= L'9'; at++) {
        *number = *number * 10 + (DWORD)(*at - L'0');
    }
    if (at == text || (*at != 0 && *at != L'/')) {
        return NULL;
    }
    return *at == 0 ? at : at + 1;
}

static BOOL TakeActions(const wchar_t *text, FAILURE_ACTIONS *failure)
{
    static const wchar_t restart[] = L"restart/";
    const size_t length = sizeof restart / sizeof restart[0] - 1;

    while (*text != 0) {
        SC_ACTION *action = &failure->actions[failure->settings.cActions];

        if (failure->settings.cActions == MAX_FAILURE_ACTIONS || _wcsnicmp(text, restart, length) != 0) {
            return FALSE;
        }
        action->Type = SC_ACTION_RESTART;
        text = TakeNumber(text + length, &action->Delay);
        if (text == NULL) {
            return FALSE;
        }
        failure->settings.cActions++;
    }
    return failure->settings.cActions != 0;
}

BOOL ParseFailureActions(int count, wchar_t **arguments, FAILURE_ACTIONS *failure)
{
    const wchar_t *end;

    memset(failure, 0, sizeof *failure);
    failure->settings.lpsaActions = failure->actions;
    if (count != 4 || _wcsicmp(arguments[0], L"reset=") != 0 || _wcsicmp(arguments[2], L"actions=") != 0) {
        return FALSE;
    }
    end = TakeNumber(arguments[1], &failure->settings.dwResetPeriod);
    return end != NULL && *end == 0 && TakeActions(arguments[3], failure);
}

/* The Linux below Wine, where there is one. */
#ifndef AGENT_LINUX_H
#define AGENT_LINUX_H

#include <stdbool.h>
#include <windows.h>

#include "../include/linux_calls.h"

/* Whether this is Wine. */
static inline bool IsWine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

#endif

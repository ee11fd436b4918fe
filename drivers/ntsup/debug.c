/**
 * DbgPrint and its relatives, and the supplement's own lines: to the host process's standard error, which the
 * guest has on its console.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ntsup.h"

#define LINE_CHARS 480

/* Wine's ntdll exports this for its own debug output. */
typedef INT(__cdecl *WINE_DBG_OUTPUT)(const CHAR *Text);

static VOID Print(const CHAR *Prefix, const CHAR *Format, va_list Arguments)
{
    static WINE_DBG_OUTPUT output;
    CHAR line[LINE_CHARS];
    if (output == NULL) {
        output = (WINE_DBG_OUTPUT)GetProcAddress(GetModuleHandleA("ntdll.dll"), "__wine_dbg_output");
    }
    INT length = _vsnprintf(line, sizeof(line) - 1, Format, Arguments);
    line[length >= 0 && length < (INT)sizeof(line) ? length : (INT)sizeof(line) - 1] = 0;
    if (output != NULL) {
        output(Prefix);
        output(line);
    }
}

VOID ConsolePrint(const CHAR *Format, ...)
{
    va_list arguments;
    va_start(arguments, Format);
    Print("", Format, arguments);
    va_end(arguments);
}

ULONG __cdecl SupDbgPrint(const CHAR *Format, ...);
ULONG __cdecl SupDbgPrint(const CHAR *Format, ...)
{
    va_list arguments;
    va_start(arguments, Format);
    Print("", Format, arguments);
    va_end(arguments);
    return (ULONG)STATUS_SUCCESS;
}

ULONG __cdecl SupDbgPrintEx(ULONG ComponentId, ULONG Level, const CHAR *Format, ...);
ULONG __cdecl SupDbgPrintEx(ULONG ComponentId, ULONG Level, const CHAR *Format, ...)
{
    va_list arguments;
    UNREFERENCED_PARAMETER(ComponentId);
    UNREFERENCED_PARAMETER(Level);
    va_start(arguments, Format);
    Print("", Format, arguments);
    va_end(arguments);
    return (ULONG)STATUS_SUCCESS;
}

ULONG NTAPI SupvDbgPrintExWithPrefix(const CHAR *Prefix, ULONG ComponentId, ULONG Level, const CHAR *Format,
                                     va_list Arguments);
ULONG NTAPI SupvDbgPrintExWithPrefix(const CHAR *Prefix, ULONG ComponentId, ULONG Level, const CHAR *Format,
                                     va_list Arguments)
{
    UNREFERENCED_PARAMETER(ComponentId);
    UNREFERENCED_PARAMETER(Level);
    Print(Prefix, Format, Arguments);
    return (ULONG)STATUS_SUCCESS;
}

ULONG NTAPI SupvDbgPrintEx(ULONG ComponentId, ULONG Level, const CHAR *Format, va_list Arguments);
ULONG NTAPI SupvDbgPrintEx(ULONG ComponentId, ULONG Level, const CHAR *Format, va_list Arguments)
{
    return SupvDbgPrintExWithPrefix("", ComponentId, Level, Format, Arguments);
}

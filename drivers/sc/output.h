/* What sc.exe says: words, line ends and order of Windows' own sc.exe, so that one reader serves every guest.
 */
#pragma once

#include <windows.h>

#include "resident.h"

/* Where Print's texts go; NULL: stdout. */
void PrintTo(RESIDENT_SAY *say, void *context);

/* printf, as UTF-8. Texts carry their own \r\n. */
void Print(const wchar_t *format, ...);

/* "[SC] FUNCTION FAILED 1060:", an empty line, the system's sentence, an empty line. Returns `error`. */
DWORD PrintFailure(const wchar_t *function, DWORD error);

/* "[SC] FUNCTION SUCCESS". Returns ERROR_SUCCESS. */
DWORD PrintSuccess(const wchar_t *function);

/* The block of `query`; `extended` adds process and flags, as `queryex` and `start` do. */
void PrintStatus(const wchar_t *name, const SERVICE_STATUS_PROCESS *status, BOOL extended);

/* The block of `qc`. */
void PrintConfiguration(const wchar_t *name, const QUERY_SERVICE_CONFIGW *config);

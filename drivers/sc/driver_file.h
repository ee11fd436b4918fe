/*
 * What Windows' loader and code integrity decide about a driver's file before DriverEntry runs, and Wine does
 * not: whether it is an x64 PE file whose imports exist, and whether it is signed by a trusted certificate.
 */
#pragma once

#include <windows.h>

#ifndef ERROR_INVALID_IMAGE_HASH /* not in mingw-w64 10 */
#define ERROR_INVALID_IMAGE_HASH 577L
#endif

/* The Win32 path of a service's binary: \??\C:\x, \SystemRoot\x, system32\x and "C:\x" are the same thing. */
void DriverPath(const wchar_t *binary, wchar_t path[MAX_PATH]);

/*
 * ERROR_FILE_NOT_FOUND      the file is not there, or one that it imports from
 * ERROR_BAD_EXE_FORMAT      not a PE file, cut short, or not for x64
 * ERROR_PROC_NOT_FOUND      a module lacks a function that it imports; ERROR_INVALID_ORDINAL: one by number
 * ERROR_SUCCESS
 */
DWORD CheckDriverImage(const wchar_t *path);

/* ERROR_INVALID_IMAGE_HASH unless the file is as it was signed, by a certificate that this guest trusts. */
DWORD CheckDriverSignature(const wchar_t *path);

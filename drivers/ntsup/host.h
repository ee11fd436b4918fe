/**
 * The process that hosts drivers under Wine is an ordinary one: what the supplement asks of its kernel32 and
 * ntdll. Declared here because <windows.h> and the kernel headers cannot be included together.
 */
#pragma once

#include "compat/kernel.h"

#define HOST_IMPORT __declspec(dllimport)
#define HOST_INFINITE 0xFFFFFFFFu

typedef LONG(NTAPI *HOST_EXCEPTION_HANDLER)(EXCEPTION_POINTERS *Pointers);
typedef ULONG(NTAPI *HOST_THREAD_ROUTINE)(PVOID Parameter);

HOST_IMPORT HANDLE NTAPI CreateThread(PVOID Security, SIZE_T Stack, HOST_THREAD_ROUTINE Routine,
                                      PVOID Parameter, ULONG Flags, ULONG *Id);
HOST_IMPORT LONG NTAPI SwitchToThread(VOID);
HOST_IMPORT VOID NTAPI Sleep(ULONG Milliseconds);
HOST_IMPORT LONG NTAPI CloseHandle(HANDLE Handle);
HOST_IMPORT ULONG NTAPI TlsAlloc(VOID);
HOST_IMPORT ULONG NTAPI GetCurrentThreadId(VOID);
HOST_IMPORT ULONG NTAPI GetCurrentProcessId(VOID);
HOST_IMPORT ULONG NTAPI GetCurrentProcessorNumber(VOID);
HOST_IMPORT LONG NTAPI QueueUserWorkItem(HOST_THREAD_ROUTINE Routine, PVOID Parameter, ULONG Flags);

HOST_IMPORT HANDLE NTAPI CreateFileMappingW(HANDLE File, PVOID Security, ULONG Protect, ULONG SizeHigh,
                                            ULONG SizeLow, PCWSTR Name);
HOST_IMPORT PVOID NTAPI MapViewOfFile(HANDLE Mapping, ULONG Access, ULONG OffsetHigh, ULONG OffsetLow,
                                      SIZE_T Size);
HOST_IMPORT LONG NTAPI UnmapViewOfFile(const VOID *Base);
#define HOST_FILE_MAP_ALL_ACCESS 0x000F001Fu

HOST_IMPORT LONG NTAPI QueryPerformanceCounter(LARGE_INTEGER *Count);
HOST_IMPORT LONG NTAPI QueryPerformanceFrequency(LARGE_INTEGER *Frequency);
HOST_IMPORT VOID NTAPI GetSystemTimePreciseAsFileTime(LARGE_INTEGER *Time);

HOST_IMPORT PVOID NTAPI AddVectoredExceptionHandler(ULONG First, HOST_EXCEPTION_HANDLER Handler);
HOST_IMPORT ULONG NTAPI RemoveVectoredExceptionHandler(PVOID Handle);
HOST_IMPORT HOST_EXCEPTION_HANDLER NTAPI SetUnhandledExceptionFilter(HOST_EXCEPTION_HANDLER Filter);
HOST_IMPORT LONG NTAPI TerminateProcess(HANDLE Process, ULONG ExitCode);
#define HOST_CONTINUE_EXECUTION (-1)
#define HOST_CONTINUE_SEARCH 0

HOST_IMPORT PVOID NTAPI GetModuleHandleA(const CHAR *Name);
HOST_IMPORT ULONG NTAPI GetModuleFileNameA(PVOID Module, CHAR *Name, ULONG Size);
HOST_IMPORT PVOID NTAPI GetProcAddress(PVOID Module, const CHAR *Name);

/* ntdll: locks and waits that stay in the process (futex), which kernel32's events do not. */
typedef struct _HOST_LOCK {
    PVOID Ptr;
} HOST_LOCK;
HOST_IMPORT VOID NTAPI RtlAcquireSRWLockExclusive(HOST_LOCK *Lock);
HOST_IMPORT VOID NTAPI RtlReleaseSRWLockExclusive(HOST_LOCK *Lock);
HOST_IMPORT VOID NTAPI RtlAcquireSRWLockShared(HOST_LOCK *Lock);
HOST_IMPORT VOID NTAPI RtlReleaseSRWLockShared(HOST_LOCK *Lock);
HOST_IMPORT BOOLEAN NTAPI RtlTryAcquireSRWLockExclusive(HOST_LOCK *Lock);
/** Until *Address differs from *Compare, or somebody wakes it, or the timeout (as in NtDelayExecution). */
HOST_IMPORT NTSTATUS NTAPI RtlWaitOnAddress(const VOID *Address, const VOID *Compare, SIZE_T Size,
                                            const LARGE_INTEGER *Timeout);
HOST_IMPORT VOID NTAPI RtlWakeAddressAll(const VOID *Address);
HOST_IMPORT PVOID NTAPI RtlPcToFileHeader(PVOID Pc, PVOID *Base);

/* ntdll: unwinding. */
#define HOST_UNWIND_HANDLER 1 /* UNW_FLAG_EHANDLER */
HOST_IMPORT PVOID NTAPI RtlLookupFunctionEntry(ULONG64 Pc, ULONG64 *ImageBase, PVOID History);
/** Steps to the caller; returns the frame's exception handler if it has one for where Pc is. */
HOST_IMPORT PVOID NTAPI RtlVirtualUnwind(ULONG Type, ULONG64 ImageBase, ULONG64 Pc, PVOID Function,
                                         CONTEXT *Context, PVOID *HandlerData, ULONG64 *EstablisherFrame,
                                         PVOID Pointers);

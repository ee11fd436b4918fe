/** Clocks that Wine's ntoskrnl.exe lacks. All in 100 ns except the performance counter. */
#include "ntsup.h"

#define UNITS_PER_SECOND 10000000ull

ULONGLONG InterruptTime(VOID)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER count;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    ULONGLONG seconds = (ULONGLONG)(count.QuadPart / frequency.QuadPart);
    ULONGLONG rest = (ULONGLONG)(count.QuadPart % frequency.QuadPart);
    return seconds * UNITS_PER_SECOND + rest * UNITS_PER_SECOND / (ULONGLONG)frequency.QuadPart;
}

LARGE_INTEGER NTAPI SupKeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency);
LARGE_INTEGER NTAPI SupKeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
    LARGE_INTEGER count;
    QueryPerformanceCounter(&count);
    if (PerformanceFrequency != NULL) {
        QueryPerformanceFrequency(PerformanceFrequency);
    }
    return count;
}
SUPPLIES(KeQueryPerformanceCounter);

ULONG64 NTAPI SupKeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp);
ULONG64 NTAPI SupKeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp)
{
    LARGE_INTEGER count;
    QueryPerformanceCounter(&count);
    *QpcTimeStamp = (ULONG64)count.QuadPart;
    return InterruptTime();
}

ULONGLONG NTAPI SupKeQueryUnbiasedInterruptTime(VOID);
ULONGLONG NTAPI SupKeQueryUnbiasedInterruptTime(VOID)
{
    return InterruptTime();
}

VOID NTAPI SupKeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime);
VOID NTAPI SupKeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime)
{
    GetSystemTimePreciseAsFileTime(CurrentTime);
}

VOID NTAPI SupKeStallExecutionProcessor(ULONG MicroSeconds);
VOID NTAPI SupKeStallExecutionProcessor(ULONG MicroSeconds)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER now = SupKeQueryPerformanceCounter(&frequency);
    LONGLONG end = now.QuadPart + frequency.QuadPart * MicroSeconds / 1000000;
    while (SupKeQueryPerformanceCounter(NULL).QuadPart < end) {
        YieldProcessor();
    }
}
SUPPLIES(KeStallExecutionProcessor);

ULONG NTAPI SupKeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber);
ULONG NTAPI SupKeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber)
{
    ULONG number = GetCurrentProcessorNumber();
    if (ProcNumber != NULL) {
        ProcNumber->Group = 0;
        ProcNumber->Number = (UCHAR)number;
        ProcNumber->Reserved = 0;
    }
    return number;
}
SUPPLIES(KeGetCurrentProcessorNumberEx);

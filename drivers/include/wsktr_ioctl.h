/**
 * Device of the recorder: \\.\WskTrace. Between wsktr.sys and whoever drains the trace (the agent).
 *
 * Include after the kernel headers or after <windows.h> and <winioctl.h>.
 */
#pragma once

#define WSKTR_DEVICE_NAME L"\\Device\\WskTrace"
#define WSKTR_LINK_NAME L"\\DosDevices\\WskTrace"
#define WSKTR_WIN32_NAME L"\\\\.\\WskTrace"

/** Input WSKTR_START. Begins a trace with an empty ring. STATUS_DEVICE_BUSY while one runs. */
#define IOCTL_WSKTR_START CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)

/**
 * Output: as many whole committed records as fit, in order. Waits a bounded time while there are none and
 * then succeeds with 0 bytes. Once the trace is stopped and drained: STATUS_END_OF_FILE (ERROR_HANDLE_EOF).
 */
#define IOCTL_WSKTR_READ CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

/** Ends the trace: its last record is trace_stop. What is in the ring can still be read. */
#define IOCTL_WSKTR_STOP CTL_CODE(FILE_DEVICE_UNKNOWN, 0x803, METHOD_BUFFERED, FILE_ANY_ACCESS)

/** Output WSKTR_INFO. STATUS_DEVICE_NOT_READY before the first trace. */
#define IOCTL_WSKTR_INFO CTL_CODE(FILE_DEVICE_UNKNOWN, 0x804, METHOD_BUFFERED, FILE_ANY_ACCESS)

#define WSKTR_MAX_PERTURBATIONS 16
#define WSKTR_SECTION_NAME_CHARS 64

/** Something that the documentation permits WSK to do and that the recorder is to do. */
typedef struct _WSKTR_PERTURBATION {
    unsigned int Kind; /* PERTURBATIONS of the trace schema */
    unsigned int Argument;
    unsigned int First;       /* first occurrence that is perturbed, from 1 */
    unsigned int Every;       /* then every so-manieth; 0: only First */
    unsigned int Probability; /* of those, out of 65536; 65536: always */
    unsigned int Reserved;    /* 0 */
} WSKTR_PERTURBATION;

/** Valid up to Perturbations[Count]; what follows need not be sent. */
typedef struct _WSKTR_START {
    unsigned int Schema; /* version of the record layout that the reader knows */
    unsigned int RingBytes;
    unsigned long long Seed;
    unsigned int Count;
    unsigned int Reserved; /* 0 */
    WSKTR_PERTURBATION Perturbations[WSKTR_MAX_PERTURBATIONS];
} WSKTR_START;

#define WSKTR_START_BYTES(Count) (24 + 24 * (size_t)(Count))

/** Where the ring is, for whoever wants to read it after the driver's host (or the system) has died. */
typedef struct _WSKTR_INFO {
    unsigned long long RingAddress; /* physical on Windows, else 0 */
    unsigned int RingBytes;
    unsigned int Pid;
    /** Reference guest: name of the section that holds the ring, as OpenFileMapping takes it. Else empty. */
    unsigned short SectionName[WSKTR_SECTION_NAME_CHARS];
} WSKTR_INFO;

_Static_assert(sizeof(WSKTR_PERTURBATION) == 24, "WSKTR_PERTURBATION has another size");
_Static_assert(__builtin_offsetof(WSKTR_START, Perturbations) == 24, "WSKTR_START has another layout");
_Static_assert(sizeof(WSKTR_START) == 24 + 24 * WSKTR_MAX_PERTURBATIONS, "WSKTR_START has another size");
_Static_assert(sizeof(WSKTR_INFO) == 16 + 2 * WSKTR_SECTION_NAME_CHARS, "WSKTR_INFO has another size");

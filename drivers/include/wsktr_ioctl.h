/*
 * How a user-mode program speaks to the recorder: the ioctls of \\.\WskTrace. Structures are little-endian,
 * naturally aligned and the same for 64-bit user and kernel mode; lab/guest builds WSKTR_START byte by byte.
 */
#ifndef WSKTR_IOCTL_H
#define WSKTR_IOCTL_H

#include <stddef.h>
#include <stdint.h>

#define WSKTR_DEVICE_NAME L"\\Device\\WskTrace"
#define WSKTR_LINK_NAME L"\\??\\WskTrace"
#define WSKTR_USER_PATH L"\\\\.\\WskTrace"

/*
 * CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800 + n, METHOD_BUFFERED, FILE_ANY_ACCESS), spelt out so that both modes
 * agree. Not METHOD_OUT_DIRECT: for that Wine 8.0 sends the whole buffer to the driver's process, and back.
 */
#define WSKTR_CODE(n) ((0x22u << 16) | ((0x800u + (n)) << 2))

/* in: WSKTR_START. Begins a trace; one that runs is dropped. STATUS_REVISION_MISMATCH: another schema. */
#define IOCTL_WSKTR_START WSKTR_CODE(0)
/*
 * out: whole committed records, as many as fit. Waits a short, bounded time when there is none, then 0 bytes.
 * STATUS_END_OF_FILE: the trace was stopped and everything has been read. STATUS_INVALID_DEVICE_STATE: no
 * trace.
 */
#define IOCTL_WSKTR_READ WSKTR_CODE(1)
/* Writes trace_stop; nothing is recorded after it. */
#define IOCTL_WSKTR_STOP WSKTR_CODE(2)
/* out: WSKTR_INFO. */
#define IOCTL_WSKTR_INFO WSKTR_CODE(3)

#define WSKTR_MAX_PERTURBATIONS 16u

/* One thing that WSK may do and that the recorder shall do; `kind` is one of the schema's PERTURBATIONS. */
typedef struct WSKTR_PERTURB {
    uint32_t kind;
    uint32_t argument;
    uint32_t first;       /* the occurrence, counted from 1, at which it begins */
    uint32_t every;       /* then every so many; 0: only at `first` */
    uint32_t probability; /* per 65536, decided from the seed; 65536: always */
    uint32_t reserved;
} WSKTR_PERTURB;

typedef struct WSKTR_START {
    uint32_t schema; /* SCHEMA_VERSION of the record layout */
    uint32_t ring_bytes;
    uint64_t seed;
    uint32_t count;
    uint32_t reserved;
    WSKTR_PERTURB perturb[WSKTR_MAX_PERTURBATIONS]; /* only `count` of them are sent */
} WSKTR_START;

#define WSKTR_START_BYTES(count) (offsetof(WSKTR_START, perturb) + (count) * sizeof(WSKTR_PERTURB))
#define WSKTR_SECTION_NAME_CHARS 64u

typedef struct WSKTR_INFO {
    uint64_t ring_address; /* physical, for reading the ring from outside after a bugcheck; 0: not known */
    uint32_t ring_bytes;   /* of memory at that address, the ring's header included */
    uint32_t process;      /* the driver host where drivers live in a process (reference guest), else 4 */
    uint16_t section_name[WSKTR_SECTION_NAME_CHARS]; /* section that holds the ring, or empty */
} WSKTR_INFO;

_Static_assert(sizeof(WSKTR_PERTURB) == 24, "layout");
_Static_assert(offsetof(WSKTR_START, perturb) == 24, "layout");
_Static_assert(sizeof(WSKTR_INFO) == 16 + 2 * WSKTR_SECTION_NAME_CHARS, "layout");

#endif

/*
 * The protocol between the lab and the agent in the guest: frames over a character device (a serial port, or
 * a virtio port). Little-endian. A frame is LAB_FRAME and then `length` bytes of payload. Whoever reads a
 * wrong magic or a wrong checksum searches for the next magic.
 */
#ifndef LAB_AGENT_H
#define LAB_AGENT_H

#include <stdint.h>

#define LAB_FRAME_MAGIC 0x47414c57u /* 'WLAG' */
#define LAB_FRAME_MAX_PAYLOAD (1u << 20)
#define LAB_PROTOCOL_VERSION 2u
#define LAB_NONCE_BYTES 16u

typedef struct LAB_FRAME {
    uint32_t magic;
    uint16_t type; /* one of LAB_FRAME_TYPE */
    uint16_t reserved;
    uint32_t request; /* chosen by the lab; the answer carries it too */
    uint32_t length;  /* of the payload */
    uint32_t crc32;   /* IEEE 802.3, of the payload */
} LAB_FRAME;

_Static_assert(sizeof(LAB_FRAME) == 20, "layout");

typedef enum LAB_FRAME_TYPE {
    LAB_HELLO = 1,       /* to the agent: nonce */
    LAB_HELLO_REPLY = 2, /* nonce, protocol version u32, process id u32 */
    LAB_SET_CLOCK = 3,   /* to the agent: u64, 100 ns since 1970-01-01 UTC */
    LAB_OK = 4,
    LAB_ERROR = 5, /* Win32 error u32, UTF-8 text */
    LAB_TRACE_START =
        6, /* to the agent: WSKTR_START; OK: the ring's physical address u64 or 0, its bytes u32, 0 u32 */
    LAB_TRACE_STOP = 7, /* to the agent; OK, and LAB_TRACE_END when all is drained */
    LAB_TRACE_DATA = 8, /* whole records in order; carries LAB_TRACE_START's request */
    LAB_TRACE_END = 9,  /* reason u32 (LAB_TRACE_END_REASON), discarded u32, bytes u64 */
    LAB_HEALTH = 10,    /* to the agent; OK */
    LAB_LOG = 11,       /* UTF-8 text for people */
    LAB_PUT_FILE = 12,  /* to the agent: offset u64, path as UTF-8 and NUL, content; OK */
    LAB_RUN = 13,       /* to the agent: a command line of a resident program (see resident.h), UTF-8 */
    LAB_RESEED = 15,    /* to the agent: 32 random bytes or more; OK */
    LAB_RUN_REPLY = 14, /* exit code u32, what it said */
} LAB_FRAME_TYPE;

typedef enum LAB_TRACE_END_REASON {
    LAB_TRACE_STOPPED = 0,
    LAB_TRACE_HOST_DIED = 1,   /* the driver host is gone; what its ring still held has been sent */
    LAB_TRACE_READ_FAILED = 2, /* the recorder refused to be read; what is missing is not known */
} LAB_TRACE_END_REASON;

#endif

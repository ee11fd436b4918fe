/**
 * Frames between the host and the agent over a character device, little-endian: header, then `Length` bytes.
 *
 * A request is answered with its own Request number. A reader that meets a wrong magic, length or CRC looks
 * for the next magic and reports that it did.
 */
#pragma once

#define AGENT_MAGIC 0x47414C57u /* "WLAG" */
#define AGENT_PROTOCOL 1u
#define AGENT_MAX_PAYLOAD (1u << 20)

typedef struct _AGENT_HEADER {
    unsigned int Magic;
    unsigned short Type;
    unsigned short Reserved; /* 0 */
    unsigned int Request;
    unsigned int Length;
    unsigned int Crc; /* IEEE CRC-32 of the payload */
} AGENT_HEADER;

enum {
    AGENT_HELLO = 1,       /* to the agent: nonce (16 bytes) */
    AGENT_HELLO_REPLY = 2, /* from the agent: AGENT_HELLO_PAYLOAD */
    AGENT_SET_CLOCK = 3,   /* to the agent: 100 ns units since 1970, u64 */
    AGENT_OK = 4,          /* from the agent: done */
    AGENT_ERROR = 5,       /* from the agent: Win32 code u32, then UTF-8 text */
    AGENT_TRACE_START = 6, /* to the agent: WSKTR_START */
    AGENT_TRACE_STOP = 7,  /* to the agent: stop and drain; the answer is OK, then TRACE_END */
    AGENT_TRACE_DATA = 8,  /* from the agent: whole records, under TRACE_START's number */
    AGENT_TRACE_END = 9,   /* from the agent: AGENT_TRACE_END_PAYLOAD, under TRACE_START's number */
    AGENT_HEALTH = 10,     /* to the agent: answered OK */
    AGENT_LOG = 11         /* from the agent: UTF-8 text for people, request 0 */
};

/** Reason of TRACE_END. */
enum {
    AGENT_END_STOPPED = 0,
    AGENT_END_HOST_DIED = 1, /* the driver host died; the ring was read from its section */
    AGENT_END_IOCTL_FAILED = 2
};

#pragma pack(push, 1)
typedef struct _AGENT_HELLO_PAYLOAD {
    unsigned char Nonce[16];
    unsigned int Protocol;
    unsigned int Pid;
} AGENT_HELLO_PAYLOAD;

typedef struct _AGENT_TRACE_END_PAYLOAD {
    unsigned int Reason;
    unsigned int Discarded;   /* records that did not fit, in all */
    unsigned long long Bytes; /* of TRACE_DATA, in all */
} AGENT_TRACE_END_PAYLOAD;
#pragma pack(pop)

_Static_assert(sizeof(AGENT_HEADER) == 20, "AGENT_HEADER has another size");
_Static_assert(sizeof(AGENT_HELLO_PAYLOAD) == 24, "AGENT_HELLO_PAYLOAD has another size");
_Static_assert(sizeof(AGENT_TRACE_END_PAYLOAD) == 16, "AGENT_TRACE_END_PAYLOAD has another size");

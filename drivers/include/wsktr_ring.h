/*
 * The ring between the recorder, which writes records, and whoever reads them: the recorder's READ ioctl, or
 * a user-mode program that maps the same memory after the driver host died. Plain C, no kernel calls, no
 * locks.
 *
 * Order. A record gets its place by one 128-bit compare-exchange of { position and discarded count, time of
 * the last record }, so the order in the ring is the order of time, and both are the order of reservation.
 *
 * Commit. A reserved record begins with a word { id 0, size, 0 }; the real word { id, size, discarded } is
 * stored last. A reader therefore knows three states: 0 (not reserved, or reserved an instant ago), id 0 with
 * a size (being written), id (whole).
 *
 * Reading is done in two steps. RingRead copies records out and moves `delivered`; RingRelease zeroes them
 * and gives their space back, and is called when whoever asked for them has them, which his next read shows.
 * So a record is in the ring until it has arrived, also when the process that holds the ring dies on the way.
 *
 * Ends. A record never straddles the end of the data: what is left there is filled by a skip marker (id
 * 0xffff), which the reader drops. A full ring never blocks a writer: the record is counted as discarded
 * instead.
 */
#ifndef WSKTR_RING_H
#define WSKTR_RING_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#define RING_ALIGN(n) __declspec(align(n))
#define RING_LOAD(p) (*(volatile const uint64_t *)(p))
#define RING_STORE(p, v) (_ReadWriteBarrier(), (void)(*(volatile uint64_t *)(p) = (v)))
#else
#define RING_ALIGN(n) __attribute__((aligned(n)))
#define RING_LOAD(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define RING_STORE(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#endif

#define RING_MAGIC 0x474e4952u /* 'RING' */
#define RING_LAYOUT 3u
#define RING_SKIP_ID 0xffffu
/* Where the data begins, so that it has pages of its own. */
#define RING_DATA_OFFSET 4096u
#define RING_MIN_DATA_BYTES 4096u
#define RING_MAX_DATA_BYTES (256u << 20)
/* Largest record; the size field and the skip marker allow up to 65528. */
#define RING_MAX_RECORD_BYTES 4096u
/* head word 0: position in units of 8 bytes below, discarded count above (it stays at its maximum). */
#define RING_POSITION_BITS 40
#define RING_POSITION_MASK ((1ull << RING_POSITION_BITS) - 1)
#define RING_MAX_DISCARDED ((1u << (64 - RING_POSITION_BITS)) - 1)

/* First page of the ring's memory. Writers, reader and constants have cache lines of their own. */
typedef struct RING {
    uint32_t magic;
    uint32_t layout;
    uint64_t data_bytes; /* a power of two */
    RING_ALIGN(64) uint64_t head[2];
    RING_ALIGN(64) uint64_t tail; /* bytes given back to the writers since the ring was formatted */
    uint64_t delivered;           /* bytes copied out by RingRead; never less than tail */
    /* The same two without skip markers: how far whoever collects records is, whatever lay between them. */
    uint64_t delivered_record_bytes;
    uint64_t released_record_bytes;
} RING;

/* lab/crash/ring-memory.ts reads it from outside. */
_Static_assert(offsetof(RING, data_bytes) == 8, "layout");
_Static_assert(offsetof(RING, head) == 64, "layout");
_Static_assert(offsetof(RING, tail) == 128, "layout");
_Static_assert(offsetof(RING, released_record_bytes) == 152, "layout");

/* What a writer needs between reserving and committing. */
typedef struct RING_PLACE {
    uint8_t *record; /* NULL: the ring was full */
    uint64_t time;   /* not before any earlier record's */
    uint32_t discarded;
} RING_PLACE;

static inline int RingCompareExchange(uint64_t head[2], const uint64_t expected[2], const uint64_t desired[2])
{
#if defined(_MSC_VER) && !defined(__clang__)
    long long comparand[2] = {(long long)expected[0], (long long)expected[1]};
    return _InterlockedCompareExchange128((volatile long long *)head, (long long)desired[1],
                                          (long long)desired[0], comparand);
#else
    uint64_t low = expected[0], high = expected[1];
    unsigned char swapped;
    __asm__ volatile("lock cmpxchg16b %1\n\tsetz %0"
                     : "=q"(swapped), "+m"(*(volatile unsigned __int128 *)head), "+a"(low), "+d"(high)
                     : "b"(desired[0]), "c"(desired[1])
                     : "cc", "memory");
    return swapped;
#endif
}

static inline uint8_t *RingData(RING *ring)
{
    return (uint8_t *)ring + RING_DATA_OFFSET;
}

static inline uint64_t RingWord(uint16_t id, uint16_t size, uint32_t discarded)
{
    return (uint64_t)id | (uint64_t)size << 16 | (uint64_t)discarded << 32;
}

/* Largest power of two that fits into memory of that many bytes after the header; 0 if it is too small. */
static inline uint64_t RingDataBytes(uint64_t memory_bytes)
{
    uint64_t bytes = RING_MIN_DATA_BYTES;

    if (memory_bytes < RING_DATA_OFFSET + bytes) {
        return 0;
    }
    while (bytes * 2 <= memory_bytes - RING_DATA_OFFSET && bytes < RING_MAX_DATA_BYTES) {
        bytes *= 2;
    }
    return bytes;
}

/* Makes an empty ring. No writer and no reader may be at work. */
static inline void RingFormat(RING *ring, uint64_t data_bytes)
{
    memset(ring, 0, RING_DATA_OFFSET);
    memset(RingData(ring), 0, (size_t)data_bytes);
    ring->layout = RING_LAYOUT;
    ring->data_bytes = data_bytes;
    ring->magic = RING_MAGIC;
}

/*
 * Reserves `size` bytes (a multiple of 8, at most RING_MAX_RECORD_BYTES) for a record made at `now`. Any
 * number of threads and any IRQL. When the ring is full, counts the record as discarded and gives record ==
 * NULL.
 */
static inline RING_PLACE RingReserve(RING *ring, uint16_t size, uint64_t now)
{
    const uint64_t mask = ring->data_bytes - 1;
    RING_PLACE place;

    for (;;) {
        const uint64_t seen[2] = {RING_LOAD(&ring->head[0]), RING_LOAD(&ring->head[1])};
        const uint64_t position = (seen[0] & RING_POSITION_MASK) * 8;
        const uint64_t left = ring->data_bytes - (position & mask);
        const uint64_t skip = left < size ? left : 0;
        const uint64_t end = position + skip + size;
        uint64_t wanted[2];

        place.discarded = (uint32_t)(seen[0] >> RING_POSITION_BITS);
        place.time = now < seen[1] ? seen[1] : now;
        if (end - RING_LOAD(&ring->tail) > ring->data_bytes) {
            if (place.discarded == RING_MAX_DISCARDED) {
                place.record = NULL;
                return place;
            }
            wanted[0] = seen[0] + (1ull << RING_POSITION_BITS);
            wanted[1] = seen[1];
            place.record = NULL;
        } else {
            wanted[0] = (end / 8 & RING_POSITION_MASK) | (uint64_t)place.discarded << RING_POSITION_BITS;
            wanted[1] = place.time;
            place.record = RingData(ring) + ((position + skip) & mask);
        }
        if (!RingCompareExchange(ring->head, seen, wanted)) {
            continue;
        }
        if (place.record != NULL) {
            RING_STORE((uint64_t *)place.record, RingWord(0, size, 0));
            if (skip != 0) {
                RING_STORE((uint64_t *)(RingData(ring) + (position & mask)),
                           RingWord(RING_SKIP_ID, (uint16_t)skip, place.discarded));
            }
        }
        return place;
    }
}

/* Makes a reserved record visible. Everything behind its first word has been written; id is neither 0 nor
 * 0xffff. */
static inline void RingCommit(const RING_PLACE *place, uint16_t id, uint16_t size)
{
    RING_STORE((uint64_t *)place->record, RingWord(id, size, place->discarded));
}

/* Records that did not fit since the ring was formatted. */
static inline uint32_t RingDiscarded(const RING *ring)
{
    return (uint32_t)(RING_LOAD(&ring->head[0]) >> RING_POSITION_BITS);
}

/* Bytes reserved and not yet delivered. */
static inline uint64_t RingPending(const RING *ring)
{
    return (RING_LOAD(&ring->head[0]) & RING_POSITION_MASK) * 8 - RING_LOAD(&ring->delivered);
}

typedef enum RING_STATE {
    RING_RECORD,  /* *record and *size tell */
    RING_EMPTY,   /* nothing more was reserved */
    RING_WRITING, /* a record was reserved there and is not committed; *size is 0 if not even that is known */
    RING_DAMAGED, /* the bytes there cannot be a record */
} RING_STATE;

/*
 * The next record at *cursor (bytes since formatted, begin with ring->delivered), skip markers left out;
 * *cursor moves behind it. Writes nothing. `discard_unfinished` is for a ring whose writers are dead: records
 * that were never committed are stepped over and counted in *unfinished.
 */
static inline RING_STATE RingNext(RING *ring, uint64_t *cursor, const uint8_t **record, uint16_t *size,
                                  int discard_unfinished, uint32_t *unfinished)
{
    const uint64_t end = (RING_LOAD(&ring->head[0]) & RING_POSITION_MASK) * 8;

    while (*cursor != end) {
        const uint64_t offset = *cursor & (ring->data_bytes - 1);
        const uint8_t *at = RingData(ring) + offset;
        const uint64_t word = RING_LOAD((const uint64_t *)at);
        const uint16_t id = (uint16_t)word;

        *size = (uint16_t)(word >> 16);
        if (word == 0) {
            return RING_WRITING;
        }
        if (*size == 0 || *size % 8 != 0 || *size > ring->data_bytes - offset || *size > end - *cursor) {
            return RING_DAMAGED;
        }
        if (id == 0 && !discard_unfinished) {
            return RING_WRITING;
        }
        *cursor += *size;
        if (id == 0) {
            ++*unfinished;
        } else if (id != RING_SKIP_ID) {
            *record = at;
            return RING_RECORD;
        }
    }
    return RING_EMPTY;
}

/* Gives what was delivered back to the writers. One reader only. Returns bytes. */
static inline size_t RingRelease(RING *ring)
{
    const uint64_t delivered = RING_LOAD(&ring->delivered);
    const uint64_t before = RING_LOAD(&ring->tail);
    uint64_t tail = before;

    while (tail != delivered) {
        const uint64_t offset = tail & (ring->data_bytes - 1);
        const uint64_t to_end = ring->data_bytes - offset;
        const uint64_t bytes = delivered - tail < to_end ? delivered - tail : to_end;

        memset(RingData(ring) + offset, 0, (size_t)bytes);
        tail += bytes;
    }
    RING_STORE(&ring->released_record_bytes, RING_LOAD(&ring->delivered_record_bytes));
    RING_STORE(&ring->tail, tail);
    return (size_t)(tail - before);
}

/*
 * Copies as many whole committed records as fit into `buffer`, in order, and counts them as delivered. One
 * reader only. Returns bytes.
 */
static inline size_t RingRead(RING *ring, void *buffer, size_t buffer_bytes)
{
    uint64_t cursor = RING_LOAD(&ring->delivered), taken = cursor;
    uint32_t unfinished = 0;
    size_t filled = 0;
    const uint8_t *record;
    uint16_t size;

    while (RingNext(ring, &cursor, &record, &size, 0, &unfinished) == RING_RECORD) {
        if (size > buffer_bytes - filled) {
            break;
        }
        memcpy((uint8_t *)buffer + filled, record, size);
        filled += size;
        taken = cursor;
    }
    RING_STORE(&ring->delivered_record_bytes, RING_LOAD(&ring->delivered_record_bytes) + filled);
    RING_STORE(&ring->delivered, taken);
    return filled;
}

#endif

/*
 * The ring alone, compiled for the host: bounds, ends, loss, what a crash leaves, and many writers at once.
 * Prints one line per test and ends with the number of failures.
 */
#include "../include/wsktr_ring.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int Failures;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            printf("  %s:%d: %s\n", __FILE__, __LINE__, #condition);                                         \
            ++Failures;                                                                                      \
        }                                                                                                    \
    } while (0)

/* The part of a record that the ring knows, and what the tests need to tell records apart. */
typedef struct TEST_RECORD {
    uint16_t id;
    uint16_t size;
    uint32_t discarded;
    uint64_t time;
    uint64_t writer;
    uint64_t number;
} TEST_RECORD;

static RING *MakeRing(uint64_t data_bytes)
{
    RING *ring = aligned_alloc(4096, RING_DATA_OFFSET + data_bytes);

    RingFormat(ring, data_bytes);
    return ring;
}

static int Write(RING *ring, uint16_t size, uint64_t now, uint64_t writer, uint64_t number)
{
    RING_PLACE place = RingReserve(ring, size, now);
    TEST_RECORD *record = (TEST_RECORD *)place.record;

    if (record == NULL) {
        return 0;
    }
    record->time = place.time;
    record->writer = writer;
    record->number = number;
    memset(record + 1, 0xee, size - sizeof(*record));
    RingCommit(&place, 7, size);
    return 1;
}

/* As the recorder's READ does it: who reads on has what came before. */
static size_t ReadOn(RING *ring, void *buffer, size_t bytes)
{
    RingRelease(ring);
    return RingRead(ring, buffer, bytes);
}

static void TestMemorySizes(void)
{
    CHECK(RingDataBytes(RING_DATA_OFFSET) == 0);
    CHECK(RingDataBytes(RING_DATA_OFFSET + 4095) == 0);
    CHECK(RingDataBytes(RING_DATA_OFFSET + 4096) == 4096);
    CHECK(RingDataBytes(1 << 20) == 1 << 19);
    CHECK(RingDataBytes(1ull << 40) == RING_MAX_DATA_BYTES);
}

static void TestOrderAndTime(void)
{
    RING *ring = MakeRing(4096);
    TEST_RECORD read[3];

    CHECK(Write(ring, sizeof(TEST_RECORD), 100, 0, 1));
    CHECK(Write(ring, sizeof(TEST_RECORD), 90, 0, 2)); /* its clock was read earlier */
    CHECK(Write(ring, sizeof(TEST_RECORD), 110, 0, 3));
    CHECK(ReadOn(ring, read, sizeof(read)) == sizeof(read));
    CHECK(read[0].number == 1 && read[1].number == 2 && read[2].number == 3);
    CHECK(read[0].time == 100 && read[1].time == 100 && read[2].time == 110);
    CHECK(read[0].id == 7 && read[0].size == sizeof(TEST_RECORD) && read[0].discarded == 0);
    CHECK(ReadOn(ring, read, sizeof(read)) == 0);
    free(ring);
}

static void TestSmallBufferTakesWholeRecords(void)
{
    RING *ring = MakeRing(4096);
    TEST_RECORD read[2];

    CHECK(Write(ring, sizeof(TEST_RECORD), 1, 0, 1));
    CHECK(Write(ring, sizeof(TEST_RECORD), 2, 0, 2));
    CHECK(ReadOn(ring, read, sizeof(TEST_RECORD) + 8) == sizeof(TEST_RECORD));
    CHECK(read[0].number == 1);
    CHECK(ReadOn(ring, read, sizeof(TEST_RECORD) - 8) == 0);
    CHECK(ReadOn(ring, read, sizeof(read)) == sizeof(TEST_RECORD));
    CHECK(read[0].number == 2);
    free(ring);
}

static void TestRecordsNeverStraddleTheEnd(void)
{
    RING *ring = MakeRing(4096);
    uint8_t read[4096];
    uint64_t number;

    for (number = 0; number < 1000; ++number) {
        const uint16_t size = (uint16_t)(sizeof(TEST_RECORD) + 8 * (number % 13));

        CHECK(Write(ring, size, number, 0, number));
        CHECK(ReadOn(ring, read, sizeof(read)) == size);
        CHECK(((TEST_RECORD *)read)->number == number && ((TEST_RECORD *)read)->size == size);
        CHECK(read[size - 1] == (size == sizeof(TEST_RECORD) ? 0 : 0xee));
    }
    free(ring);
}

static void TestFullRingCountsWhatItDrops(void)
{
    RING *ring = MakeRing(4096);
    TEST_RECORD read[128];
    int written = 0;

    while (Write(ring, sizeof(TEST_RECORD), 1, 0, 0)) {
        ++written;
    }
    CHECK(written == 4096 / sizeof(TEST_RECORD));
    CHECK(!Write(ring, sizeof(TEST_RECORD), 1, 0, 0));
    CHECK(RingDiscarded(ring) == 2);
    CHECK(ReadOn(ring, read, sizeof(read)) == 4096 / sizeof(TEST_RECORD) * sizeof(TEST_RECORD));
    CHECK(read[0].discarded == 0);
    CHECK(RingRelease(ring) == 4096);
    CHECK(Write(ring, sizeof(TEST_RECORD), 1, 0, 0));
    CHECK(ReadOn(ring, read, sizeof(read)) == sizeof(TEST_RECORD));
    CHECK(read[0].discarded == 2);
    ring->head[0] |= (uint64_t)RING_MAX_DISCARDED << RING_POSITION_BITS;
    while (Write(ring, sizeof(TEST_RECORD), 1, 0, 0)) {
    }
    CHECK(RingDiscarded(ring) == RING_MAX_DISCARDED);
    free(ring);
}

static void TestDeliveredRecordsStayUntilReleased(void)
{
    RING *ring = MakeRing(4096);
    TEST_RECORD read[2];
    uint64_t received, cursor;
    uint32_t unfinished = 0;
    const uint8_t *record;
    uint16_t size;

    CHECK(Write(ring, sizeof(TEST_RECORD), 1, 0, 1));
    CHECK(RingRead(ring, read, sizeof(read)) == sizeof(TEST_RECORD));
    received = ring->delivered;
    CHECK(RingPending(ring) == 0);
    CHECK(ring->delivered_record_bytes == sizeof(TEST_RECORD) && ring->released_record_bytes == 0);
    CHECK(Write(ring, sizeof(TEST_RECORD), 2, 0, 2));
    CHECK(ReadOn(ring, read, sizeof(read)) == sizeof(TEST_RECORD));
    CHECK(ring->delivered_record_bytes == 2 * sizeof(TEST_RECORD));
    CHECK(ring->released_record_bytes == sizeof(TEST_RECORD));

    /* The reader died before it could hand this one over: it is where the last one that arrived ended. */
    cursor = received;
    CHECK(RingNext(ring, &cursor, &record, &size, 1, &unfinished) == RING_RECORD);
    CHECK(((const TEST_RECORD *)record)->number == 2);
    CHECK(RingNext(ring, &cursor, &record, &size, 1, &unfinished) == RING_EMPTY);
    free(ring);
}

static void TestUnfinishedRecordHoldsBackTheRest(void)
{
    RING *ring = MakeRing(4096);
    TEST_RECORD read[4];
    RING_PLACE place;
    uint64_t cursor = 0;
    uint32_t unfinished = 0;
    const uint8_t *record;
    uint16_t size;

    CHECK(Write(ring, sizeof(TEST_RECORD), 1, 0, 1));
    place = RingReserve(ring, sizeof(TEST_RECORD), 2);
    CHECK(Write(ring, sizeof(TEST_RECORD), 3, 0, 3));

    /* The writers died here: what is whole can be had, what is not is counted. */
    CHECK(RingNext(ring, &cursor, &record, &size, 1, &unfinished) == RING_RECORD);
    CHECK(((const TEST_RECORD *)record)->number == 1);
    CHECK(RingNext(ring, &cursor, &record, &size, 1, &unfinished) == RING_RECORD);
    CHECK(((const TEST_RECORD *)record)->number == 3 && unfinished == 1);
    CHECK(RingNext(ring, &cursor, &record, &size, 1, &unfinished) == RING_EMPTY);

    /* They live: wait for it. */
    CHECK(ReadOn(ring, read, sizeof(read)) == sizeof(TEST_RECORD));
    CHECK(ReadOn(ring, read, sizeof(read)) == 0);
    ((TEST_RECORD *)place.record)->number = 2;
    RingCommit(&place, 7, sizeof(TEST_RECORD));
    CHECK(ReadOn(ring, read, sizeof(read)) == 2 * sizeof(TEST_RECORD));
    CHECK(read[0].number == 2 && read[1].number == 3);
    free(ring);
}

static void TestDamageIsFoundNotFollowed(void)
{
    static const uint64_t Damaged[] = {7 | (uint64_t)0 << 16, 7 | (uint64_t)12 << 16,
                                       7 | (uint64_t)8000 << 16};
    size_t i;

    for (i = 0; i < sizeof(Damaged) / sizeof(Damaged[0]); ++i) {
        RING *ring = MakeRing(4096);
        uint64_t cursor = 0;
        uint32_t unfinished = 0;
        const uint8_t *record;
        uint16_t size;

        CHECK(Write(ring, sizeof(TEST_RECORD), 1, 0, 1));
        memcpy(RingData(ring), &Damaged[i], sizeof(Damaged[i]));
        CHECK(RingNext(ring, &cursor, &record, &size, 1, &unfinished) == RING_DAMAGED);
        free(ring);
    }
}

enum {
    Writers = 4,
    RecordsPerWriter = 300000
};
static RING *Shared;
static uint64_t Dropped[Writers];
static int WritersLeft = Writers;

static void *Writer(void *argument)
{
    const uint64_t writer = (uint64_t)(uintptr_t)argument;
    uint64_t number;

    for (number = 1; number <= RecordsPerWriter; ++number) {
        const uint16_t size = (uint16_t)(sizeof(TEST_RECORD) + 8 * ((writer + number) % 11));

        if (!Write(Shared, size, number, writer, number)) {
            ++Dropped[writer];
        }
    }
    __atomic_sub_fetch(&WritersLeft, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void TestManyWritersOneReader(void)
{
    static uint8_t buffer[64 << 10];
    uint64_t last_number[Writers] = {0}, records = 0, last_time = 0, dropped = 0;
    uint32_t last_discarded = 0;
    pthread_t threads[Writers];
    int i, finished;

    Shared = MakeRing(256 << 10);
    for (i = 0; i < Writers; ++i) {
        pthread_create(&threads[i], NULL, Writer, (void *)(uintptr_t)i);
    }
    do {
        size_t bytes, at;

        finished = __atomic_load_n(&WritersLeft, __ATOMIC_ACQUIRE) == 0;
        while ((bytes = ReadOn(Shared, buffer, sizeof(buffer))) != 0) {
            for (at = 0; at < bytes; at += ((TEST_RECORD *)(buffer + at))->size) {
                const TEST_RECORD *record = (const TEST_RECORD *)(buffer + at);

                CHECK(record->id == 7 && record->writer < Writers);
                CHECK(record->size == sizeof(*record) + 8 * ((record->writer + record->number) % 11));
                CHECK(record->number > last_number[record->writer]);
                CHECK(record->time >= last_time && record->discarded >= last_discarded);
                last_number[record->writer] = record->number;
                last_time = record->time;
                last_discarded = record->discarded;
                ++records;
            }
        }
    } while (!finished);
    for (i = 0; i < Writers; ++i) {
        pthread_join(threads[i], NULL);
        dropped += Dropped[i];
    }
    CHECK(records + dropped == (uint64_t)Writers * RecordsPerWriter);
    CHECK(RingDiscarded(Shared) == dropped);
    CHECK(ReadOn(Shared, buffer, sizeof(buffer)) == 0);
    printf("  %llu records read, %llu discarded\n", (unsigned long long)records, (unsigned long long)dropped);
    free(Shared);
}

int main(void)
{
    static const struct {
        const char *title;
        void (*run)(void);
    } Tests[] = {
        {"memory of any size gives a power of two", TestMemorySizes},
        {"records keep their order and time never goes back", TestOrderAndTime},
        {"a small buffer takes whole records only", TestSmallBufferTakesWholeRecords},
        {"records never straddle the end", TestRecordsNeverStraddleTheEnd},
        {"a full ring counts what it drops", TestFullRingCountsWhatItDrops},
        {"what was delivered stays until it is released", TestDeliveredRecordsStayUntilReleased},
        {"an unfinished record holds back the rest, unless its writer is dead",
         TestUnfinishedRecordHoldsBackTheRest},
        {"damage is found, not followed", TestDamageIsFoundNotFollowed},
        {"many writers and one reader lose nothing uncounted", TestManyWritersOneReader},
    };
    size_t i;

    for (i = 0; i < sizeof(Tests) / sizeof(Tests[0]); ++i) {
        const int before = Failures;

        Tests[i].run();
        printf("%s ring: %s\n", Failures == before ? "ok  " : "FAIL", Tests[i].title);
    }
    return Failures != 0;
}

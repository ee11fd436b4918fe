/* Test fixture: the memory of a ring after the writes and reads that standard input asks for; see
 * ring-image.ts. */
#include "../../drivers/include/wsktr_ring.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const uint64_t data_bytes = strtoull(argv[argc - 1], NULL, 10);
    RING *ring = aligned_alloc(4096, RING_DATA_OFFSET + data_bytes);
    static uint8_t bytes[1u << 20];
    uint32_t count;
    int verb;

    RingFormat(ring, data_bytes);
    while ((verb = getchar()) != EOF && fread(&count, sizeof count, 1, stdin) == 1 && count <= sizeof bytes) {
        uint64_t now = 0;
        RING_PLACE place;

        if (verb == 'r') {
            RingRelease(ring);
            RingRead(ring, bytes, count);
            continue;
        }
        if (fread(bytes, 1, count, stdin) != count) {
            return 1;
        }
        memcpy(&now, bytes + 8, sizeof now);
        place = RingReserve(ring, (uint16_t)count, now);
        if (place.record != NULL) {
            memcpy(place.record + 8, bytes + 8, count - 8);
            if (verb == 'w') {
                RingCommit(&place, *(uint16_t *)bytes, (uint16_t)count);
            }
        }
    }
    return fwrite(ring, RING_DATA_OFFSET + data_bytes, 1, stdout) == 1 ? 0 : 1;
}

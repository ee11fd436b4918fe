/* CRC-32 of IEEE 802.3 (reflected, polynomial 0xedb88320), as zlib's crc32. */
#ifndef AGENT_CRC32_H
#define AGENT_CRC32_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t Crc32(const void *data, size_t length)
{
    static uint32_t table[256];
    const unsigned char *bytes = data;
    uint32_t crc = 0xffffffffu;

    /* Filled by whoever comes first; the table's last entry is written last and is never 0. */
    if (*(volatile uint32_t *)&table[255] == 0) {
        for (uint32_t n = 0; n < 256; n++) {
            uint32_t value = n;
            for (int bit = 0; bit < 8; bit++) {
                value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
            }
            table[n] = value;
        }
    }
    for (size_t i = 0; i < length; i++) {
        crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
    }
    return ~crc;
}

#endif

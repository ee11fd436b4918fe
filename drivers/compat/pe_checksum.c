/**
 * Host program: puts the right checksum into a PE file's header (lld-link 14 leaves it 0, and Windows refuses
 * a driver whose checksum is wrong with STATUS_IMAGE_CHECKSUM_MISMATCH).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    NEW_HEADER_POINTER = 0x3c,
    CHECKSUM_IN_HEADERS = 4 + 20 + 64 /* signature, file header, CheckSum in the optional header */
};

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: pe-checksum FILE\n");
        return 2;
    }
    FILE *file = fopen(arguments[1], "r+b");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(arguments[1]);
        return 1;
    }
    long size = ftell(file);
    uint8_t *image = calloc(1, (size_t)size + 1);
    rewind(file);
    if (size < 0x100 || image == NULL || fread(image, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "%s: cannot be read as a PE file\n", arguments[1]);
        return 1;
    }
    long headers = image[NEW_HEADER_POINTER] | image[NEW_HEADER_POINTER + 1] << 8;
    if (headers + CHECKSUM_IN_HEADERS + 4 > size || image[headers] != 'P' || image[headers + 1] != 'E') {
        fprintf(stderr, "%s: not a PE file\n", arguments[1]);
        return 1;
    }

    uint8_t *field = image + headers + CHECKSUM_IN_HEADERS;
    field[0] = field[1] = field[2] = field[3] = 0;
    uint32_t sum = 0; /* 16-bit words added with the carry put back, then the file's size */
    for (long at = 0; at < size; at += 2) {
        sum += (uint32_t)(image[at] | image[at + 1] << 8);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum += (uint32_t)size;
    for (int byte = 0; byte < 4; ++byte) {
        field[byte] = (uint8_t)(sum >> (8 * byte));
    }
    rewind(file);
    if (fwrite(image, 1, (size_t)size, file) != (size_t)size || fclose(file) != 0) {
        perror(arguments[1]);
        return 1;
    }
    free(image);
    return 0;
}

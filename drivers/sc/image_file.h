/* A PE32+ file in memory, not mapped. Every access is bounded by the file's size: the file is not trusted. */
#pragma once

#include <windows.h>

typedef struct {
    const BYTE *bytes;
    DWORD size;
    const IMAGE_NT_HEADERS64 *headers;
    const IMAGE_SECTION_HEADER *sections;
} IMAGE_FILE;

/* ERROR_FILE_NOT_FOUND and the like, ERROR_BAD_EXE_FORMAT, or ERROR_SUCCESS; then to be closed. */
DWORD ImageFileOpen(const wchar_t *path, IMAGE_FILE *file);
void ImageFileClose(IMAGE_FILE *file);

/* `size` bytes at a relative virtual address, or NULL where the file does not have them. */
const void *ImageFileAt(const IMAGE_FILE *file, DWORD rva, DWORD size);

/* A text that ends within the file, or NULL. */
const char *ImageFileText(const IMAGE_FILE *file, DWORD rva);

/* The rva and size of a data directory; rva 0 if there is none. */
IMAGE_DATA_DIRECTORY ImageFileDirectory(const IMAGE_FILE *file, DWORD index);

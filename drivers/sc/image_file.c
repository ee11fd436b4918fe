#include "image_file.h"

#include <stdbool.h>

static bool HasHeaders(IMAGE_FILE *file)
{
    const IMAGE_DOS_HEADER *dos = (const void *)file->bytes;
    DWORD after_headers;

    if (file->size < sizeof *dos || dos->e_magic != IMAGE_DOS_SIGNATURE || dos->e_lfanew < 0 ||
        (DWORD)dos->e_lfanew > file->size - sizeof(IMAGE_NT_HEADERS64) ||
        file->size < sizeof(IMAGE_NT_HEADERS64)) {
        return false;
    }
    file->headers = (const void *)(file->bytes + dos->e_lfanew);
    if (file->headers->Signature != IMAGE_NT_SIGNATURE ||
        file->headers->FileHeader.Machine != IMAGE_FILE_MACHINE_AMD64 ||
        file->headers->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR64_MAGIC) {
        return false;
    }
    after_headers = (DWORD)dos->e_lfanew + FIELD_OFFSET(IMAGE_NT_HEADERS64, OptionalHeader) +
                    file->headers->FileHeader.SizeOfOptionalHeader;
    if (after_headers > file->size || (file->size - after_headers) / sizeof(IMAGE_SECTION_HEADER) <
                                          file->headers->FileHeader.NumberOfSections) {
        return false;
    }
    file->sections = (const void *)(file->bytes + after_headers);
    for (DWORD i = 0; i < file->headers->FileHeader.NumberOfSections; i++) {
        const IMAGE_SECTION_HEADER *section = &file->sections[i];
        if (section->PointerToRawData > file->size ||
            section->SizeOfRawData > file->size - section->PointerToRawData) {
            return false;
        }
    }
    return true;
}

DWORD ImageFileOpen(const wchar_t *path, IMAGE_FILE *file)
{
    const HANDLE handle =
        CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE mapping;

    ZeroMemory(file, sizeof *file);
    if (handle == INVALID_HANDLE_VALUE) {
        return GetLastError();
    }
    file->size = GetFileSize(handle, NULL);
    mapping = CreateFileMappingW(handle, NULL, PAGE_READONLY, 0, 0, NULL); /* fails for an empty file */
    CloseHandle(handle);
    if (mapping != NULL) {
        file->bytes = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
        CloseHandle(mapping);
    }
    if (file->bytes == NULL) {
        return ERROR_BAD_EXE_FORMAT;
    }
    if (!HasHeaders(file)) {
        ImageFileClose(file);
        return ERROR_BAD_EXE_FORMAT;
    }
    return ERROR_SUCCESS;
}

void ImageFileClose(IMAGE_FILE *file)
{
    UnmapViewOfFile(file->bytes);
    ZeroMemory(file, sizeof *file);
}

/* How many bytes the file has from an rva on, to the end of its section; `*at` becomes the first of them. */
static DWORD BytesFrom(const IMAGE_FILE *file, DWORD rva, const BYTE **at)
{
    for (DWORD i = 0; i < file->headers->FileHeader.NumberOfSections; i++) {
        const IMAGE_SECTION_HEADER *section = &file->sections[i];
        if (rva >= section->VirtualAddress && rva - section->VirtualAddress < section->SizeOfRawData) {
            const DWORD offset = rva - section->VirtualAddress;
            *at = file->bytes + section->PointerToRawData + offset;
            return section->SizeOfRawData - offset;
        }
    }
    return 0;
}

const void *ImageFileAt(const IMAGE_FILE *file, DWORD rva, DWORD size)
{
    const BYTE *at = NULL;

    return BytesFrom(file, rva, &at) >= size ? at : NULL;
}

const char *ImageFileText(const IMAGE_FILE *file, DWORD rva)
{
    const BYTE *at = NULL;
    const DWORD room = BytesFrom(file, rva, &at);

    for (DWORD i = 0; i < room; i++) {
        if (at[i] == 0) {
            return (const char *)at;
        }
    }
    return NULL;
}

IMAGE_DATA_DIRECTORY ImageFileDirectory(const IMAGE_FILE *file, DWORD index)
{
    const IMAGE_DATA_DIRECTORY none = {0, 0};
    const IMAGE_OPTIONAL_HEADER64 *optional = &file->headers->OptionalHeader;

    return index < optional->NumberOfRvaAndSizes && index < IMAGE_NUMBEROF_DIRECTORY_ENTRIES
               ? optional->DataDirectory[index]
               : none;
}

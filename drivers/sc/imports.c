/* Whether every function that a driver imports exists. Wine would bind a stub instead and fail when it is
 * called. */
#include "driver_file.h"
#include "image_file.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    IMAGE_FILE file;
    const IMAGE_EXPORT_DIRECTORY *directory;
    const DWORD *functions, *names;
} EXPORTS;

/* As Windows looks for the modules that a driver imports from. */
static DWORD OpenModule(const char *name, IMAGE_FILE *file)
{
    static const wchar_t *const folders[] = {L"drivers\\", L""};
    static wchar_t system[MAX_PATH], path[MAX_PATH];
    DWORD error = ERROR_FILE_NOT_FOUND;

    GetSystemDirectoryW(system, MAX_PATH);
    for (int i = 0; i < 2 && error != ERROR_SUCCESS; i++) {
        _snwprintf(path, MAX_PATH, L"%ls\\%ls%hs", system, folders[i], name);
        path[MAX_PATH - 1] = 0;
        error = ImageFileOpen(path, file);
    }
    return error == ERROR_SUCCESS || error == ERROR_BAD_EXE_FORMAT ? error : ERROR_FILE_NOT_FOUND;
}

static DWORD OpenExports(const char *name, EXPORTS *exports)
{
    const DWORD error = OpenModule(name, &exports->file);
    IMAGE_DATA_DIRECTORY where;

    if (error != ERROR_SUCCESS) {
        return error;
    }
    where = ImageFileDirectory(&exports->file, IMAGE_DIRECTORY_ENTRY_EXPORT);
    exports->directory = ImageFileAt(&exports->file, where.VirtualAddress, sizeof *exports->directory);
    if (exports->directory != NULL) {
        const IMAGE_EXPORT_DIRECTORY *directory = exports->directory;
        exports->functions = ImageFileAt(&exports->file, directory->AddressOfFunctions,
                                         directory->NumberOfFunctions * sizeof(DWORD));
        exports->names =
            ImageFileAt(&exports->file, directory->AddressOfNames, directory->NumberOfNames * sizeof(DWORD));
    }
    return ERROR_SUCCESS;
}

static BOOL ExportsName(const EXPORTS *exports, const char *name)
{
    if (exports->directory == NULL || exports->names == NULL) {
        return FALSE;
    }
    for (DWORD i = 0; i < exports->directory->NumberOfNames; i++) {
        const char *exported = ImageFileText(&exports->file, exports->names[i]);
        if (exported != NULL && strcmp(exported, name) == 0) {
            return TRUE;
        }
    }
    return FALSE;
}

static BOOL ExportsOrdinal(const EXPORTS *exports, DWORD ordinal)
{
    return exports->directory != NULL && exports->functions != NULL && ordinal >= exports->directory->Base &&
           ordinal - exports->directory->Base < exports->directory->NumberOfFunctions &&
           exports->functions[ordinal - exports->directory->Base] != 0;
}

static DWORD CheckModule(const IMAGE_FILE *file, const IMAGE_IMPORT_DESCRIPTOR *import)
{
    const char *name = ImageFileText(file, import->Name);
    DWORD thunk_rva = import->OriginalFirstThunk ? import->OriginalFirstThunk : import->FirstThunk;
    EXPORTS exports = {0};
    DWORD error;

    if (name == NULL) {
        return ERROR_BAD_EXE_FORMAT;
    }
    error = OpenExports(name, &exports);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    while (error == ERROR_SUCCESS) {
        const IMAGE_THUNK_DATA64 *thunk = ImageFileAt(file, thunk_rva, sizeof *thunk);
        thunk_rva += sizeof *thunk;
        if (thunk == NULL) {
            error = ERROR_BAD_EXE_FORMAT;
        } else if (thunk->u1.AddressOfData == 0) {
            break;
        } else if (IMAGE_SNAP_BY_ORDINAL64(thunk->u1.Ordinal)) {
            error = ExportsOrdinal(&exports, IMAGE_ORDINAL64(thunk->u1.Ordinal)) ? ERROR_SUCCESS
                                                                                 : ERROR_INVALID_ORDINAL;
        } else {
            const char *function = ImageFileText(file, (DWORD)thunk->u1.AddressOfData +
                                                           FIELD_OFFSET(IMAGE_IMPORT_BY_NAME, Name));
            error = function == NULL                  ? ERROR_BAD_EXE_FORMAT
                    : ExportsName(&exports, function) ? ERROR_SUCCESS
                                                      : ERROR_PROC_NOT_FOUND;
        }
    }
    ImageFileClose(&exports.file);
    return error;
}

DWORD CheckDriverImage(const wchar_t *path)
{
    IMAGE_FILE file;
    IMAGE_DATA_DIRECTORY imports;
    DWORD error = ImageFileOpen(path, &file);
    DWORD rva;

    if (error != ERROR_SUCCESS) {
        return error;
    }
    imports = ImageFileDirectory(&file, IMAGE_DIRECTORY_ENTRY_IMPORT);
    for (rva = imports.VirtualAddress; rva != 0 && error == ERROR_SUCCESS;
         rva += sizeof(IMAGE_IMPORT_DESCRIPTOR)) {
        const IMAGE_IMPORT_DESCRIPTOR *import = ImageFileAt(&file, rva, sizeof *import);
        if (import == NULL) {
            error = ERROR_BAD_EXE_FORMAT;
        } else if (import->Name == 0) {
            break;
        } else {
            error = CheckModule(&file, import);
        }
    }
    ImageFileClose(&file);
    return error;
}

void DriverPath(const wchar_t *binary, wchar_t path[MAX_PATH])
{
    static const wchar_t device[] = L"\\??\\", root[] = L"\\SystemRoot\\", relative[] = L"system32\\";
    wchar_t windows[MAX_PATH];
    const BOOL quoted = *binary == L'"';

    GetWindowsDirectoryW(windows, MAX_PATH);
    binary += quoted;
    if (wcsncmp(binary, device, 4) == 0) {
        binary += 4;
    }
    if (_wcsnicmp(binary, root, 12) == 0) {
        _snwprintf(path, MAX_PATH, L"%ls\\%ls", windows, binary + 12);
    } else if (_wcsnicmp(binary, relative, 9) == 0) {
        _snwprintf(path, MAX_PATH, L"%ls\\%ls", windows, binary);
    } else {
        _snwprintf(path, MAX_PATH, L"%ls", binary);
    }
    path[MAX_PATH - 1] = 0;
    if (quoted && wcschr(path, L'"') != NULL) {
        *wcschr(path, L'"') = 0;
    }
}

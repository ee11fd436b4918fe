/* tar.exe -x -f ZIP -C FOLDER: as Windows' own, it unpacks zip files, into a folder that is there. */
#include "tool.h"

int Tool(int count, char **arguments)
{
    char archive[MAX_PATH], folder[MAX_PATH];
    const char *const unzip[] = {"/bin/unzip", "-q", "-o", archive, "-d", folder, NULL};

    if (count != 5 || !Is(arguments[0], "-x") || !Is(arguments[1], "-f") || !Is(arguments[3], "-C")) {
        return RefuseArguments(count, arguments);
    }
    LinuxPath(arguments[2], archive, sizeof archive);
    LinuxPath(arguments[4], folder, sizeof folder);
    if (GetFileAttributesA(arguments[4]) == INVALID_FILE_ATTRIBUTES) {
        return Refuse("could not chdir to '%s'", arguments[4]);
    }
    return RunLinux(unzip) == 0 ? 0 : Refuse("'%s' cannot be unpacked", arguments[2]);
}

/*
 * icacls.exe FILE /inheritance:r /grant *S-1-5-32-544:F /grant *S-1-5-18:F, in either order: nobody but
 * administrators and the system. Here that is the file's owner alone, which /sbin/lab-keys asks of a file of
 * keys.
 */
#include "tool.h"

#define ADMINISTRATORS "*S-1-5-32-544:F"
#define SYSTEM "*S-1-5-18:F"

int Tool(int count, char **arguments)
{
    char path[MAX_PATH];

    if (count != 6 || !Is(arguments[1], "/inheritance:r") || !Is(arguments[2], "/grant") ||
        !Is(arguments[4], "/grant") ||
        !((Is(arguments[3], ADMINISTRATORS) && Is(arguments[5], SYSTEM)) ||
          (Is(arguments[3], SYSTEM) && Is(arguments[5], ADMINISTRATORS)))) {
        return RefuseArguments(count, arguments);
    }
    LinuxPath(arguments[0], path, sizeof path);
    if (LinuxCall(LINUX_CHMOD, (long long)path, 0600, 0, 0) != 0) {
        Refuse("%s: the system cannot find the file specified", arguments[0]);
        return 2;
    }
    return 0;
}

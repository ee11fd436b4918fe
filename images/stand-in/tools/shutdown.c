/* shutdown.exe /s|/r /t 0: by the signals that busybox' init takes from its poweroff and reboot. */
#include "tool.h"

#define LINUX_SIGUSR2 12
#define LINUX_SIGTERM 15

int Tool(int count, char **arguments)
{
    if (count != 3 || !Is(arguments[1], "/t") || !Is(arguments[2], "0")) {
        return RefuseArguments(count, arguments);
    }
    if (Is(arguments[0], "/s")) {
        return LinuxCall(LINUX_KILL, 1, LINUX_SIGUSR2, 0, 0) == 0 ? 0 : Refuse("cannot power off");
    }
    if (Is(arguments[0], "/r")) {
        return LinuxCall(LINUX_KILL, 1, LINUX_SIGTERM, 0, 0) == 0 ? 0 : Refuse("cannot restart");
    }
    return RefuseArguments(count, arguments);
}

/* powercfg.exe /change monitor-timeout-ac|disk-timeout-ac|standby-timeout-ac MINUTES | /hibernate on|off. */
#include <string.h>

#include "tool.h"

int Tool(int count, char **arguments)
{
    static const char *const timeouts[] = {"monitor-timeout-ac", "disk-timeout-ac", "standby-timeout-ac"};

    if (count == 2 && Is(arguments[0], "/hibernate") && (Is(arguments[1], "on") || Is(arguments[1], "off"))) {
        Keep("powercfg", "hibernate", arguments[1]);
        return 0;
    }
    if (count == 3 && Is(arguments[0], "/change") && *arguments[2] != 0 &&
        strspn(arguments[2], "0123456789") == strlen(arguments[2])) {
        for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
            if (Is(arguments[1], timeouts[i])) {
                Keep("powercfg", timeouts[i], arguments[2]);
                return 0;
            }
        }
    }
    return RefuseArguments(count, arguments);
}

/*
 * netsh.exe advfirewall set allprofiles state on|off, and addresses of the one network card, in
 * /etc/wsklab-addresses, which /sbin/lab-start takes at every start:
 *
 *     interface ipv4 set address NAME static ADDRESS MASK [GATEWAY]
 *     interface ipv4|ipv6 add address NAME ADDRESS[/LENGTH] [MASK]
 *     interface ipv4|ipv6 show addresses NAME                 those that it has
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

#define CARD "Ethernet"
#define SHOWN "Z:\\run\\wsklab-addresses"

static const char *const PROFILES[] = {"DomainProfile", "StandardProfile", "PublicProfile"};
#define POLICY "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\"

static int SetFirewall(DWORD is_on)
{
    for (int i = 0; i < 3; i++) {
        char key[128];

        Format(key, sizeof key, POLICY "%s", PROFILES[i]);
        if (RegSetKeyValueA(HKEY_LOCAL_MACHINE, key, "EnableFirewall", REG_DWORD, &is_on, sizeof is_on) !=
            ERROR_SUCCESS) {
            return Refuse("the policy cannot be written");
        }
    }
    printf("Ok.\n");
    return 0;
}

/* From Linux, which /sbin/lab-address asks: Wine 8 does not tell IPv6 addresses. */
static int ShowAddresses(const char *family)
{
    const char *const command[] = {"/sbin/lab-address", "show", family, NULL};
    char line[128];
    FILE *file;

    if (RunLinux(command) != 0 || (file = fopen(SHOWN, "r")) == NULL) {
        return Refuse("the addresses cannot be read");
    }
    while (fgets(line, sizeof line, file) != NULL) {
        printf("    IP Address:                           %s", line);
    }
    return 0;
}

static int Address(const char *verb, int count, char **arguments)
{
    const char *command[8] = {"/sbin/lab-address", verb};

    for (int i = 0; i < count && i < 5; i++) {
        command[2 + i] = arguments[i];
    }
    return RunLinux(command) == 0 ? 0 : Refuse("the address was not taken");
}

int Tool(int count, char **arguments)
{
    if (count == 5 && Is(arguments[0], "advfirewall") && Is(arguments[1], "set") &&
        Is(arguments[2], "allprofiles") && Is(arguments[3], "state") &&
        (Is(arguments[4], "on") || Is(arguments[4], "off"))) {
        return SetFirewall(Is(arguments[4], "on"));
    }
    if (count == 5 && Is(arguments[0], "interface") && Is(arguments[2], "show") &&
        Is(arguments[3], "addresses") && Is(arguments[4], CARD) &&
        (Is(arguments[1], "ipv4") || Is(arguments[1], "ipv6"))) {
        return ShowAddresses(Is(arguments[1], "ipv4") ? "-4" : "-6");
    }
    if (count >= 6 && count <= 9 && Is(arguments[0], "interface") &&
        (Is(arguments[1], "ipv4") || Is(arguments[1], "ipv6")) && Is(arguments[3], "address") &&
        (Is(arguments[2], "set") || Is(arguments[2], "add"))) {
        return Address(arguments[2], count - 4, arguments + 4);
    }
    return RefuseArguments(count, arguments);
}

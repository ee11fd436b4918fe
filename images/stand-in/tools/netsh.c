/*
 * netsh.exe advfirewall set allprofiles state on|off, and addresses of the one network card, in
 * /etc/wsklab-addresses, which /sbin/lab-start takes at every start:
 *
 *     interface ipv4 set address NAME static ADDRESS MASK [GATEWAY]
 *     interface ipv4|ipv6 add address NAME ADDRESS[/LENGTH] [MASK]
 *     interface ipv4|ipv6 show addresses NAME                 those that it has
 */
#include <winsock2.h>

#include <iphlpapi.h>
#include <stdio.h>
#include <string.h>
#include <ws2tcpip.h>

#include "tool.h"

#define CARD "Ethernet"

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

static void ShowAddress(SOCKADDR *address, int address_bytes)
{
    char text[64];
    DWORD length = sizeof text;

    if (WSAAddressToStringA(address, (DWORD)address_bytes, NULL, text, &length) == 0) {
        printf("    IP Address:                           %s\n", text);
    }
}

static int ShowIpv4(void)
{
    static union {
        IP_ADAPTER_ADDRESSES first;
        char bytes[32768];
    } adapters;
    ULONG room = sizeof adapters;

    if (GetAdaptersAddresses(AF_INET, 0, NULL, &adapters.first, &room) != ERROR_SUCCESS) {
        return Refuse("the addresses cannot be read");
    }
    for (IP_ADAPTER_ADDRESSES *adapter = &adapters.first; adapter != NULL; adapter = adapter->Next) {
        for (IP_ADAPTER_UNICAST_ADDRESS *each = adapter->FirstUnicastAddress;
             each != NULL && adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK; each = each->Next) {
            ShowAddress(each->Address.lpSockaddr, each->Address.iSockaddrLength);
        }
    }
    return 0;
}

/* From Linux: Wine 8 does not tell IPv6 addresses. A line is 32 digits, and at its end the card. */
static int ShowIpv6(void)
{
    char line[128];
    FILE *file = fopen("Z:\\proc\\net\\if_inet6", "r");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        struct sockaddr_in6 address = {.sin6_family = AF_INET6};
        unsigned int byte;

        for (int i = 0; i < 16 && sscanf(line + 2 * i, "%2x", &byte) == 1; i++) {
            address.sin6_addr.u.Byte[i] = (unsigned char)byte;
        }
        if (strstr(line, " eth0") != NULL) {
            ShowAddress((SOCKADDR *)&address, sizeof address);
        }
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
        WSADATA data;

        WSAStartup(MAKEWORD(2, 2), &data);
        return Is(arguments[1], "ipv4") ? ShowIpv4() : ShowIpv6();
    }
    if (count >= 6 && count <= 9 && Is(arguments[0], "interface") &&
        (Is(arguments[1], "ipv4") || Is(arguments[1], "ipv6")) && Is(arguments[3], "address") &&
        (Is(arguments[2], "set") || Is(arguments[2], "add"))) {
        return Address(arguments[2], count - 4, arguments + 4);
    }
    return RefuseArguments(count, arguments);
}

/*
 * verifier.exe /flags NUMBER /driver FILE... | /querysettings | /query | /reset: settings are where Windows
 * has them, and in force from the next start on, when /sbin/lab-start takes them. As Microsoft documents it,
 * /querysettings shows what the next start will take, and /query what is in force. Nothing here verifies
 * anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define SETTINGS "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management"
#define LEVEL "VerifyDriverLevel"
#define DRIVERS "VerifyDrivers"
/* As Wine writes registry files: "NAME"=dword:..., "NAME"="...". */
#define IN_FORCE "Z:\\run\\wsklab-verifier"
#define RESTART_NEEDED 2
#define ROOM 1024
#define SERVICES_BYTES 65536

typedef struct {
    DWORD flags;
    char drivers[ROOM]; /* names with a space between; "": none */
} VERIFIER_SETTINGS;

static const struct {
    DWORD bit;
    bool is_standard;
    const char *name;
} OPTIONS[] = {
    {0x1, true, "Special pool."},
    {0x2, true, "Force IRQL checking."},
    {0x8, true, "Pool tracking."},
    {0x10, true, "I/O verification."},
    {0x20, true, "Deadlock detection."},
    {0x80, true, "DMA checking."},
    {0x100, true, "Security checks."},
    {0x800, true, "Miscellaneous checks."},
    {0x20000, true, "DDI compliance checking."},
    {0x4, false, "Randomized low resources simulation."},
    {0x200, false, "Force pending I/O requests."},
    {0x400, false, "IRP logging."},
    {0x2000, false, "Invariant MDL checking for stack."},
    {0x4000, false, "Invariant MDL checking for driver."},
    {0x2000000, false, "Code integrity checks."},
};
#define OPTION_COUNT (sizeof OPTIONS / sizeof OPTIONS[0])

static void ShowFlags(DWORD flags)
{
    printf("\nVerifier Flags: 0x%08lx\n", flags);
    for (int standard = 1; standard >= 0; standard--) {
        printf("\n  %s Flags:\n\n", standard ? "Standard" : "Additional");
        for (size_t i = 0; i < OPTION_COUNT; i++) {
            if (OPTIONS[i].is_standard == (standard == 1)) {
                printf("    [%c] 0x%08lx %s\n", (flags & OPTIONS[i].bit) != 0 ? 'X' : ' ', OPTIONS[i].bit,
                       OPTIONS[i].name);
            }
        }
    }
    printf("\n    [X] Indicates flag is enabled.\n");
}

static VERIFIER_SETTINGS KeptSettings(void)
{
    VERIFIER_SETTINGS kept = {0};
    DWORD flags_bytes = sizeof kept.flags, drivers_bytes = sizeof kept.drivers;

    if (RegGetValueA(HKEY_LOCAL_MACHINE, SETTINGS, LEVEL, RRF_RT_REG_DWORD, NULL, &kept.flags,
                     &flags_bytes) != ERROR_SUCCESS) {
        kept.flags = 0;
    }
    if (RegGetValueA(HKEY_LOCAL_MACHINE, SETTINGS, DRIVERS, RRF_RT_REG_SZ, NULL, kept.drivers,
                     &drivers_bytes) != ERROR_SUCCESS) {
        kept.drivers[0] = 0;
    }
    return kept;
}

static VERIFIER_SETTINGS SettingsInForce(void)
{
    VERIFIER_SETTINGS taken = {0};
    FILE *file = fopen(IN_FORCE, "r");
    char line[ROOM];

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *const value = strchr(line, '=');

        if (value == NULL) {
            continue;
        }
        if (strncmp(value, "=dword:", 7) == 0) {
            taken.flags = strtoul(value + 7, NULL, 16);
        } else if (strncmp(value, "=\"", 2) == 0) {
            value[2 + strcspn(value + 2, "\"")] = 0;
            Format(taken.drivers, sizeof taken.drivers, "%s", value + 2);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return taken;
}

static int ShowSettings(void)
{
    VERIFIER_SETTINGS kept = KeptSettings();

    ShowFlags(kept.flags);
    printf("\n  Boot Mode:\n\n    Persistent\n\n  Rules:\n\n    All rules are using default settings\n");
    printf("\n  Verified Drivers:\n\n");
    if (kept.drivers[0] == 0) {
        printf("    None\n");
    }
    for (char *name = strtok(kept.drivers, " "); name != NULL; name = strtok(NULL, " ")) {
        printf("    %s\n", name);
    }
    return 0;
}

static bool HasFile(SC_HANDLE manager, const char *service_name, const char *file)
{
    static union {
        QUERY_SERVICE_CONFIGA config;
        char room[8192];
    } answer;
    SC_HANDLE service = OpenServiceA(manager, service_name, SERVICE_QUERY_CONFIG);
    DWORD needed;
    bool is_it = false;

    if (service != NULL && QueryServiceConfigA(service, &answer.config, sizeof answer, &needed)) {
        const char *path = answer.config.lpBinaryPathName, *name = strrchr(path, '\\');
        is_it = Is(name == NULL ? path : name + 1, file);
    }
    if (service != NULL) {
        CloseServiceHandle(service);
    }
    return is_it;
}

static bool IsLoaded(SC_HANDLE manager, const char *file)
{
    static union {
        ENUM_SERVICE_STATUSA services[1];
        char room[SERVICES_BYTES];
    } answer;
    DWORD needed, count = 0, resume = 0;

    if (!EnumServicesStatusA(manager, SERVICE_DRIVER, SERVICE_ACTIVE, answer.services, sizeof answer, &needed,
                             &count, &resume)) {
        return false;
    }
    for (DWORD i = 0; i < count; i++) {
        if (HasFile(manager, answer.services[i].lpServiceName, file)) {
            return true;
        }
    }
    return false;
}

static int ShowActivity(void)
{
    VERIFIER_SETTINGS taken = SettingsInForce();
    SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);

    if (manager == NULL) {
        return Refuse("drivers cannot be listed: %lu", GetLastError());
    }
    if (taken.drivers[0] == 0) {
        printf("\nNo drivers are currently verified.\n");
        return 0;
    }
    ShowFlags(taken.flags);
    printf("\n  Driver Verification List\n\n");
    for (char *name = strtok(taken.drivers, " "); name != NULL; name = strtok(NULL, " ")) {
        printf("    MODULE: %s (load: %d / unload: 0)\n", name, IsLoaded(manager, name) ? 1 : 0);
    }
    return 0;
}

/* A name of a file, and no pattern. */
static bool IsDriverName(const char *name)
{
    const size_t length = strlen(name);
    return length > 4 && Is(name + length - 4, ".sys") && strpbrk(name, "\\/:*?\" ") == NULL;
}

static int Set(const char *number, int count, char **names)
{
    char drivers[ROOM] = "", *end;
    DWORD flags = strtoul(number, &end, strncmp(number, "0x", 2) == 0 ? 16 : 10), known = 0;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        known |= OPTIONS[i].bit;
    }
    if (*end != 0 || end == number || flags == 0 || (flags & ~known) != 0) {
        return Refuse("'%s' are no flags", number);
    }
    for (int i = 0; i < count; i++) {
        if (!IsDriverName(names[i]) || strlen(drivers) + strlen(names[i]) + 2 > sizeof drivers) {
            return Refuse("'%s' is no driver's file", names[i]);
        }
        strcat(strcat(drivers, i == 0 ? "" : " "), names[i]);
    }
    if (RegSetKeyValueA(HKEY_LOCAL_MACHINE, SETTINGS, LEVEL, REG_DWORD, &flags, sizeof flags) !=
            ERROR_SUCCESS ||
        RegSetKeyValueA(HKEY_LOCAL_MACHINE, SETTINGS, DRIVERS, REG_SZ, drivers, (DWORD)strlen(drivers) + 1) !=
            ERROR_SUCCESS) {
        return Refuse("the settings cannot be written");
    }
    ShowSettings();
    printf("\nYou must restart this computer for the changes to take effect.\n");
    return RESTART_NEEDED;
}

static int Reset(void)
{
    const VERIFIER_SETTINGS kept = KeptSettings(), taken = SettingsInForce();

    if (kept.drivers[0] == 0 && taken.drivers[0] == 0) {
        printf("\nNo settings were changed.\n");
        return 0;
    }
    RegDeleteKeyValueA(HKEY_LOCAL_MACHINE, SETTINGS, LEVEL);
    RegDeleteKeyValueA(HKEY_LOCAL_MACHINE, SETTINGS, DRIVERS);
    printf("\nYou must restart this computer for the changes to take effect.\n");
    return RESTART_NEEDED;
}

int Tool(int count, char **arguments)
{
    if (count >= 4 && Is(arguments[0], "/flags") && Is(arguments[2], "/driver")) {
        return Set(arguments[1], count - 3, arguments + 3);
    }
    if (count == 1 && Is(arguments[0], "/querysettings")) {
        return ShowSettings();
    }
    if (count == 1 && Is(arguments[0], "/query")) {
        return ShowActivity();
    }
    if (count == 1 && Is(arguments[0], "/reset")) {
        return Reset();
    }
    return RefuseArguments(count, arguments);
}

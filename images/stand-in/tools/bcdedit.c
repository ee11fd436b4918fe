/*
 * bcdedit.exe /set {current} NAME VALUE | /timeout SECONDS | /enum {current} | /debug on|off | /dbgsettings
 * serial debugport:N baudrate:N. As on Windows nothing is signed by tests where Secure Boot is on: the
 * firmware's own variable says so. No debugger comes of the last two; see /sbin/lab-start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define KEY "bcdedit"
#define SECURE_BOOT "Z:\\sys\\firmware\\efi\\efivars\\SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

typedef struct {
    const char *name;
    const char *values[4][2]; /* as it is given, and as it is shown */
} ELEMENT;

static const ELEMENT ELEMENTS[] = {
    {"testsigning", {{"on", "Yes"}, {"off", "No"}, {"yes", "Yes"}, {"no", "No"}}},
    {"recoveryenabled", {{"on", "Yes"}, {"off", "No"}, {"yes", "Yes"}, {"no", "No"}}},
    {"debug", {{"on", "Yes"}, {"off", "No"}, {"yes", "Yes"}, {"no", "No"}}},
    {"bootstatuspolicy",
     {{"ignoreallfailures", "IgnoreAllFailures"}, {"displayallfailures", "DisplayAllFailures"}}},
};
#define ELEMENT_COUNT (sizeof ELEMENTS / sizeof ELEMENTS[0])

/* The variable's attributes take 4 bytes. */
static bool IsSecureBootOn(void)
{
    unsigned char bytes[5] = {0};
    FILE *file = fopen(SECURE_BOOT, "rb");

    if (file == NULL) {
        return false;
    }
    fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return bytes[4] == 1;
}

static const char *Shown(const char *name, const char *value)
{
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        for (size_t j = 0; j < 4 && Is(ELEMENTS[i].name, name) && ELEMENTS[i].values[j][0] != NULL; j++) {
            if (Is(ELEMENTS[i].values[j][0], value)) {
                return ELEMENTS[i].values[j][1];
            }
        }
    }
    return NULL;
}

static int Set(const char *name, const char *value)
{
    const char *shown = Shown(name, value);

    if (shown == NULL) {
        return Refuse("the element data type is not recognized: %s %s", name, value);
    }
    if (Is(name, "testsigning") && IsSecureBootOn()) {
        return Refuse("the value is protected by Secure Boot policy and cannot be modified or deleted");
    }
    Keep(KEY, name, shown);
    printf("The operation completed successfully.\n");
    return 0;
}

static int Enumerate(void)
{
    char value[64];

    printf("\nWindows Boot Loader\n-------------------\nidentifier              {current}\n");
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        if (Get(KEY, ELEMENTS[i].name, value, sizeof value)) {
            printf("%-24s%s\n", ELEMENTS[i].name, value);
        }
    }
    return 0;
}

/* DEBUGPORT:3 and the like. */
static bool IsNumberOf(const char *name, const char *argument)
{
    const size_t length = strlen(name);

    return _strnicmp(argument, name, length) == 0 && argument[length] == ':' && argument[length + 1] != 0 &&
           strspn(argument + length + 1, "0123456789") == strlen(argument + length + 1);
}

static int SetDebugger(char **settings)
{
    Keep(KEY, "debugport", strchr(settings[1], ':') + 1);
    printf("The operation completed successfully.\n");
    return 0;
}

int Tool(int count, char **arguments)
{
    if (count == 2 && Is(arguments[0], "/debug")) {
        return Set("debug", arguments[1]);
    }
    if (count == 4 && Is(arguments[0], "/dbgsettings") && Is(arguments[1], "serial") &&
        IsNumberOf("debugport", arguments[2]) && IsNumberOf("baudrate", arguments[3])) {
        return SetDebugger(arguments + 1);
    }
    if (count == 4 && Is(arguments[0], "/set") && Is(arguments[1], "{current}")) {
        return Set(arguments[2], arguments[3]);
    }
    if (count == 2 && Is(arguments[0], "/enum") && Is(arguments[1], "{current}")) {
        return Enumerate();
    }
    if (count == 2 && Is(arguments[0], "/timeout") &&
        strspn(arguments[1], "0123456789") == strlen(arguments[1])) {
        Keep(KEY, "timeout", arguments[1]);
        printf("The operation completed successfully.\n");
        return 0;
    }
    return RefuseArguments(count, arguments);
}

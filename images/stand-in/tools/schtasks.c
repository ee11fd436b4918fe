/*
 * schtasks.exe /create /f /tn NAME /sc onstart /ru SYSTEM /rl highest /tr COMMAND | /query /tn NAME. A task
 * is a file with its command line, where Windows has them too; /sbin/lab-tasks runs them when the guest
 * starts.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

static const char *const CREATE[] = {"/create", "/f",     "/tn", NULL,      "/sc", "onstart",
                                     "/ru",     "SYSTEM", "/rl", "highest", "/tr", NULL};
#define CREATE_WORDS (int)(sizeof CREATE / sizeof CREATE[0])
#define NAME 3
#define COMMAND 11

static FILE *OpenTask(const char *name, const char *mode)
{
    char path[MAX_PATH];

    if (strpbrk(name, "\\/:.*?") != NULL) {
        return NULL;
    }
    Format(path, sizeof path, "C:\\windows\\system32\\tasks\\%s", name);
    return fopen(path, mode);
}

int Tool(int count, char **arguments)
{
    bool is_create = count == CREATE_WORDS;
    FILE *task;

    for (int i = 0; is_create && i < count; i++) {
        is_create = CREATE[i] == NULL || Is(arguments[i], CREATE[i]);
    }
    if (is_create) {
        task = OpenTask(arguments[NAME], "wb");
        if (task == NULL || fprintf(task, "%s\n", arguments[COMMAND]) < 0 || fclose(task) != 0) {
            return Refuse("the task cannot be written");
        }
        printf("SUCCESS: The scheduled task \"%s\" has successfully been created.\n", arguments[NAME]);
        return 0;
    }
    if (count == 3 && Is(arguments[0], "/query") && Is(arguments[1], "/tn")) {
        if (OpenTask(arguments[2], "rb") == NULL) {
            return Refuse("the system cannot find the task %s", arguments[2]);
        }
        printf("%-40s N/A                    Ready\n", arguments[2]);
        return 0;
    }
    return RefuseArguments(count, arguments);
}

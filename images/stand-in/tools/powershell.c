/*
 * powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command TEXT, for the texts of the lab's
 * steps, to the letter: there is no PowerShell here, and a text that is not known is refused.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

#define NETWORK                                                                                              \
    "$card = Get-NetAdapter -Physical; $card | Format-List Name, InterfaceDescription, DriverFileName, "     \
    "DriverVersion, Status; if (-not $card) { exit 1 }; if ($card.Name -ne 'Ethernet') { $card | "           \
    "Rename-NetAdapter -NewName Ethernet -ErrorAction Stop }"
#define DEFENDER                                                                                             \
    "$ErrorActionPreference = 'Stop'; if (Get-Command Set-MpPreference -ErrorAction SilentlyContinue) { "    \
    "foreach ($attempt in 1..20) { try { Set-MpPreference -ExclusionPath C:\\ -DisableRealtimeMonitoring "   \
    "$true; break } catch { if ($attempt -eq 20) { throw }; Start-Sleep -Seconds 10 } }; if "                \
    "((Get-MpPreference).ExclusionPath -notcontains 'C:\\') { exit 1 } }"
#define AGENT_TASK                                                                                           \
    "$ErrorActionPreference = 'Stop'; $task = Get-ScheduledTask -TaskName wsklab-agent; "                    \
    "$task.Settings.ExecutionTimeLimit = 'PT0S'; $task.Settings.Priority = 4; "                              \
    "$task.Settings.DisallowStartIfOnBatteries = $false; $task.Settings.StopIfGoingOnBatteries = $false; "   \
    "$task.Settings.RestartCount = 3; $task.Settings.RestartInterval = 'PT1M'; "                             \
    "$null = Set-ScheduledTask -InputObject $task; if ((Get-ScheduledTask -TaskName "                        \
    "wsklab-agent).Settings.ExecutionTimeLimit -ne 'PT0S') { exit 1 }"
#define INSTALL_SSHD                                                                                         \
    "$ErrorActionPreference = 'Stop'; & 'C:\\Program Files\\OpenSSH\\install-sshd.ps1' -Confirm:$false"

#define OPENSSH "C:\\Program Files\\OpenSSH\\"
#define CARD "Z:\\sys\\class\\net\\eth0\\device\\uevent"

/* The card's driver, as Linux names it. */
static int ShowNetwork(void)
{
    char line[128];
    FILE *file = fopen(CARD, "r");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "DRIVER=", 7) == 0) {
            printf("Name           : Ethernet\nDriverFileName : %s", line + 7);
            return 0;
        }
    }
    return 1;
}

/* There is no Defender, as on a server without it. */
static int ExcludeFromDefender(void)
{
    return 0;
}

/* A task lasts as long as it likes here, and has to be there. */
static int FindAgentTask(void)
{
    return GetFileAttributesA("C:\\windows\\system32\\tasks\\wsklab-agent") == INVALID_FILE_ATTRIBUTES
               ? Refuse("there is no task wsklab-agent")
               : 0;
}

/* What the script does: two services, which are started by hand. */
static int InstallSshd(void)
{
    SC_HANDLE manager;

    if (GetFileAttributesA(OPENSSH "install-sshd.ps1") == INVALID_FILE_ATTRIBUTES ||
        GetFileAttributesA(OPENSSH "sshd.exe") == INVALID_FILE_ATTRIBUTES) {
        return Refuse("install-sshd.ps1 and sshd.exe have to be in " OPENSSH);
    }
    manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_CREATE_SERVICE);
    if (manager == NULL ||
        CreateServiceA(manager, "sshd", "OpenSSH SSH Server", SERVICE_ALL_ACCESS, SERVICE_WIN32_OWN_PROCESS,
                       SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL, "\"" OPENSSH "sshd.exe\"", NULL, NULL,
                       NULL, NULL, NULL) == NULL) {
        return Refuse("the service sshd was not made: %lu", GetLastError());
    }
    return 0;
}

int Tool(int count, char **arguments)
{
    static const char *const options[] = {"-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass",
                                          "-Command"};
    static const struct {
        const char *text;
        int (*run)(void);
    } known[] = {{NETWORK, ShowNetwork},
                 {DEFENDER, ExcludeFromDefender},
                 {INSTALL_SSHD, InstallSshd},
                 {AGENT_TASK, FindAgentTask}};

    if (count != 6) {
        return RefuseArguments(count, arguments);
    }
    for (int i = 0; i < 5; i++) {
        if (!Is(arguments[i], options[i])) {
            return RefuseArguments(count, arguments);
        }
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(arguments[5], known[i].text) == 0) {
            return known[i].run();
        }
    }
    return RefuseArguments(count, arguments);
}

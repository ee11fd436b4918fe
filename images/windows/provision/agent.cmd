rem A task and not a service: the agent is an ordinary program. COM1 is the console's.
schtasks.exe /create /f /tn wsklab-agent /sc onstart /ru SYSTEM /rl highest /tr "C:\lab\agent.exe \\.\COM2"
rem Else it is ended after three days (a clone's clock may jump so far at once), comes behind every other program, and is
rem not started again when it fails.
powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "$ErrorActionPreference = 'Stop'; $task = Get-ScheduledTask -TaskName wsklab-agent; $task.Settings.ExecutionTimeLimit = 'PT0S'; $task.Settings.Priority = 4; $task.Settings.DisallowStartIfOnBatteries = $false; $task.Settings.StopIfGoingOnBatteries = $false; $task.Settings.RestartCount = 3; $task.Settings.RestartInterval = 'PT1M'; $null = Set-ScheduledTask -InputObject $task; if ((Get-ScheduledTask -TaskName wsklab-agent).Settings.ExecutionTimeLimit -ne 'PT0S') { exit 1 }"
schtasks.exe /query /tn wsklab-agent

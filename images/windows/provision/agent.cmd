rem A task and not a service: the agent is an ordinary program. COM1 is the console's.
schtasks.exe /create /f /tn wsklab-agent /sc onstart /ru SYSTEM /rl highest /tr "C:\lab\agent.exe \\.\COM2"
schtasks.exe /query /tn wsklab-agent

powercfg.exe /change monitor-timeout-ac 0
powercfg.exe /change disk-timeout-ac 0
powercfg.exe /change standby-timeout-ac 0
powercfg.exe /hibernate off

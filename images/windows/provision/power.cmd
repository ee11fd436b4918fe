powercfg.exe /change monitor-timeout-ac 0
powercfg.exe /change disk-timeout-ac 0
powercfg.exe /change standby-timeout-ac 0
rem The machine has no S4, and powercfg.exe may refuse to switch off what there is not.
call set-dword.cmd HKLM\SYSTEM\CurrentControlSet\Control\Power HibernateEnabled 0x0

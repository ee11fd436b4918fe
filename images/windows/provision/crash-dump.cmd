rem A kernel dump, kept when the disk is nearly full, then a restart. The page file takes it, so its size is fixed.
call set-dword.cmd HKLM\SYSTEM\CurrentControlSet\Control\CrashControl CrashDumpEnabled 0x2
call set-dword.cmd HKLM\SYSTEM\CurrentControlSet\Control\CrashControl AutoReboot 0x1
call set-dword.cmd HKLM\SYSTEM\CurrentControlSet\Control\CrashControl Overwrite 0x1
call set-dword.cmd HKLM\SYSTEM\CurrentControlSet\Control\CrashControl LogEvent 0x1
call set-dword.cmd HKLM\SYSTEM\CurrentControlSet\Control\CrashControl AlwaysKeepMemoryDump 0x1
reg.exe add HKLM\SYSTEM\CurrentControlSet\Control\CrashControl /v DumpFile /t REG_EXPAND_SZ /d C:\Windows\MEMORY.DMP /f
reg.exe add "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management" /v PagingFiles /t REG_MULTI_SZ /d "C:\pagefile.sys 4096 4096" /f
reg.exe query "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management" /v PagingFiles | find.exe "pagefile.sys 4096 4096"

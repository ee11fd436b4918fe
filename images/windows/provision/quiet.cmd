rem What works in the background and would make one run unlike the next. The clock is the lab's to set.
call disable-service.cmd DiagTrack
call disable-service.cmd dmwappushservice
call disable-service.cmd SysMain
call disable-service.cmd WSearch
call disable-service.cmd w32time
call set-dword.cmd "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\Maintenance" MaintenanceDisabled 0x1
call set-dword.cmd HKLM\SYSTEM\CurrentControlSet\Services\NlaSvc\Parameters\Internet EnableActiveProbing 0x0

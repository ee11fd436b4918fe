rem The only logon without a password was this one.
reg.exe add "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon" /v AutoAdminLogon /t REG_SZ /d 0 /f
call delete-value.cmd "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon" AutoLogonCount
call delete-value.cmd "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon" DefaultPassword

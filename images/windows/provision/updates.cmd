rem The policy alone does not stop it any more.
call set-dword.cmd HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU NoAutoUpdate 0x1
call disable-service.cmd wuauserv
call disable-service.cmd UsoSvc

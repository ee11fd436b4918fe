rem Windows drops DbgPrint's texts otherwise.
call set-dword.cmd "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Debug Print Filter" DEFAULT 0xffffffff
call set-dword.cmd "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Debug Print Filter" IHVDRIVER 0xffffffff
call set-dword.cmd "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Debug Print Filter" IHVNETWORK 0xffffffff

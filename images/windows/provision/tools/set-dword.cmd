rem KEY NAME 0xVALUE: writes, and reads it again.
reg.exe add %1 /v %2 /t REG_DWORD /d %3 /f
reg.exe query %1 /v %2 | find.exe "REG_DWORD    %3"

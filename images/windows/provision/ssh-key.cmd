rem For members of Administrators sshd looks here only, and not if anybody else may write: SIDs of Administrators and
rem SYSTEM.
copy /y /b C:\lab\authorized_keys C:\ProgramData\ssh\administrators_authorized_keys
icacls.exe C:\ProgramData\ssh\administrators_authorized_keys /inheritance:r /grant *S-1-5-32-544:F /grant *S-1-5-18:F
fc.exe /b C:\lab\authorized_keys C:\ProgramData\ssh\administrators_authorized_keys

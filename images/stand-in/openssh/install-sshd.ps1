# In the place of the script of Win32-OpenSSH. The stand-in has no PowerShell: its powershell.exe does what this stands for.

rem The same server for every version: only Server 2025 brings one. Its script asks unless it is told not to, and
rem powershell -File would take $false for a text.
tar.exe -x -f "%MEDIUM%OpenSSH-Win64.zip" -C "C:\Program Files"
move "C:\Program Files\OpenSSH-Win64" "C:\Program Files\OpenSSH"
powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "$ErrorActionPreference = 'Stop'; & 'C:\Program Files\OpenSSH\install-sshd.ps1' -Confirm:$false"
sc.exe config sshd start= auto
sc.exe failure sshd reset= 0 actions= restart/60000
rem Its first start makes the host keys.
net.exe start sshd
sc.exe query sshd | find.exe "RUNNING"
dir C:\ProgramData\ssh\ssh_host_ed25519_key.pub

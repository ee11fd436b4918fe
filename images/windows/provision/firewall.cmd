rem Off: it stands between the wire and the driver, and what it holds back would look like a driver's mistake.
netsh.exe advfirewall set allprofiles state off
reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile /v EnableFirewall | find.exe "0x0"
reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile /v EnableFirewall | find.exe "0x0"
reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile /v EnableFirewall | find.exe "0x0"

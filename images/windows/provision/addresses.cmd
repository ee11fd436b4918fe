rem Those that the lab's networks know the guest by (lab/network/guest-network.ts): tap, and QEMU's own. Nobody there
rem gives any away.
netsh.exe interface ipv4 set address "Ethernet" static 10.77.0.2 255.255.255.0
netsh.exe interface ipv4 add address "Ethernet" 10.0.2.15 255.255.255.0
netsh.exe interface ipv6 add address "Ethernet" fd77::2/64
netsh.exe interface ipv4 show addresses "Ethernet" | find.exe "10.77.0.2"
netsh.exe interface ipv4 show addresses "Ethernet" | find.exe "10.0.2.15"
netsh.exe interface ipv6 show addresses "Ethernet" | find.exe "fd77::2"

rem What is on the wire is what TCP/IP sends: with large sends cut up by the card, QEMU 7.2's e1000e makes IP fragments of
rem IPv4, and frames of IPv6 that nobody can read. In force after the restart.
call set-dword.cmd HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters DisableTaskOffload 0x1

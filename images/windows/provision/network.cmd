rem Windows has a driver of its own for the network card, or nothing else is worth doing. It names the card after a label,
rem where the firmware gives it one ("Ethernet Instance 0").
powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "$card = Get-NetAdapter -Physical; $card | Format-List Name, InterfaceDescription, DriverFileName, DriverVersion, Status; if (-not $card) { exit 1 }; if ($card.Name -ne 'Ethernet') { $card | Rename-NetAdapter -NewName Ethernet -ErrorAction Stop }"

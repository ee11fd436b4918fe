rem Windows has a driver of its own for the network card, or nothing else is worth doing.
powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "$card = Get-NetAdapter -Physical; $card | Format-List Name, InterfaceDescription, DriverFileName, DriverVersion, Status; if (-not $card) { exit 1 }"

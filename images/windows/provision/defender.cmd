rem Where it is there, it leaves the lab's files alone and scans nothing else either. Right after a start its service may
rem not be up yet.
powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "$ErrorActionPreference = 'Stop'; if (Get-Command Set-MpPreference -ErrorAction SilentlyContinue) { foreach ($attempt in 1..20) { try { Set-MpPreference -ExclusionPath C:\ -DisableRealtimeMonitoring $true; break } catch { if ($attempt -eq 20) { throw }; Start-Sleep -Seconds 10 } }; if ((Get-MpPreference).ExclusionPath -notcontains 'C:\') { exit 1 } }"

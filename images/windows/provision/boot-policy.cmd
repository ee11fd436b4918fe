rem After a crash Windows starts again, and does not stop in its recovery environment.
bcdedit.exe /set {current} recoveryenabled no
bcdedit.exe /set {current} bootstatuspolicy ignoreallfailures
bcdedit.exe /timeout 0
bcdedit.exe /enum {current} | findstr.exe /i /r "recoveryenabled.*No"
bcdedit.exe /enum {current} | findstr.exe /i /r "bootstatuspolicy.*IgnoreAllFailures"

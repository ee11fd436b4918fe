rem Refused where Secure Boot is on.
bcdedit.exe /set {current} testsigning on
bcdedit.exe /enum {current} | findstr.exe /i /r "testsigning.*Yes"

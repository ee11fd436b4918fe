rem NAME: a service that there is not (1060) need not be disabled, and one that Windows keeps for itself (5) stays.
sc.exe query %1 >nul
if %errorlevel%==1060 exit /b 0
sc.exe config %1 start= disabled
if %errorlevel%==5 exit /b 0
sc.exe qc %1 | find.exe "DISABLED"

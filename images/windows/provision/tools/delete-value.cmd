rem KEY NAME: what is not there need not be deleted.
reg.exe query %1 /v %2 >nul
if %errorlevel%==1 exit /b 0
reg.exe delete %1 /v %2 /f

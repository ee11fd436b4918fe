rem What the lab brings. Files from a CD are read-only.
copy /y /b "%MEDIUM%files\*" C:\lab
attrib.exe -r C:\lab\*
fc.exe /b "%MEDIUM%files\agent.exe" C:\lab\agent.exe

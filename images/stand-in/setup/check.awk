# What Windows Setup would stop at in an answer file, a line each. Nothing: it installs without a question.
#
#     awk -f check.awk settings.txt EDITIONS FACTS
#
# EDITIONS: the medium's, lines INDEX ARCHITECTURE LANGUAGE ID BUILD NAME...; FACTS: what xml.awk makes.

BEGIN {
  PE = "/unattend/settings[windowsPE]/component[Microsoft-Windows-Setup]/"
  PE_LANGUAGE = "/unattend/settings[windowsPE]/component[Microsoft-Windows-International-Core-WinPE]/"
  DEPLOYMENT = "/unattend/settings[specialize]/component[Microsoft-Windows-Deployment]/"
  SPECIALIZE = "/unattend/settings[specialize]/component[Microsoft-Windows-Shell-Setup]/"
  LANGUAGE = "/unattend/settings[oobeSystem]/component[Microsoft-Windows-International-Core]/"
  SHELL = "/unattend/settings[oobeSystem]/component[Microsoft-Windows-Shell-Setup]/"
  GROUP = "[A-Z0-9][A-Z0-9][A-Z0-9][A-Z0-9][A-Z0-9]"
}

FNR == 1 { file++ }
file == 1 && !/^#/ { kind[$1, $2, $3] = $4; passOf[$1] = 1; componentOf[$1, $2] = 1 }
file == 2 { architecture[$1] = $2; language[$1] = $3; edition[$1] = $4 }
file == 3 {
  at = index($0, "\t")
  path = substr($0, 1, at - 1)
  fact[path] = substr($0, at + 1)
  order[path] = FNR
  paths[++count] = path
}

function problem(text) { print text }

function is(text, wanted,   values, n, i) {
  if (wanted == "bool") return text == "true" || text == "false"
  if (wanted == "number") return text ~ /^[0-9]+$/
  if (wanted == "locale") return text ~ /^[a-z][a-z]-[A-Z][A-Z]$/
  if (wanted == "letter") return text ~ /^[C-Z]$/
  if (wanted == "key") return text ~ ("^" GROUP "-" GROUP "-" GROUP "-" GROUP "-" GROUP "$")
  if (wanted == "computer") return length(text) <= 15 && text ~ /^[A-Za-z][A-Za-z0-9-]*$/
  if (wanted ~ /^text:/) return text != "" && length(text) <= substr(wanted, 6) + 0
  n = split(wanted, values, "|")
  for (i = 1; i <= n; i++) if (text == values[i]) return 1
  return 0
}

function must(path, wanted, why) {
  if (fact[path] != wanted) problem(path " is '" fact[path] "', not '" wanted "': " why)
}

# /unattend/settings[PASS]/component[COMPONENT]/SETTING, or an attribute.
function checkSetting(path,   pass, component, setting, text) {
  if (path !~ /^\/unattend\/settings\[[^]]*\]\/component\[[^]]*\]\/[^@]*(@wcm:action)?$/) return
  pass = path; sub(/^\/unattend\/settings\[/, "", pass); sub(/\].*/, "", pass)
  component = path; sub(/^[^]]*\]\/component\[/, "", component); sub(/\].*/, "", component)
  setting = path; sub(/^[^]]*\]\/component\[[^]]*\]\//, "", setting)
  gsub(/\[[0-9]+\]/, "[]", setting)
  if (setting ~ /@wcm:action$/) {
    if (fact[path] != "add") problem(path " is '" fact[path] "', not 'add'")
    return
  }
  text = fact[path]
  if (!((pass, component) in componentOf)) return
  if (!((pass, component, setting) in kind)) problem(path ": no such setting, or an item of a list without wcm:action")
  else if (!is(text, kind[pass, component, setting])) problem(path " is '" text "', and takes " kind[pass, component, setting])
}

function checkName(path,   pass, component) {
  if (path ~ /^\/unattend\/settings[^\/]*@pass$/ && !(fact[path] in passOf)) problem("no such pass: '" fact[path] "'")
  if (path !~ /\/component[^\/]*@name$/) return
  pass = path; sub(/^\/unattend\/settings\[/, "", pass); sub(/\].*/, "", pass)
  component = path; sub(/@name$/, "", component)
  if (!((pass, fact[path]) in componentOf)) problem("pass " pass " does not look at a component '" fact[path] "'")
  must(component "@processorArchitecture", "amd64", "Setup passes over it")
  must(component "@publicKeyToken", "31bf3856ad364e35", "Setup passes over it")
  must(component "@language", "neutral", "Setup passes over it")
  must(component "@versionScope", "nonSxS", "Setup passes over it")
}

# LIST[n]/Order: 1, 2, 3... The items are in `list`. Gives their number.
function ordered(list,   n) {
  for (n = 1; (list "[" n "]/Order") in fact; n++)
    if (fact[list "[" n "]/Order"] != n) problem(list "[" n "]/Order is " fact[list "[" n "]/Order"] ", not " n)
  return n - 1
}

function checkDisk(   disk, n, at, item, extended, type, format) {
  disk = PE "DiskConfiguration/Disk[1]/"
  must(disk "DiskID", 0, "there is no other disk")
  if ((PE "DiskConfiguration/Disk[2]/DiskID") in fact) problem("a second disk, which there is not")
  must(disk "WillWipeDisk", "true", "the disk is laid out anew")
  n = ordered(disk "CreatePartitions/CreatePartition")
  for (at = 1; at <= n; at++) {
    item = disk "CreatePartitions/CreatePartition[" at "]/"
    type[at] = fact[item "Type"]
    if (extended) problem(item "Order: nothing can follow a partition that takes the rest of the disk")
    if (fact[item "Extend"] == "true") extended = 1
    if ((fact[item "Size"] != "") == (fact[item "Extend"] == "true")) problem(item ": either Size or Extend")
  }
  if (type[1] != "EFI") problem("UEFI starts from an EFI partition, and the first one is '" type[1] "'")
  if (type[1] == "EFI" && fact[disk "CreatePartitions/CreatePartition[1]/Size"] + 0 < 100) problem("the EFI partition has less than 100 MB")
  if (type[2] != "MSR") problem("a GPT disk wants an MSR partition as its second, and not '" type[2] "'")
  n = ordered(disk "ModifyPartitions/ModifyPartition")
  for (at = 1; at <= n; at++) {
    item = disk "ModifyPartitions/ModifyPartition[" at "]/"
    format[fact[item "PartitionID"]] = fact[item "Format"]
    if (!(fact[item "PartitionID"] in type)) problem(item "PartitionID is " fact[item "PartitionID"] ", which is not created")
  }
  if (format[1] != "FAT32") problem("the EFI partition is formatted as '" format[1] "', not as FAT32")
  if ((2 in format) && type[2] == "MSR") problem("an MSR partition is not formatted")
  item = PE "ImageInstall/OSImage/InstallTo/"
  must(item "DiskID", 0, "there is no other disk")
  if (type[fact[item "PartitionID"]] != "Primary" || format[fact[item "PartitionID"]] != "NTFS")
    problem("Windows is to be installed to partition '" fact[item "PartitionID"] "', which is no primary one with NTFS")
}

function checkImage(   item, wanted) {
  item = PE "ImageInstall/OSImage/"
  must(item "InstallFrom/MetaData[1]/Key", "/IMAGE/INDEX", "names differ from medium to medium, and Setup asks")
  wanted = fact[item "InstallFrom/MetaData[1]/Value"]
  if (!(wanted in edition)) { problem("the medium has no image '" wanted "': Setup asks which one"); return }
  if (architecture[wanted] != "x64") problem("image " wanted " is for " architecture[wanted])
  if (order[item "InstallFrom/MetaData[1]/Key"] > order[item "InstallTo/DiskID"]) problem("InstallFrom has to stand before InstallTo")
  must(PE_LANGUAGE "SetupUILanguage/UILanguage", language[wanted], "Setup asks for a language that the medium has")
  must(PE_LANGUAGE "UILanguage", language[wanted], "Setup asks for a language that the medium has")
  must(LANGUAGE "UILanguage", language[wanted], "OOBE asks for a language that Windows has")
  must(PE "UserData/AcceptEula", "true", "Setup asks whether the licence is accepted")
  if (!((PE "UserData/ProductKey/WillShowUI") in fact)) problem("without UserData/ProductKey Setup asks for a key")
  if (edition[wanted] ~ /Eval$/ && (PE "UserData/ProductKey/Key") in fact) problem("an evaluation takes no product key")
}

function checkCommands(   n) {
  n = ordered(PE "RunSynchronous/RunSynchronousCommand")
  n = ordered(DEPLOYMENT "RunSynchronous/RunSynchronousCommand")
  if (ordered(SHELL "FirstLogonCommands/SynchronousCommand") == 0) problem("nothing is run at the first logon")
}

function checkUser(   user, account) {
  account = SHELL "UserAccounts/LocalAccounts/LocalAccount[1]/"
  user = fact[account "Name"]
  must(account "Group", "Administrators", "what is run at the first logon needs the rights")
  if (tolower(user) ~ /^(administrator|guest|defaultaccount|system|none|wdagutilityaccount)$/) problem("an account cannot be named '" user "'")
  if (tolower(user) == tolower(fact[SPECIALIZE "ComputerName"])) problem("computer and account are both named '" user "'")
  must(SHELL "AutoLogon/Enabled", "true", "nobody logs on")
  must(SHELL "AutoLogon/Username", user, "there is no such account")
  must(SHELL "AutoLogon/Password/Value", fact[account "Password/Value"], "the account has another password")
  must(SHELL "OOBE/HideEULAPage", "true", "OOBE asks")
  must(SHELL "OOBE/HideOnlineAccountScreens", "true", "OOBE asks")
  must(SHELL "OOBE/HideLocalAccountScreen", "true", "OOBE asks")
  if (!((SHELL "OOBE/ProtectYourPC") in fact)) problem("without ProtectYourPC OOBE asks")
}

END {
  if ("error" in fact) { problem("it is not well-formed: " fact["error"]); exit }
  must("/unattend@xmlns", "urn:schemas-microsoft-com:unattend", "Setup passes over the file")
  must("/unattend@xmlns:wcm", "http://schemas.microsoft.com/WMIConfig/2002/State", "Setup passes over lists")
  for (at = 1; at <= count; at++) { checkName(paths[at]); checkSetting(paths[at]) }
  for (each in passOf) if (!(("/unattend/settings[" each "]@pass") in fact)) problem("nothing for the pass " each)
  checkDisk()
  checkImage()
  checkCommands()
  checkUser()
}

; The Windows installer, made by `packaging/build.py installer`, which passes:
;   KIND                amd64-unicode or x86-unicode: of the setup program itself
;   VERSION, VERSION4   1.2.3 and 1.2.3.0
;   LIST_FOLDER         holds install.nsh and remove.nsh, one line a file, made from the frozen folder
;   SIZE_KB             what it takes on disk
;   OUTFILE, ICON, SIDE_PICTURE  and, for signed builds, SIGN: a command that signs the file named last
;
; Command line: /S silent, /ALLUSERS or /CURRENTUSER, /PROFILE=path-or-https-address, /ROLE=role,
; /PATH puts the folder on PATH, /D=folder (last, unquoted). Uninstall.exe: /S, /REMOVEREPORTS.
;
; Exit codes: 0 done, 1 cancelled, 2 stopped, 3 a newer version is installed, 4 the program is
; running and did not close, 5 files could not be written, 6 the profile or role cannot be used,
; 7 /ALLUSERS without administrator rights, 8 this Windows is too old or not 64-bit. What went
; wrong in a silent run stands in %TEMP%\natwizard-setup.log.

; older ones let any user of the computer put a library into the plugin folder of a setup that
; runs as SYSTEM, as in a roll-out (CVE-2025-43715)
!if ${NSIS_PACKEDVERSION} < 0x03011000
  !error "NSIS 3.11 or newer is needed"
!endif

Unicode true
Target ${KIND}
SetCompressor /SOLID lzma
; both programs carry the same modules: the window has to reach from the second back to the first
SetCompressorDictSize 32
ManifestDPIAware true
ManifestSupportedOS Win10

!include MUI2.nsh
!include nsDialogs.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include WordFunc.nsh
!include x64.nsh

!define APP "natwizard"
!define WINDOWED "natwizard-gui.exe"
!define CONSOLE "natwizard.exe"
!define OWN_KEY "Software\${APP}"
!define LISTED_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${APP}"
!define CLASSES "Software\Classes"
!define SETUP_SUFFIX ".natwizard"
!define SETUP_CLASS "natwizard.setup"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"
!define OLDEST_BUILD 17763 ; Windows 10 1809, as Qt 6 asks for
!define OLDEST_BUILD_ARM 22000 ; Windows 11: the first that runs x64 programs on ARM64
!define NEWER_INSTALLED 3
!define STILL_RUNNING 4
!define CANNOT_WRITE 5
!define BAD_PROFILE 6
!define NO_RIGHTS 7
!define WRONG_SYSTEM 8
!define CLOSING_TRIES 40 ; of 250 ms

Name "${APP}"
BrandingText "${APP} ${VERSION}"
OutFile "${OUTFILE}"
RequestExecutionLevel user ; per machine asks for more, and only then
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION4}"
VIFileVersion "${VERSION4}"
VIAddVersionKey ProductName "${APP}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "${APP} setup"
VIAddVersionKey CompanyName "${APP}"
VIAddVersionKey LegalCopyright "MIT licence"

!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"' = 0
  !finalize '${SIGN} "%1"' = 0
!endif

!include "${LIST_FOLDER}/install.nsh"
!include "${LIST_FOLDER}/remove.nsh"

Var Everyone     ; 1: for the whole computer
Var GivenProfile
Var GivenRole
Var Installed    ; the version that is there, or ""
Var Reason       ; what Fail tells
Var ReasonCode
Var Upgrading    ; 1: an older tree has been put aside
Var ForMe
Var ForAll
Var PathBox
Var OnPath       ; 1: the folder is to be on PATH
Var Other        ; the folder of an installation in the other mode, or ""
Var OtherVersion

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE_PICTURE}"
!define MUI_UNWELCOMEFINISHPAGE_BITMAP "${SIDE_PICTURE}"
!define MUI_CUSTOMFUNCTION_GUIINIT KeepButtonsInSight
!define MUI_CUSTOMFUNCTION_UNGUIINIT un.KeepButtonsInSight
!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TEXT "$(WELCOME)"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "LICENSE"
Page custom AskForWhom TakeForWhom
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE OwnFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_FUNCTION StartWizard
!define MUI_FINISHPAGE_RUN_TEXT "$(START_NOW)"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "Spanish"
!include "packaging/windows/installer-words.nsh"

; --- shared by installer and uninstaller

!macro Shared un

Function ${un}Choose ; the one registry hive and the folders of this mode
  SetRegView 64
  ${If} $Everyone == 1
    SetShellVarContext all
  ${Else}
    SetShellVarContext current
  ${EndIf}
FunctionEnd

; At 200 % on a small screen the window is taller than the screen: then its title is cut off, not
; the buttons at its bottom.
Function ${un}KeepButtonsInSight
  System::Call '*(i, i, i, i) p .r0'
  System::Call 'user32::SystemParametersInfoW(i 48, i 0, p r0, i 0)' ; SPI_GETWORKAREA
  System::Call '*$0(i, i .r1, i, i .r2)' ; top and bottom
  System::Call 'user32::GetWindowRect(p $HWNDPARENT, p r0)'
  System::Call '*$0(i .r3, i .r4, i, i .r5)' ; left, top, bottom
  System::Free $0
  IntOp $5 $5 - $4
  IntOp $6 $2 - $1
  ${If} $5 > $6
    IntOp $4 $2 - $5
    ; SWP_NOSIZE, SWP_NOZORDER
    System::Call 'user32::SetWindowPos(p $HWNDPARENT, p 0, i r3, i r4, i 0, i 0, i 5)'
  ${EndIf}
FunctionEnd

Function ${un}WriteLog
  FileOpen $0 "$TEMP\${APP}-setup.log" w
  FileWriteUTF16LE /BOM $0 "$Reason$\r$\n"
  FileClose $0
FunctionEnd

Function ${un}Fail ; $Reason and $ReasonCode; does not return
  ${If} ${Silent}
    Call ${un}WriteLog
  ${Else}
    MessageBox MB_OK|MB_ICONSTOP "$Reason"
  ${EndIf}
  SetErrorLevel $ReasonCode
  Quit
FunctionEnd

; $0: 1 if either program is running. Windows lets nobody write to a running program's file.
Function ${un}IsRunning
  StrCpy $0 0
  ${If} ${FileExists} "$INSTDIR\${WINDOWED}"
    ClearErrors
    FileOpen $1 "$INSTDIR\${WINDOWED}" a
    ${If} ${Errors}
      StrCpy $0 1
    ${Else}
      FileClose $1
    ${EndIf}
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\${CONSOLE}"
    ClearErrors
    FileOpen $1 "$INSTDIR\${CONSOLE}" a
    ${If} ${Errors}
      StrCpy $0 1
    ${Else}
      FileClose $1
    ${EndIf}
  ${EndIf}
  ClearErrors
FunctionEnd

; Asks the windows of this folder's programs to close, as their cross does. They are known by the
; programs: titles change with what a window shows.
Function ${un}AskToClose
  StrCpy $2 0
  ${For} $6 1 200 ; so many windows at most, counting those that are looked at again
    System::Call 'user32::FindWindowExW(p 0, p $2, p 0, p 0) p .r2'
    ${If} $2 P= 0
      ${Break}
    ${EndIf}
    System::Call 'user32::IsWindowVisible(p $2) i .r3'
    ${If} $3 <> 0
      System::Call 'user32::GetWindowThreadProcessId(p $2, *i .r4)'
      StrCpy $3 ""
      ; PROCESS_QUERY_LIMITED_INFORMATION
      System::Call 'kernel32::OpenProcess(i 0x1000, i 0, i r4) p .r4'
      ${If} $4 P<> 0
        System::Call 'kernel32::QueryFullProcessImageNameW(p r4, i 0, w .r3, *i ${NSIS_MAX_STRLEN})'
        System::Call 'kernel32::CloseHandle(p r4)'
      ${EndIf}
      ${If} $3 == "$INSTDIR\${WINDOWED}"
      ${OrIf} $3 == "$INSTDIR\${CONSOLE}" ; opens the window, too
        SendMessage $2 ${WM_CLOSE} 0 0 /TIMEOUT=2000
        System::Call 'user32::IsWindow(p $2) i .r3'
        ${If} $3 = 0
          StrCpy $2 0 ; gone: nothing comes after it, so from the first again
        ${EndIf}
      ${EndIf}
    ${EndIf}
  ${Next}
FunctionEnd

Function ${un}CloseProgram
  ${Do}
    Call ${un}IsRunning
    ${If} $0 == 0
      Return
    ${EndIf}
    Call ${un}AskToClose
    ${For} $5 1 ${CLOSING_TRIES}
      Sleep 250
      Call ${un}IsRunning
      ${If} $0 == 0
        Return
      ${EndIf}
    ${Next}
    ${If} ${Silent}
      ${Break}
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(PLEASE_CLOSE)" IDRETRY +3
    SetErrorLevel ${STILL_RUNNING}
    Quit
  ${Loop}
  StrCpy $Reason "$(PLEASE_CLOSE)"
  StrCpy $ReasonCode ${STILL_RUNNING}
  Call ${un}Fail
FunctionEnd

!macroend
!insertmacro Shared ""
!insertmacro Shared "un."
!include "packaging/windows/files-in-use.nsh"
!include "packaging/windows/path.nsh"

!macro IsAdministrator result
  UserInfo::GetAccountType
  Pop ${result}
!macroend

; --- before the first page

Function .onInit
  StrCpy $R0 ${OLDEST_BUILD}
  ${If} ${IsNativeARM64}
    StrCpy $R0 ${OLDEST_BUILD_ARM}
  ${EndIf}
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastBuild} $R0
    StrCpy $Reason "$(NEEDS_WINDOWS_10)"
    StrCpy $ReasonCode ${WRONG_SYSTEM}
    Call Fail
  ${EndIf}
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/PROFILE=" $GivenProfile
  ; quoted as a whole it is not seen: better no installation than one without its profile
  ${WordReplace} $R0 "/PROFILE=" "" "+" $R1
  ${If} $R1 != $R0
  ${AndIf} $GivenProfile == ""
    StrCpy $Reason "$(CANNOT_USE_PROFILE) /PROFILE=$\"...$\""
    StrCpy $ReasonCode ${BAD_PROFILE}
    Call Fail
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/ROLE=" $GivenRole
  StrCpy $OnPath 0
  ClearErrors
  ${GetOptions} $R0 "/PATH" $R1
  ${IfNot} ${Errors}
    StrCpy $OnPath 1
  ${EndIf}
  StrCpy $Everyone 0
  ClearErrors
  ${GetOptions} $R0 "/ALLUSERS" $R1
  ${IfNot} ${Errors}
    StrCpy $Everyone 1
  ${EndIf}
  ; SYSTEM and services have folders below Windows' own, which nobody ever looks into: a roll-out
  ; that forgot /ALLUSERS would end well, and no person would find the program
  StrLen $R1 "$WINDIR\"
  StrCpy $R1 $LOCALAPPDATA $R1
  ${If} $R1 == "$WINDIR\"
    StrCpy $Everyone 1
  ${EndIf}
  ${If} $Everyone == 1
    !insertmacro IsAdministrator $R1
    ${If} $R1 != "Admin"
      StrCpy $Reason "$(NEEDS_ADMINISTRATOR)"
      StrCpy $ReasonCode ${NO_RIGHTS}
      Call Fail
    ${EndIf}
  ${EndIf}
  ClearErrors
  Call Choose
  Call LookAround
FunctionEnd

; What is installed in this mode, and where: an upgrade goes to the same folder.
Function LookAround
  ReadRegStr $Installed SHCTX "${LISTED_KEY}" "DisplayVersion"
  ReadRegStr $R1 SHCTX "${OWN_KEY}" "InstallDir"
  ; a registry that came along from another computer (roaming profiles) speaks of a folder that is
  ; not here, as it does where somebody deleted it by hand
  ${If} $R1 == ""
  ${OrIfNot} ${FileExists} "$R1\${CONSOLE}"
  ${AndIfNot} ${FileExists} "$R1\${CONSOLE}.old" ; of an upgrade that was cut off
    StrCpy $Installed ""
    StrCpy $R1 ""
  ${EndIf}
  ${If} $INSTDIR == "" ; else /D= said where
    StrCpy $INSTDIR $R1
  ${EndIf}
  ${If} $INSTDIR == ""
    ${If} $Everyone == 1
      StrCpy $INSTDIR "$PROGRAMFILES64\${APP}"
    ${Else}
      StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${APP}"
    ${EndIf}
  ${EndIf}
  ${If} $Installed != ""
    ${VersionCompare} $Installed ${VERSION} $R0
    ${If} $R0 == 1
      StrCpy $Reason "$(NEWER_IS_INSTALLED)"
      StrCpy $ReasonCode ${NEWER_INSTALLED}
      Call Fail
    ${EndIf}
  ${EndIf}
  ReadRegDWORD $R0 SHCTX "${OWN_KEY}" "OnPath"
  ${If} $R0 == 1
    StrCpy $OnPath 1 ; an upgrade keeps what was chosen
  ${EndIf}
  Call FindOther
  ClearErrors
FunctionEnd

; An installation in the other mode: for everyone while this is for one person, or the reverse.
Function FindOther
  ${If} $Everyone == 1
    ReadRegStr $Other HKCU "${OWN_KEY}" "InstallDir"
    ReadRegStr $OtherVersion HKCU "${OWN_KEY}" "Version"
  ${Else}
    ReadRegStr $Other HKLM "${OWN_KEY}" "InstallDir"
    ReadRegStr $OtherVersion HKLM "${OWN_KEY}" "Version"
  ${EndIf}
  ${IfNot} ${FileExists} "$Other\${CONSOLE}" ; the folder was deleted by hand
    StrCpy $Other ""
  ${EndIf}
  ClearErrors
FunctionEnd

Function AskForWhom
  !insertmacro MUI_HEADER_TEXT "$(FOR_WHOM)" "$(FOR_WHOM_WHY)"
  nsDialogs::Create 1018
  Pop $R0
  ${NSD_CreateRadioButton} 0 20u 100% 12u "$(ONLY_FOR_ME)"
  Pop $ForMe
  ${NSD_CreateRadioButton} 0 40u 100% 12u "$(FOR_EVERYONE)"
  Pop $ForAll
  ${If} $Everyone == 1
    ${NSD_Check} $ForAll
  ${Else}
    ${NSD_Check} $ForMe
  ${EndIf}
  ${NSD_CreateCheckBox} 0 66u 100% 12u "$(ON_PATH)"
  Pop $PathBox
  ${If} $OnPath == 1
    ${NSD_Check} $PathBox
  ${EndIf}
  ${If} $Other != ""
    ${If} $Everyone == 1
      StrCpy $R0 "$(OTHER_IS_MINE)"
    ${Else}
      StrCpy $R0 "$(OTHER_IS_EVERYONES)"
    ${EndIf}
    ${NSD_CreateLabel} 0 86u 100% 48u "$R0"
    Pop $R1
  ${EndIf}
  nsDialogs::Show
FunctionEnd

Function TakeForWhom
  ${NSD_GetState} $PathBox $OnPath
  ${NSD_GetState} $ForAll $R0
  ${If} $R0 == $Everyone
    Return
  ${EndIf}
  !insertmacro IsAdministrator $R1
  ${If} $R0 == 1
  ${AndIf} $R1 != "Admin"
    ; Windows asks for the administrator, then this one makes way
    ${GetParameters} $R2
    ${If} $OnPath == 1
      StrCpy $R2 "/PATH $R2"
    ${EndIf}
    ClearErrors
    ExecShell "runas" "$EXEPATH" "/ALLUSERS $R2"
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(NEEDS_ADMINISTRATOR)"
      Abort
    ${EndIf}
    Quit
  ${EndIf}
  StrCpy $Everyone $R0
  StrCpy $INSTDIR ""
  Call Choose
  Call LookAround
  ${If} $Other != "" ; the page is shown again, and says so
    Abort
  ${EndIf}
FunctionEnd

; Nobody wants a hundred files among their own: a folder that is not ours gets one inside it.
Function OwnFolder
  ${If} ${FileExists} "$INSTDIR\*.*"
  ${AndIfNot} ${FileExists} "$INSTDIR\${CONSOLE}"
    StrCpy $INSTDIR "$INSTDIR\${APP}"
  ${EndIf}
FunctionEnd

; --- installing

Section "-program"
  Call CloseProgram
  Call RequireFree
  Call RequireRoom
  Call PutAside
  ClearErrors
  SetOverwrite try
  !insertmacro InstallFiles
  ${If} ${Errors}
    StrCpy $Reason "$(CANNOT_WRITE_FILES)"
    StrCpy $ReasonCode ${CANNOT_WRITE}
    Call PutBack
    Call Fail
  ${EndIf}
  Call AdoptProfile
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  Call PutInMenu
  Call Register
  ${If} $OnPath == 1
    Call AddToPath
  ${EndIf}
  Call ForgetOld
  ${If} ${Silent}
  ${AndIf} $Other != ""
    ${If} $Everyone == 1
      StrCpy $Reason "$(OTHER_IS_MINE)"
    ${Else}
      StrCpy $Reason "$(OTHER_IS_EVERYONES)"
    ${EndIf}
    Call WriteLog
  ${EndIf}
SectionEnd

; Two of one name in the start menu would be one riddle.
Function PutInMenu
  ReadRegStr $R0 SHCTX "${OWN_KEY}" "Shortcut"
  Delete "$SMPROGRAMS\$R0"
  StrCpy $R0 "${APP}.lnk"
  ${If} $Everyone == 0
  ${AndIf} $Other != ""
    StrCpy $R0 "${APP} $(FOR_ME_ALONE).lnk"
  ${EndIf}
  CreateShortCut "$SMPROGRAMS\$R0" "$INSTDIR\${WINDOWED}"
  WriteRegStr SHCTX "${OWN_KEY}" "Shortcut" "$R0" ; removal may speak another language
FunctionEnd

; An elevated setup has the desktop's own Explorer start it, with the rights of whoever sits there:
; the wizard opens files and a browser, and reports belong to that person.
Function StartWizard
  !insertmacro IsAdministrator $R1
  ${If} $R1 == "Admin"
    Exec '"$WINDIR\explorer.exe" "$INSTDIR\${WINDOWED}"'
  ${Else}
    Exec '"$INSTDIR\${WINDOWED}"'
  ${EndIf}
FunctionEnd

Function .onInstFailed ; a full disk ends here, after a message of NSIS's own
  Call PutBack
  ${If} ${Silent}
    StrCpy $Reason "$(CANNOT_WRITE_FILES)"
    Call WriteLog
  ${EndIf}
  SetErrorLevel ${CANNOT_WRITE}
FunctionEnd

Function RequireRoom
  CreateDirectory "$INSTDIR"
  ${GetRoot} "$INSTDIR" $R0
  ; asked of the folder, not the drive: quotas and mounted folders differ
  System::Call 'kernel32::GetDiskFreeSpaceExW(w "$INSTDIR", *l .r1, p 0, p 0) i .r0'
  ${If} $0 != 0
    System::Int64Op $1 / 1024
    Pop $1
    System::Int64Op $1 < ${SIZE_KB}
    Pop $2
    ${If} $2 == 1
      StrCpy $Reason "$(NO_ROOM)"
      StrCpy $ReasonCode ${CANNOT_WRITE}
      RMDir "$INSTDIR"
      Call Fail
    ${EndIf}
  ${EndIf}
  ClearErrors
FunctionEnd

!macro Aside name
  ${If} ${FileExists} "$INSTDIR\${name}"
    Rename "$INSTDIR\${name}" "$INSTDIR\${name}.old"
  ${EndIf}
!macroend

!macro Back name
  Rename "$INSTDIR\${name}.old" "$INSTDIR\${name}"
!macroend

!macro Forget name
  Delete "$INSTDIR\${name}.old"
!macroend

; The old tree steps aside until the new one stands.
Function PutAside
  StrCpy $Upgrading 0
  Call RemoveOldTree ; of an upgrade that was cut off
  !insertmacro EachFileOnTop Forget
  ${IfNot} ${FileExists} "$INSTDIR\_internal\*.*"
    Return
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\_internal.old\*.*" ; somebody else's files: nothing of ours is left
    StrCpy $5 1
    ${DoWhile} ${FileExists} "$INSTDIR\_internal.kept$5\*.*"
      IntOp $5 $5 + 1
    ${Loop}
    Rename "$INSTDIR\_internal.old" "$INSTDIR\_internal.kept$5"
  ${EndIf}
  ClearErrors
  Rename "$INSTDIR\_internal" "$INSTDIR\_internal.old"
  ${IfNot} ${Errors}
    !insertmacro EachFileOnTop Aside
    ${IfNot} ${Errors}
      StrCpy $Upgrading 1
      Return
    ${EndIf}
    Call BringBack
  ${EndIf}
  StrCpy $Reason "$(CANNOT_WRITE_FILES)"
  StrCpy $ReasonCode ${CANNOT_WRITE}
  Call Fail
FunctionEnd

Function BringBack
  ClearErrors
  Rename "$INSTDIR\_internal.old" "$INSTDIR\_internal"
  ${IfNot} ${Errors}
    !insertmacro EachFileOnTop Back
  ${EndIf}
FunctionEnd

Function PutBack
  SetOutPath "$TEMP"
  ${For} $5 1 ${HELD_TRIES} ; a virus scanner may be looking at the new files
    !insertmacro RemoveFiles
    !insertmacro RemoveFolders
    ${If} $Upgrading == 0
      RMDir "$INSTDIR"
    ${Else}
      Call BringBack
    ${EndIf}
    ${IfNot} ${FileExists} "$INSTDIR\_internal.old\*.*"
      Return
    ${EndIf}
    Sleep 250
  ${Next}
FunctionEnd

Function ForgetOld
  ${If} $Upgrading == 1
    Call RemoveOldTree
    !insertmacro EachFileOnTop Forget
  ${EndIf}
FunctionEnd

; The files that the old version listed, and the folders that are empty then; nothing else.
Function RemoveOldTree
  ClearErrors
  FileOpen $0 "$INSTDIR\_internal.old\${LIST}" r
  ${If} ${Errors}
    ClearErrors
    Return
  ${EndIf}
  ${Do}
    Call ReadListed
    ${If} $2 == "F "
      Delete "$INSTDIR\_internal.old\$1"
    ${ElseIf} $2 == "D "
      RMDir "$INSTDIR\_internal.old\$1"
    ${EndIf}
  ${LoopUntil} $2 == ""
  FileClose $0
  Delete "$INSTDIR\_internal.old\${LIST}"
  RMDir "$INSTDIR\_internal.old"
  ClearErrors
FunctionEnd

; The program itself reads, checks and writes it: it knows what a profile is.
Function AdoptProfile
  ${If} $GivenProfile == ""
  ${AndIf} $Everyone == 0 ; the reverse would let one person decide for all
  ${AndIf} $Other != ""
  ${AndIf} ${FileExists} "$Other\${APP}.toml"
  ${AndIfNot} ${FileExists} "$INSTDIR\${APP}.toml"
    StrCpy $GivenProfile "$Other\${APP}.toml" ; the administrator's
  ${EndIf}
  ${If} "$GivenProfile$GivenRole" == ""
    Return
  ${EndIf}
  StrCpy $R1 ""
  ${If} $GivenProfile != ""
    StrCpy $R0 $GivenProfile
    ${If} ${FileExists} "$EXEDIR\$GivenProfile"
      StrCpy $R0 "$EXEDIR\$GivenProfile"
    ${EndIf}
    StrCpy $R1 '"$R0"'
  ${ElseIf} ${FileExists} "$INSTDIR\${APP}.toml"
    StrCpy $R1 '"$INSTDIR\${APP}.toml"' ; a new role for the profile that is there
  ${EndIf}
  ${If} $GivenRole != ""
    StrCpy $R1 '$R1 --role "$GivenRole"'
  ${EndIf}
  nsExec::ExecToStack '"$INSTDIR\${CONSOLE}" profile adopt $R1 --to "$INSTDIR\${APP}.toml"'
  Pop $R2
  Pop $R3
  ${If} $R2 != 0
    Call ReadAsUtf8
    StrCpy $Reason "$(CANNOT_USE_PROFILE)$\r$\n$R3"
    StrCpy $ReasonCode ${BAD_PROFILE}
    Call PutBack
    Call Fail
  ${EndIf}
  WriteRegDWORD SHCTX "${OWN_KEY}" "ProfileInstalled" 1
FunctionEnd

; $R3: the program writes UTF-8, and nsExec takes that for letters of Windows' code page. Those of
; Western and Central Europe give every byte back.
Function ReadAsUtf8
  StrCpy $2 ${NSIS_MAX_STRLEN}
  System::Alloc $2
  Pop $1
  ; CP_ACP; CP_UTF8
  System::Call 'kernel32::WideCharToMultiByte(i 0, i 0, w R3, i -1, p r1, i r2, p 0, p 0) i .r0'
  ${If} $0 <> 0
    System::Call 'kernel32::MultiByteToWideChar(i 65001, i 0, p r1, i -1, w .R3, i r2)'
  ${EndIf}
  System::Free $1
FunctionEnd

Function Register
  WriteRegStr SHCTX "${OWN_KEY}" "InstallDir" "$INSTDIR"
  WriteRegStr SHCTX "${OWN_KEY}" "Version" "${VERSION}"
  WriteRegStr SHCTX "${LISTED_KEY}" "DisplayName" "${APP}"
  WriteRegStr SHCTX "${LISTED_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${LISTED_KEY}" "DisplayIcon" "$INSTDIR\${WINDOWED}"
  WriteRegStr SHCTX "${LISTED_KEY}" "Publisher" "${APP}"
  WriteRegStr SHCTX "${LISTED_KEY}" "Comments" "$(WHAT_IT_IS)"
  WriteRegStr SHCTX "${LISTED_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${LISTED_KEY}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr SHCTX "${LISTED_KEY}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  WriteRegStr SHCTX "${APP_PATHS}\${CONSOLE}" "" "$INSTDIR\${CONSOLE}"
  WriteRegStr SHCTX "${APP_PATHS}\${WINDOWED}" "" "$INSTDIR\${WINDOWED}"
  ; a set-up file opens the wizard, which asks before it uses it
  WriteRegStr SHCTX "${CLASSES}\${SETUP_SUFFIX}" "" "${SETUP_CLASS}"
  WriteRegStr SHCTX "${CLASSES}\${SETUP_CLASS}" "" "$(SETUP_FILE)"
  WriteRegStr SHCTX "${CLASSES}\${SETUP_CLASS}\DefaultIcon" "" "$INSTDIR\${WINDOWED},0"
  WriteRegStr SHCTX "${CLASSES}\${SETUP_CLASS}\shell\open\command" "" '"$INSTDIR\${WINDOWED}" "%1"'
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)' ; SHCNE_ASSOCCHANGED
  ${GetTime} "" "L" $0 $1 $2 $3 $4 $5 $6
  WriteRegStr SHCTX "${LISTED_KEY}" "InstallDate" "$2$1$0"
  WriteRegDWORD SHCTX "${LISTED_KEY}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD SHCTX "${LISTED_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${LISTED_KEY}" "NoRepair" 1 ; starting the installer again repairs
FunctionEnd

; --- removing

Function un.onInit
  SetRegView 64
  StrCpy $Everyone 0
  SetShellVarContext all
  ReadRegStr $R0 SHCTX "${OWN_KEY}" "InstallDir"
  ${If} $R0 == $INSTDIR
    StrCpy $Everyone 1
    !insertmacro IsAdministrator $R1
    ${If} $R1 != "Admin"
      ${If} ${Silent}
        StrCpy $Reason "$(NEEDS_ADMINISTRATOR)"
        StrCpy $ReasonCode ${NO_RIGHTS}
        Call un.Fail
      ${EndIf}
      ExecShell "runas" "$INSTDIR\Uninstall.exe"
      Quit
    ${EndIf}
  ${EndIf}
  Call un.Choose
FunctionEnd

Section "Uninstall"
  Call un.CloseProgram
  ${For} $R1 1 3
    Call un.RequireFree
    ClearErrors
    !insertmacro RemoveFiles
    ${IfNot} ${Errors}
      ${Break}
    ${EndIf}
  ${Next}
  !insertmacro RemoveFolders
  ReadRegDWORD $R0 SHCTX "${OWN_KEY}" "ProfileInstalled"
  ${If} $R0 == 1
    Delete "$INSTDIR\${APP}.toml"
  ${EndIf}
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR" ; only if nothing of anybody else's is left in it
  ReadRegStr $R0 SHCTX "${OWN_KEY}" "Shortcut"
  Delete "$SMPROGRAMS\$R0"
  ReadRegDWORD $R0 SHCTX "${OWN_KEY}" "OnPath"
  ${If} $R0 == 1
    Call un.RemoveFromPath
  ${EndIf}
  ReadRegStr $R0 SHCTX "${CLASSES}\${SETUP_SUFFIX}" ""
  ${If} $R0 == "${SETUP_CLASS}" ; it may be another program's by now
    DeleteRegValue SHCTX "${CLASSES}\${SETUP_SUFFIX}" ""
    DeleteRegKey /ifempty SHCTX "${CLASSES}\${SETUP_SUFFIX}"
  ${EndIf}
  DeleteRegKey SHCTX "${CLASSES}\${SETUP_CLASS}"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)' ; SHCNE_ASSOCCHANGED
  DeleteRegKey SHCTX "${APP_PATHS}\${CONSOLE}"
  DeleteRegKey SHCTX "${APP_PATHS}\${WINDOWED}"
  DeleteRegKey SHCTX "${LISTED_KEY}"
  Call un.Unregister
  Call un.RemoveOwnData
SectionEnd

; The key also holds what the window keeps of a person, and the last run's outcome for inventories:
; they stay where a copy for everyone does.
Function un.Unregister
  ReadRegStr $R0 HKLM "${OWN_KEY}" "InstallDir"
  ${If} $Everyone == 0
  ${AndIf} $R0 != ""
  ${AndIf} ${FileExists} "$R0\${CONSOLE}"
    DeleteRegValue HKCU "${OWN_KEY}" "InstallDir"
    DeleteRegValue HKCU "${OWN_KEY}" "Version"
    DeleteRegValue HKCU "${OWN_KEY}" "Shortcut"
    DeleteRegValue HKCU "${OWN_KEY}" "ProfileInstalled"
    DeleteRegValue HKCU "${OWN_KEY}" "OnPath"
    DeleteRegKey /ifempty HKCU "${OWN_KEY}"
  ${Else}
    DeleteRegKey SHCTX "${OWN_KEY}"
  ${EndIf}
FunctionEnd

!macro RemoveOutbox name ; results that wait to be sent: natwizard/share/outbox.py
  Delete "$LOCALAPPDATA\${APP}\outbox\${name}\*.json"
  Delete "$LOCALAPPDATA\${APP}\outbox\${name}\not-before"
  Delete "$LOCALAPPDATA\${APP}\outbox\${name}\lock"
  RMDir "$LOCALAPPDATA\${APP}\outbox\${name}"
!macroend

; Reports, plans and settings belong to the person: they go only if asked for.
Function un.RemoveOwnData
  SetShellVarContext current
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/REMOVEREPORTS" $R1
  ${If} ${Errors}
    ${IfNot} ${FileExists} "$LOCALAPPDATA\${APP}\*.*"
      Return
    ${EndIf}
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(REMOVE_REPORTS)" /SD IDNO IDYES +2
    Return
  ${EndIf}
  Delete "$LOCALAPPDATA\${APP}\reports\*.json"
  RMDir "$LOCALAPPDATA\${APP}\reports"
  !insertmacro RemoveOutbox "folder"
  !insertmacro RemoveOutbox "otlp"
  RMDir "$LOCALAPPDATA\${APP}\outbox"
  Delete "$LOCALAPPDATA\${APP}\planner.json"
  Delete "$LOCALAPPDATA\${APP}\seat-id"
  Delete "$LOCALAPPDATA\${APP}\${APP}.toml"
  Delete "$LOCALAPPDATA\${APP}\Cache\*.json"
  RMDir "$LOCALAPPDATA\${APP}\Cache"
  RMDir "$LOCALAPPDATA\${APP}"
  DeleteRegKey HKCU "${OWN_KEY}\${APP}" ; the window's settings
  DeleteRegKey HKCU "${OWN_KEY}\LastRun"
  DeleteRegKey /ifempty HKCU "${OWN_KEY}"
  Call un.Choose
FunctionEnd

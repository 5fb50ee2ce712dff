; Looks whether every installed file can be replaced or removed, before anything is touched.
; Windows refuses both for a file that another program holds, and one refused in the middle would
; leave half a program. `RequireFree` returns only if all are free; `ReadListed` reads the list of
; installed files, which lies below _internal.

!define HELD_TRIES 12 ; of 250 ms: virus scanners let go of a file by then
!define LIST "installed-files.txt"

Var Held ; the first of our files that another program will not let go of, or ""

!macro EachFileOnTop do ; all that lies beside _internal, but for the uninstaller, which comes last
  !insertmacro ${do} "${WINDOWED}"
  !insertmacro ${do} "${CONSOLE}"
  !insertmacro ${do} "NOTICE.txt"
  !insertmacro ${do} "LICENSE.txt"
!macroend

!macro Try name
  ${If} $Held == ""
    StrCpy $1 "${name}"
    Call TryFile
  ${EndIf}
!macroend

!macro Tryun. name
  ${If} $Held == ""
    StrCpy $1 "${name}"
    Call un.TryFile
  ${EndIf}
!macroend

!macro InUse un

; Sets $Held if the file $1 cannot be written and deleted. A library that another program has
; loaded denies the first, a file that one has open mostly the second.
Function ${un}TryFile
  StrCpy $3 "$INSTDIR\$1"
  ${IfNot} ${FileExists} $3
    Return
  ${EndIf}
  ; GENERIC_WRITE and DELETE; all sharing allowed; OPEN_EXISTING
  System::Call 'kernel32::CreateFileW(w r3, i 0x40010000, i 7, p 0, i 3, i 0, p 0) p .r4'
  ${If} $4 P= -1
    StrCpy $Held $1
  ${Else}
    System::Call 'kernel32::CloseHandle(p r4)'
  ${EndIf}
FunctionEnd

Function ${un}FindHeld
  StrCpy $Held ""
  !insertmacro EachFileOnTop Try${un}
  !if "${un}" == "" ; the uninstaller holds its own file
    !insertmacro Try "Uninstall.exe"
  !endif
  ${If} $Held != ""
  ${OrIfNot} ${FileExists} "$INSTDIR\_internal\${LIST}"
    Return
  ${EndIf}
  ClearErrors
  FileOpen $0 "$INSTDIR\_internal\${LIST}" r
  ${If} ${Errors}
    StrCpy $Held "_internal\${LIST}"
    Return
  ${EndIf}
  ${Do}
    Call ${un}ReadListed
    ${If} $2 == ""
      ${Break}
    ${ElseIf} $2 == "F "
    ${AndIf} $1 != "${LIST}" ; open here
      StrCpy $1 "_internal\$1"
      Call ${un}TryFile
    ${EndIf}
  ${LoopUntil} $Held != ""
  FileClose $0
  ${If} $Held == ""
    StrCpy $1 "_internal\${LIST}"
    Call ${un}TryFile
  ${EndIf}
  ClearErrors
FunctionEnd

; The next line of the list open as $0: $2 "F " for a file or "D " for a folder, $1 its name
; below _internal. At the end $2 is "".
Function ${un}ReadListed
  StrCpy $2 ""
  ClearErrors
  FileRead $0 $1
  ${If} ${Errors}
    Return
  ${EndIf}
  ${WordReplace} $1 "$\r" "" "+" $1
  ${WordReplace} $1 "$\n" "" "+" $1
  StrCpy $2 $1 2
  StrCpy $1 $1 "" 2
FunctionEnd

; Before anything is touched: every file of ours must be free, or nothing is changed.
Function ${un}RequireFree
  ${Do}
    ${For} $5 1 ${HELD_TRIES}
      Call ${un}FindHeld
      ${If} $Held == ""
        Return
      ${EndIf}
      Sleep 250
    ${Next}
    ${If} ${Silent}
      ${Break}
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(FILE_IN_USE)" IDRETRY +3
    SetErrorLevel ${CANNOT_WRITE}
    Quit
  ${Loop}
  StrCpy $Reason "$(FILE_IN_USE)"
  StrCpy $ReasonCode ${CANNOT_WRITE}
  Call ${un}Fail
FunctionEnd

!macroend
!insertmacro InUse ""
!insertmacro InUse "un."

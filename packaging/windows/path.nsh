; Puts the program's folder on PATH and takes it off again: the person's, or the computer's.
; PATH may be far longer than a string of NSIS (1,024 letters; what is cut off there would be lost
; for every program), so it never becomes one: Windows' own functions work on it in memory.

!define EXPANDED_TEXT 2 ; REG_EXPAND_SZ

!macro PathFunctions un

; In memory: $3 the open key, $4 its value's type, $6 ";" PATH ";" with room for one more folder,
; $7 where ";folder;" stands in it, or 0. $0 is 0 if PATH could be read or is not there yet.
Function ${un}ReadPath
  ${If} $Everyone == 1
    StrCpy $1 0x80000002 ; HKEY_LOCAL_MACHINE
    StrCpy $2 "SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
  ${Else}
    StrCpy $1 0x80000001 ; HKEY_CURRENT_USER
    StrCpy $2 "Environment"
  ${EndIf}
  ; KEY_QUERY_VALUE, KEY_SET_VALUE
  System::Call 'advapi32::RegOpenKeyExW(p r1, w r2, i 0, i 3, *p .r3) i .r0'
  ${If} $0 != 0
    Return
  ${EndIf}
  System::Call 'advapi32::RegQueryValueExW(p r3, w "Path", p 0, *i .r4, p 0, *i .r5) i .r0'
  ${If} $0 == 2 ; ERROR_FILE_NOT_FOUND: this person has none yet
    StrCpy $4 ${EXPANDED_TEXT}
    StrCpy $5 0
  ${ElseIf} $0 != 0
    System::Call 'advapi32::RegCloseKey(p r3)'
    Return
  ${EndIf}
  StrLen $1 $INSTDIR
  IntOp $1 $1 * 2
  IntOp $1 $1 + $5
  IntOp $1 $1 + 16 ; two semicolons and an end, also where the value has none of its own
  System::Alloc $1 ; filled with zeros
  Pop $6
  System::Call 'kernel32::lstrcpyW(p r6, w ";")'
  ${If} $5 > 0
    IntPtrOp $1 $6 + 2
    System::Call 'advapi32::RegQueryValueExW(p r3, w "Path", p 0, p 0, p r1, *i r5r5) i .r0'
    ${If} $0 != 0
      System::Free $6
      System::Call 'advapi32::RegCloseKey(p r3)'
      Return
    ${EndIf}
  ${EndIf}
  System::Call 'kernel32::lstrcatW(p r6, w ";")'
  System::Call 'shlwapi::StrStrIW(p r6, w ";$INSTDIR;") p .r7'
  StrCpy $0 0
FunctionEnd

; Writes what stands from $1 on, tells running programs, lets go of everything.
Function ${un}WritePath
  System::Call 'kernel32::lstrlenW(p r1) i .r2'
  IntOp $2 $2 + 1
  IntOp $2 $2 * 2
  System::Call 'advapi32::RegSetValueExW(p r3, w "Path", i 0, i r4, p r1, i r2) i .r0'
  Call ${un}LeavePath
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
FunctionEnd

Function ${un}LeavePath
  System::Free $6
  System::Call 'advapi32::RegCloseKey(p r3)'
FunctionEnd

!macroend
!insertmacro PathFunctions ""
!insertmacro PathFunctions "un."

Function AddToPath
  ; in a folder that others may write to, a program on everybody's PATH is a trap for all
  ${If} $Everyone == 1
    StrLen $1 "$PROGRAMFILES64\"
    StrCpy $1 $INSTDIR $1
    ${If} $1 != "$PROGRAMFILES64\"
      Return
    ${EndIf}
  ${EndIf}
  Call ReadPath
  ${If} $0 != 0
    Return
  ${EndIf}
  ${If} $7 P<> 0 ; it is on it; whether by us stands in our own key
    Call LeavePath
    Return
  ${EndIf}
  IntPtrOp $1 $6 + 2 ; without the first semicolon
  ${If} $5 < 4 ; there was nothing, or an empty text: then without the second one, too
    IntPtrOp $1 $1 + 2
  ${EndIf}
  System::Call 'kernel32::lstrcatW(p r6, w "$INSTDIR")'
  Call WritePath
  ${If} $0 == 0
    WriteRegDWORD SHCTX "${OWN_KEY}" "OnPath" 1
  ${EndIf}
FunctionEnd

Function un.RemoveFromPath
  Call un.ReadPath
  ${If} $0 != 0
    Return
  ${EndIf}
  ${If} $7 P= 0
    Call un.LeavePath
    Return
  ${EndIf}
  StrLen $1 ";$INSTDIR"
  IntOp $1 $1 * 2
  IntPtrOp $1 $7 + $1 ; what comes behind it moves forward, with its end
  System::Call 'kernel32::lstrlenW(p r1) i .r2'
  IntOp $2 $2 + 1
  IntOp $2 $2 * 2
  System::Call 'ntdll::RtlMoveMemory(p r7, p r1, p r2)'
  ; the semicolons that we put around it
  System::Call 'kernel32::lstrlenW(p r6) i .r2'
  IntOp $2 $2 - 1
  IntOp $2 $2 * 2
  IntPtrOp $1 $6 + $2
  System::Call '*$1(&i2 0)'
  IntPtrOp $1 $6 + 2
  Call un.WritePath
FunctionEnd

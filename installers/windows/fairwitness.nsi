; UNTESTED on Windows: it was only built, with a stand-in for the program. See docs/installing.md.
; SPDX-License-Identifier: Apache-2.0
; For one person without administrator's rights; silent with /S. Built by pack.sh, which gives VERSION, FROZEN and OUT.
Unicode true
Target amd64-unicode
Name "Fair Witness"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Fair Witness"
RequestExecutionLevel user
SetCompressor /SOLID lzma
ShowInstDetails nevershow
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Fair Witness"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Fair Witness"
VIAddVersionKey "LegalCopyright" "Apache-2.0"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Fair Witness"

Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Section
  SetOutPath "$INSTDIR"
  ; the program of an earlier version, whole; what a person recorded lies elsewhere
  RMDir /r "$INSTDIR\_internal"
  File /r "${FROZEN}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Fair Witness.lnk" "$INSTDIR\fairwitnessw.exe" "tray"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "fairwitness" '"$INSTDIR\fairwitnessw.exe" tray'
  WriteRegStr HKCU "Software\Classes\fairwitness" "" "URL:Fair Witness"
  WriteRegStr HKCU "Software\Classes\fairwitness" "URL Protocol" ""
  WriteRegStr HKCU "Software\Classes\fairwitness\shell\open\command" "" '"$INSTDIR\fairwitnessw.exe" enroll "%1"'
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Fair Witness"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
SectionEnd

Section "Uninstall"
  Delete "$SMPROGRAMS\Fair Witness.lnk"
  DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "fairwitness"
  DeleteRegKey HKCU "Software\Classes\fairwitness"
  DeleteRegKey HKCU "${UNINSTALL}"
  Delete "$INSTDIR\uninstall.exe"
  Delete "$INSTDIR\fairwitness.exe"
  Delete "$INSTDIR\fairwitnessw.exe"
  RMDir /r "$INSTDIR\_internal"
  RMDir "$INSTDIR"
SectionEnd

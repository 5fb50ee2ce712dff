#!/bin/bash
# Installs the app from its disk image, self-tests what was installed, removes it, and looks for
# leftovers: prove-dmg.sh FILE.dmg   (on a macOS machine where that does no harm)
set -euo pipefail
image=$1
here=$(cd "$(dirname "$0")" && pwd)
app=/Applications/natwizard.app
test ! -e "$app"
mounted=$(mktemp -d)
hdiutil attach "$image" -mountpoint "$mounted" -nobrowse -readonly
ditto "$mounted/natwizard.app" "$app"
hdiutil detach "$mounted" || { sleep 10 && hdiutil detach -force "$mounted"; }
rmdir "$mounted"
if [ -n "${NATWIZARD_IDENTITY:-}" ]; then
    codesign --verify --deep --strict "$app"
fi
python3 "$here/../selftest.py" "$app/Contents/MacOS"
# set-up files are of a type of its own, which the system knows once the app is there
type=$(plutil -extract UTExportedTypeDeclarations.0.UTTypeIdentifier raw -o - "$app/Contents/Info.plist")
services=/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework
"$services/Support/lsregister" -f "$app"
known=$(mktemp)
"$services/Support/lsregister" -dump > "$known"
grep -qF "$type" "$known"
rm "$known"
rm -rf "$app"
left=$(find /Applications "$HOME/Applications" "$HOME/Library/LaunchAgents" -maxdepth 1 \
    -iname '*natwizard*' 2> /dev/null || true)
if [ -n "$left" ]; then
    echo "left behind: $left"
    exit 1
fi
echo "installed, tested, removed, nothing left"

#!/bin/bash
# Installs an RPM below a folder of its own, runs what was installed, removes it, and looks for
# leftovers: prove-rpm.sh FILE.rpm   (as root; what it depends on is told, not checked)
set -euo pipefail
package=$(readlink -f "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
rpm --query --package --requires "$package"
rpm --checksig "$package"
rpm --root "$root" --initdb
rpm --root "$root" --install --nodeps --noscripts "$package"
desktop-file-validate "$root/usr/share/applications/natwizard.desktop"
"$root/usr/bin/natwizard" --version
QT_QPA_PLATFORM=offscreen XDG_DATA_HOME=$root/data "$root/usr/bin/natwizard-gui" selftest-window \
    --json "$root/window.json" --pdf "$root/window.pdf"
rpm --root "$root" --erase natwizard
left=$(find "$root/usr" ! -type d)
if [ -n "$left" ]; then
    echo "left behind: $left"
    exit 1
fi
echo "installed, run, removed, nothing left"

#!/bin/bash
# Installs a package, self-tests what was installed, removes it, and looks for leftovers:
# prove-deb.sh FILE.deb   (as root, on a machine where that does no harm)
set -euo pipefail
package=$(readlink -f "$1")
here=$(cd "$(dirname "$0")" && pwd)
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq "$package"
desktop-file-validate /usr/share/applications/natwizard.desktop
appstreamcli validate --no-net /usr/share/metainfo/io.github.natwizard.metainfo.xml
test "$(xdg-mime query default application/x-natwizard-setup)" = natwizard.desktop
grep -q '^50:application/x-natwizard-setup:\*\.natwizard$' /usr/share/mime/globs2
natwizard --version
python3 "$here/../selftest.py" /usr/lib/natwizard
files=$(dpkg-query --listfiles natwizard)
apt-get purge -y -qq natwizard
for file in $files; do
    # folders that others use, too, stay
    if [ ! -d "$file" ] && [ -e "$file" ]; then
        echo "left behind: $file"
        exit 1
    fi
done
test ! -e /usr/lib/natwizard
echo "installed, tested, purged, nothing left"

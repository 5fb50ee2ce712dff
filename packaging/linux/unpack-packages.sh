#!/bin/sh
# Unpacks the Debian packages that a list names into a folder, as root and with apt-get, instead
# of installing them: systemd-resolved would take over this machine's /etc/resolv.conf.
# Usage: unpack-packages.sh LIST FOLDER
set -eu
packages=$(cat "$1")
folder=$2
[ -e "$folder/.unpacked" ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    # shellcheck disable=SC2086 # one line
    echo "not root or no apt-get: please unpack these packages into $folder yourself:" $packages
    exit 0
fi
rm -rf "$folder"
mkdir -p "$folder/archives"
cd "$folder/archives"
download() {
    # shellcheck disable=SC2086 # one word a package
    apt-get download -qq -o APT::Sandbox::User=root $packages
}
download || { apt-get update -qq && download; }
for archive in *.deb; do
    dpkg-deb --extract "$archive" ..
done
cd ..
rm -r archives
touch .unpacked

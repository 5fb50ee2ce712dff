#!/bin/sh
# Unpacks NSIS 3.11 of Debian 13 into a folder, with the C and C++ libraries that it was built for:
# Debian 12 has 3.08, whose setup programs let any user of a computer put libraries into the
# plugin folder of one that runs as SYSTEM (CVE-2025-43715). Nothing is installed, and apt's own
# lists stay as they are; the archive's signature is checked as always.
# Usage: unpack-nsis.sh FOLDER   (as root, with apt-get)
set -eu
folder=$1
packages="nsis nsis-common libc6 libstdc++6 libgcc-s1 zlib1g"
[ -e "$folder/.unpacked" ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "not root or no apt-get: please install NSIS 3.11 or newer yourself"
    exit 0
fi
rm -rf "$folder"
mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial"
cd "$folder/apt"
# the mirror that this machine uses for Debian itself
# shellcheck disable=SC2016 # apt-get fills these in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
if [ -z "$mirror" ]; then
    apt-get -o DPkg::Lock::Timeout=300 update -qq
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
fi
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > sources.list
apt() {
    apt-get -qq -o "Dir::Etc::SourceList=$PWD/sources.list" -o Dir::Etc::SourceParts=- \
        -o "Dir::State::Lists=$PWD/lists" -o "Dir::Cache=$PWD" -o APT::Sandbox::User=root "$@"
}
apt update
# shellcheck disable=SC2086 # one word a package
apt download $packages
for archive in *.deb; do
    dpkg-deb --extract "$archive" ..
done
cd ..
rm -r apt
touch .unpacked

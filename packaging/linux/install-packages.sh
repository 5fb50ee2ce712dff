#!/bin/sh
# Installs the Debian packages that the given lists name, where that is possible:
# as root, with apt-get, and only if one of them is missing.
set -eu
packages=$(cat "$@")
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    # shellcheck disable=SC2086 # one line
    echo "not root or no apt-get: please see to these packages yourself:" $packages
    exit 0
fi
missing=$(for package in $packages; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -q '^installed$' || echo "$package"
done)
[ -z "$missing" ] && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 update -qq
# shellcheck disable=SC2086 # one word a package
apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing

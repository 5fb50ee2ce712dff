#!/bin/bash
# Signs the frozen app, puts it into a .dmg, and has Apple notarise that: make-dmg.sh APP DMG
# NATWIZARD_IDENTITY names the certificate, NATWIZARD_NOTARY_PROFILE the stored notary login;
# without them the result is unsigned and says so. Runs on macOS only.
set -euo pipefail
app=$1
dmg=$2
here=$(cd "$(dirname "$0")" && pwd)
identity=${NATWIZARD_IDENTITY:-}
notary=${NATWIZARD_NOTARY_PROFILE:-}

if [ -n "$identity" ]; then
    # libraries first, from the inside out, then the app, which seals them
    find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 |
        xargs -0 -n 20 codesign --force --timestamp --options runtime --sign "$identity"
    codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" \
        --sign "$identity" "$app/Contents/MacOS/natwizard"
    codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" \
        --sign "$identity" "$app"
    codesign --verify --deep --strict "$app"
else
    echo "*** UNSIGNED: NATWIZARD_IDENTITY is not set; macOS will refuse to open this ***"
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
rm -f "$dmg"
# now and then the system itself still looks at what was copied: "Resource busy"
for pause_s in 10 30 0; do
    if hdiutil create -ov -volname natwizard -srcfolder "$stage" -format UDZO "$dmg"; then
        break
    fi
    sleep "$pause_s"
done
test -f "$dmg"

if [ -n "$identity" ]; then
    codesign --force --timestamp --sign "$identity" "$dmg"
fi
if [ -n "$notary" ]; then
    xcrun notarytool submit "$dmg" --keychain-profile "$notary" --wait
    xcrun stapler staple "$dmg"
    xcrun stapler validate "$dmg"
    spctl --assess --type open --context context:primary-signature "$dmg"
fi

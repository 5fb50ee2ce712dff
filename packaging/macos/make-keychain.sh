#!/bin/bash
# Makes a keychain for one run of the release workflow, with the certificate and notary login that
# the environment brings: CERTIFICATE (base64 of a .p12), CERTIFICATE_PASSWORD, NOTARY_KEY,
# NOTARY_KEY_ID, NOTARY_ISSUER, NATWIZARD_NOTARY_PROFILE. Runs on macOS only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
keychain=$HOME/Library/Keychains/natwizard-release.keychain-db
password=$(openssl rand -hex 24)
printf '%s' "$CERTIFICATE" | base64 --decode > "$folder/certificate.p12"
printf '%s' "$NOTARY_KEY" > "$folder/notary.p8"
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 7200 "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$folder/certificate.p12" -P "$CERTIFICATE_PASSWORD" -f pkcs12 \
    -k "$keychain" -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" > /dev/null
security list-keychains -d user -s "$keychain" login.keychain-db
xcrun notarytool store-credentials "$NATWIZARD_NOTARY_PROFILE" --key "$folder/notary.p8" \
    --key-id "$NOTARY_KEY_ID" --issuer "$NOTARY_ISSUER" --keychain "$keychain"

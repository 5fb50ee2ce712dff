#!/bin/bash
# Makes the draft of a release from what lies in a folder, or brings it up to date when more has
# come: draft-release.sh TAG FOLDER   (needs gh, and GH_TOKEN)
set -euo pipefail
tag=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
notes=$(mktemp)
trap 'rm -f "$notes"' EXIT
python3 "$here/release_notes.py" "$folder" > "$notes"
if gh release view "$tag" > /dev/null 2>&1; then
    gh release upload "$tag" --clobber "$folder"/*
    gh release edit "$tag" --draft --notes-file "$notes"
else
    gh release create "$tag" --draft --verify-tag --title "natwizard $tag" \
        --notes-file "$notes" "$folder"/*
fi

"""What a release's page says: the changelog's section for this version, and what is not signed.

release_notes.py FOLDER, the folder with what is published. Exit code 1 if the changelog has no
such section: then it still says "Unreleased".
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from steps.paths import ROOT, version
from steps.signing import has_signature

UNSIGNED = (
    "**Not signed:** {names}. Windows warns whoever starts an unsigned .exe, macOS refuses to open"
    " an unsigned .dmg, and no .deb or .rpm of ours carries a signature of its own. SHA256SUMS and"
    " the provenance hold for all of them."
)
KINDS = (".exe", ".dmg", ".deb", ".rpm")
# the trailer of a disk image ("koly"): 512 bytes, of which 304 to 311 are the signature's length
TRAILER_BYTES = 512


def section(changelog: str, number: str) -> str:
    """The text below a version's heading, up to the next one; empty if there is none."""
    found = re.search(
        rf"^## \[{re.escape(number)}\].*?$\n(.*?)(?=^## \[|\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    return found[1].strip() if found else ""


def notes(changelog: str, number: str, folder: Path) -> str:
    """The whole text; empty without a section."""
    text = section(changelog, number)
    published = sorted(path for path in folder.iterdir() if path.suffix in KINDS)
    bare = [path.name for path in published if not is_signed(path)]
    if text and bare:
        text += "\n\n" + UNSIGNED.format(names=", ".join(bare))
    return text


def is_signed(path: Path) -> bool:
    """Whether a file carries its maker's signature; whether that is good, the build has asked."""
    if path.suffix == ".exe":
        return has_signature(path)
    if path.suffix == ".dmg":
        trailer = path.read_bytes()[-TRAILER_BYTES:]
        return trailer[:4] == b"koly" and int.from_bytes(trailer[304:312], "big") > 0
    return False


def main(folder: Path) -> int:
    """Print them."""
    text = notes((ROOT / "CHANGELOG.md").read_text("utf-8"), version(), folder)
    print(text or f"CHANGELOG.md has no section for {version()}", file=None if text else sys.stderr)
    return 0 if text else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

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
    "**Not signed:** {names}. Windows warns whoever starts it; SHA256SUMS and the provenance hold."
)


def section(changelog: str, number: str) -> str:
    """The text below a version's heading, up to the next one; empty if there is none."""
    found = re.search(
        rf"^## \[{re.escape(number)}\].*?$\n(.*?)(?=^## \[|\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    return found[1].strip() if found else ""


def notes(changelog: str, number: str, folder: Path) -> str:
    """The whole text; empty without a section."""
    text = section(changelog, number)
    bare = [path.name for path in sorted(folder.glob("*.exe")) if not has_signature(path)]
    if text and bare:
        text += "\n\n" + UNSIGNED.format(names=", ".join(bare))
    return text


def main(folder: Path) -> int:
    """Print them."""
    text = notes((ROOT / "CHANGELOG.md").read_text("utf-8"), version(), folder)
    print(text or f"CHANGELOG.md has no section for {version()}", file=None if text else sys.stderr)
    return 0 if text else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

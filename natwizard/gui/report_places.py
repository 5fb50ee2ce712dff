"""Where reports of a person are looked for, and what a new one is called."""

import re
from pathlib import Path

from PySide6.QtCore import QStandardPaths


def documents() -> str:
    """The person's folder for documents, else their home."""
    place = QStandardPaths.StandardLocation.DocumentsLocation
    return QStandardPaths.writableLocation(place) or str(Path.home())


def proposed_path(run_code: str, suffix: str, *, kind: str = "") -> Path:
    """A name that can be read out over the telephone: "natwizard-maple-river-copper-lamp.pdf"."""
    words = re.sub(r"[^a-z0-9]+", "-", run_code.lower()).strip("-") or "report"
    return Path(documents()) / f"natwizard-{f'{kind}-' if kind else ''}{words}.{suffix}"

"""Whether a window can be shown here."""

import os
import sys

NO_DISPLAY = "there is no display here; use: natwizard check"


def has_display() -> bool:
    """True on Windows and macOS; elsewhere where X or Wayland is offered."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

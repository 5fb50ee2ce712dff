"""Runs the self-test on the frozen folder, on whichever system it was made for."""

import os
import sys
from pathlib import Path

from steps import wine
from steps.environment import run
from steps.paths import BUILD, MACOS, NAME, PACKAGING, WINDOWS, Layout, this_system
from steps.screen import virtual_screen


def run_selftest(target: str) -> None:
    """On the frozen folder of this target; Windows programs run under wine elsewhere."""
    layout = Layout(target)
    folder = layout.frozen
    if target == MACOS:
        folder = folder.parent / f"{NAME}.app/Contents/MacOS"
    command: list[str | Path] = [sys.executable, PACKAGING / "selftest.py", folder]
    if target != WINDOWS or this_system() == WINDOWS:
        run(command)
        return
    with wine.throwaway_prefix(BUILD) as prefix, virtual_screen() as display:
        settings = os.environ | {"WINEPREFIX": str(prefix), "DISPLAY": display}
        run([*command, "--wine"], environment=settings)

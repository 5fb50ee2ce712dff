"""Runs the self-test on the frozen folder, on whichever system it was made for."""

import sys
from pathlib import Path

from steps.environment import run
from steps.paths import MACOS, NAME, PACKAGING, WINDOWS, Layout, this_system


def run_selftest(target: str) -> None:
    """On the frozen folder of this target; Windows programs run under wine elsewhere."""
    layout = Layout(target)
    folder = layout.frozen
    if target == MACOS:
        folder = folder.parent / f"{NAME}.app/Contents/MacOS"
    command: list[str | Path] = [sys.executable, PACKAGING / "selftest.py", folder]
    if target == WINDOWS and this_system() != WINDOWS:
        command = ["xvfb-run", "-a", *command, "--wine"]
    run(command)

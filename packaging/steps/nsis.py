"""Finds an NSIS that is new enough: this system's own, or the one that was unpacked for us."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from steps.environment import run
from steps.paths import BUILD, PACKAGING

# Before it, setup programs that run as SYSTEM load plugins from a folder that any user of the
# computer may have made first (CVE-2025-43715). installer.nsi refuses older ones, too.
OLDEST = (3, 11)
UNPACKED = BUILD / "nsis"


def makensis() -> tuple[list[str | Path], Mapping[str, str]]:
    """The command, and what has to be in its environment. SystemExit if there is none."""
    own = shutil.which("makensis")
    if own is not None and version_of([own], {}) >= OLDEST:
        return [own], {}
    if shutil.which("apt-get") is not None:
        run([PACKAGING / "linux/unpack-nsis.sh", UNPACKED])
    libraries = UNPACKED / "usr/lib/x86_64-linux-gnu"
    program = UNPACKED / "usr/bin/makensis"
    if program.is_file():
        words = [libraries / "ld-linux-x86-64.so.2", "--library-path", libraries, program]
        settings = {
            "NSISDIR": str(UNPACKED / "usr/share/nsis"),
            "NSISCONFDIR": str(UNPACKED / "etc"),
        }
        if version_of(words, settings) >= OLDEST:
            return words, settings
    raise SystemExit(f"NSIS {'.'.join(map(str, OLDEST))} or newer is missing: see docs/building.md")


def version_of(words: Sequence[str | Path], settings: Mapping[str, str]) -> tuple[int, ...]:
    """What `makensis -VERSION` says, such as v3.11-1; nothing but zero if it says no number."""
    told = subprocess.run(
        [*words, "-VERSION"],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    found = re.match(r"v?(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0,)

"""The real program as a child process, with data folders of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from computers.platforms import under_wine

# below the timeout of a test; the tests under wine have a longer one (steps/windows_suite.py), for
# there a program on a busy machine takes minutes to start
PATIENCE_S = 900 if under_wine() else 100


@dataclass(frozen=True)
class Program:
    """Runs `natwizard` with its folders below `home`."""

    home: Path

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DISPLAY", "WAYLAND_DISPLAY", "NATWIZARD_PROFILE"}
        }
        folders = {
            f"XDG_{name}_HOME": str(self.home / name.lower())
            for name in ("DATA", "CONFIG", "CACHE")
        }
        folders["WIN_PD_OVERRIDE_LOCAL_APPDATA"] = folders["XDG_DATA_HOME"]  # Windows
        return kept | folders | {"HOME": str(self.home), "QT_QPA_PLATFORM": "offscreen"}

    def start(self, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "natwizard", *arguments],
            cwd=self.home,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *arguments: str, prefix: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, prefix=prefix) as process:
            try:
                output, errors = process.communicate(timeout=PATIENCE_S)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

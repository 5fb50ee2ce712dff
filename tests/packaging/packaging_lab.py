"""Runs the build script as people do."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build(*steps: str, target: str, environment: dict[str, str] | None = None) -> str:
    """What build.py said; fails the test if it failed."""
    result = subprocess.run(
        [sys.executable, str(ROOT / "packaging/build.py"), *steps, "--target", target],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    return result.stdout

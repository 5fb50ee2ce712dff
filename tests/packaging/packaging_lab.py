"""Runs the build script as people do, here or in a second place."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from steps.environment import commit_time_s
from steps.paths import BUILD, WINDOWS

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


def build_elsewhere(place: Path, *steps: str, target: str) -> None:
    """The same, from a copy of these sources in another folder, in another time zone, in files
    that only their owner may read. What the build would fetch is copied, too."""
    left_out = (".*", "build", "dist", "__pycache__")
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(*left_out))
    made = BUILD.relative_to(ROOT)
    for name in ("venv", "nsis", "windows/python", "windows/prefix"):
        if (BUILD / name).is_dir() and (target == WINDOWS or name == "venv"):
            shutil.copytree(BUILD / name, place / made / name, symlinks=True)
    settings = {"TZ": "Pacific/Auckland", "SOURCE_DATE_EPOCH": str(commit_time_s())}
    result = subprocess.run(
        [sys.executable, place / "packaging/build.py", *steps, "--target", target],
        cwd=place, env=os.environ | settings, umask=0o077,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]

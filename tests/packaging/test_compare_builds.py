"""Two builds are compared file by file and byte by byte."""

import subprocess
import sys
from pathlib import Path

from packaging_lab import ROOT


def compare(first: Path, second: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, ROOT / "packaging/compare_builds.py", first, second],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


def test_what_differs_is_named_and_nothing_else(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        (folder / "lib").mkdir(parents=True)
        (folder / "lib/same").write_bytes(b"same")
        (folder / "lib/byte").write_bytes(b"abcd")
    assert compare(first, second) == (0, ["no file differs"])
    (second / "lib/byte").write_bytes(b"abXd")
    (first / "old").touch()
    (second / "lib/same").write_bytes(b"longer")
    assert compare(first, second) == (
        1,
        [
            f"only in {first}: old",
            "lib/byte: 1 of 4 bytes, from 0x2 to 0x2",
            "lib/same: 4 and 6 bytes",
        ],
    )

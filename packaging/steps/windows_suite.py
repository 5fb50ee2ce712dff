"""Runs the tests with the assembled Windows Python under wine, folder by folder.

Wine is not Windows: what passes here may fail there. What fails here for want of a POSIX call, a
path separator or a clock fails there, too, and a Windows runner would say so only after the push.
"""

import os
import subprocess
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from steps import wine
from steps.paths import BUILD, ROOT
from steps.screen import virtual_screen
from steps.windows_python import make_test_packages, make_windows_python

LEFT_OUT = {"benchmarks", "fixtures", "golden"}
REPORTS = BUILD / "windows-suite"
PATIENCE_S = 7200
FOLDERS = "NATWIZARD_SUITE_FOLDERS"


@dataclass(slots=True)
class Counted:
    """What became of one folder's tests."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def run_windows_suite(target: str) -> None:
    """Print a line a folder, then every reason for skipping; end the build if a test failed.

    NATWIZARD_SUITE_FOLDERS names single folders or files below tests/, for a second look.
    """
    make_windows_python(target)
    packages = make_test_packages()
    REPORTS.mkdir(parents=True, exist_ok=True)
    total = Counted()
    asked = os.environ.get(FOLDERS, "").split()
    with wine.throwaway_prefix(BUILD) as prefix, virtual_screen() as display:
        for name in asked or test_folders():
            counted = _run_folder(name, packages, {"WINEPREFIX": str(prefix), "DISPLAY": display})
            print(
                f"{name}: {counted.passed} passed, {counted.skipped.total()} skipped, "
                f"{len(counted.failed)} failed",
                flush=True,
            )
            total.passed += counted.passed
            total.failed += counted.failed
            total.skipped += counted.skipped
    for reason, count in total.skipped.most_common():
        print(f"skipped {count}: {reason}")
    for test in total.failed:
        print(f"FAILED {test}")
    print(f"{total.passed} passed, {total.skipped.total()} skipped, {len(total.failed)} failed")
    if total.failed or "" in total.skipped:
        raise SystemExit("the tests under Windows' Python fail, or skip without a reason")


def test_folders() -> list[str]:
    """Every folder and file of tests/ that holds tests."""
    tests = ROOT / "tests"
    folders = {path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")}
    return sorted(folders - LEFT_OUT)


def _run_folder(name: str, packages: Path, place: Mapping[str, str]) -> Counted:
    report = REPORTS / f"{name.replace('/', '-')}.xml"
    report.unlink(missing_ok=True)
    settings = {
        **place,
        "PYTHONUSERBASE": wine.path(packages),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        # wine hands on what begins with WINEQT_ as QT_, and nothing that begins with QT_
        "WINEQT_QPA_FONTDIR": wine.path(Path("/usr/share/fonts/truetype/dejavu")),
    }
    words = [wine.interpreter(), "-m", "pytest", f"tests/{name}", "-q", "-p", "no:cacheprovider",
             "-m", "not windows and not voice and not quiet",
             # a test that times out ends the folder on Windows, and wine on a busy machine is slow
             "-o", "timeout=1800", "-o", "faulthandler_timeout=1790",
             f"--junitxml={wine.path(report)}"]  # fmt: skip
    code = _run_to_its_end(words, wine.environment(settings), REPORTS / f"{report.stem}.log")
    if not report.is_file():  # the interpreter died, or nothing could be collected
        return Counted(failed=[f"tests/{name}: exit code {code}, see {report.stem}.log"])
    return _counted(report)


def _run_to_its_end(words: list[str | Path], environment: dict[str, str], log: Path) -> int:
    """The exit code of the program itself; its output, which wine wants to go through a pipe, is in
    the log. What it started and left running would hold that pipe open for ever, and is ended."""
    with (
        subprocess.Popen(
            wine.command(words),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
        log.open("wb") as kept,
    ):
        copying = threading.Thread(target=_copy, args=(process.stdout, kept))
        copying.start()
        try:
            code = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            code = -1
        subprocess.run(["wineserver", "-k"], env=environment, check=False)
        copying.join()
    return code


def _copy(source: IO[bytes] | None, target: IO[bytes]) -> None:
    """As it comes: the log of a folder that hangs tells at which test."""
    while source is not None and (block := os.read(source.fileno(), 65536)):
        target.write(block)
        target.flush()


def _counted(report: Path) -> Counted:
    counted = Counted()
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            if name not in counted.failed:  # once more where taking it down fails as well
                counted.failed.append(name)
        elif skipped is not None:
            counted.skipped[skipped.get("message", "")] += 1
        else:
            counted.passed += 1
    return counted

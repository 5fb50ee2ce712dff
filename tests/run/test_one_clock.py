"""Every duration is told by one clock: Windows' other one ticks 64 times a second.

`time.monotonic` moves in steps of 15.6 ms there before Python 3.13. A wait read from it, taken off
a duration read from `time.perf_counter`, made answers that came before their questions.
"""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import natwizard

PACKAGE = Path(natwizard.__file__).parent
OWN_CLOCK = "reflector"
"""It compares moments of its own clock with each other only, and tells nobody a duration."""

COARSE = """
import time
tick_s, real = 1 / 64, time.monotonic
time.monotonic = lambda: real() // tick_s * tick_s
time.monotonic_ns = lambda: round(time.monotonic() * 1e9)
import sys
from natwizard.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
DURATIONS = ("duration_s", "duration_ms", "waited_s", "started_s", "waited_ns", "round_trip_ms")
PATIENCE_S = 300


def test_a_whole_run_on_a_coarse_clock_has_no_duration_below_zero(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ["demo", "--no-window", "--json", str(report)]
    ran = subprocess.run(
        [sys.executable, "-c", COARSE, *words],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert report.is_file(), ran.stderr.decode(errors="replace")
    told = list(_durations(json.loads(report.read_bytes())))
    assert len(told) > 200
    assert [each for each in told if each[1] < 0] == []


def test_only_the_reflector_reads_the_clock_that_ticks_coarsely() -> None:
    readers = [
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] != OWN_CLOCK and _reads_monotonic(path)
    ]
    # a clock of its own, which goes on while the computer sleeps
    assert readers == ["system/ways_out.py"]


def _reads_monotonic(path: Path) -> bool:
    names = {"monotonic", "monotonic_ns"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.alias) and node.name in names)
        for node in ast.walk(ast.parse(path.read_bytes()))
    )


def _durations(told: object, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(told, dict):
        for key, value in told.items():
            yield from _durations(value, key)
    elif isinstance(told, list):
        for value in told:
            yield from _durations(value, name)
    elif name in DURATIONS and isinstance(told, int | float):
        yield name, told

"""How long the frozen program takes to be in sight, and to its first page, beside a bare QWizard.

And beside one with plain controls of Qt where our first page has its own: the floor of any such
page.

Not a test: `make bench`, or python -m tests.benchmarks.bench_start [--rounds 7]. All are frozen
with the same things left out and shown on one X server, in turn; the window manager's list of
windows tells when each is there, and our window's title when its first page is. Cold means that
none of a program's own files is in memory. Processor time until then is told as well: it is what
a machine that others use cannot stretch much. Then how long it takes from the start to the first
finding and to the verdict, and what it weighs.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from msgspec import Struct

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

from steps.environment import python, reproducible, run
from steps.freeze import freeze
from steps.paths import BUILD, LINUX, OUTPUT, ROOT

PATIENCE_S = 180.0
GOAL_RATIO = 1.3
BARE, PLAIN, OURS = "bare QWizard", "QWizard, plain controls", "natwizard"
WHOLE = {OURS: "natwizard"}  # the title of our window once its first page is painted
PAINTED = "painted"  # and of the others
KINDS = {
    "cold": "cold, in sight",
    "warm": "warm, in sight",
    "cold_page": "cold, first page",
    "warm_page": "warm, first page",
    "cold_cpu": "cold, processor time",
    "warm_cpu": "warm, processor time",
}
INSTALLED_GOAL_MB, INSTALLER_GOAL_MB = 90, 30


class Times(Struct, frozen=True, kw_only=True):
    """Seconds from start to something to see, and to the first page; one a round.

    `cpu`: of processor time, until the first page is painted.
    """

    cold: list[float]
    cold_page: list[float]
    warm: list[float]
    warm_page: list[float]
    cold_cpu: list[float]
    warm_cpu: list[float]


def other_program(name: str) -> Path:
    """A frozen wizard to compare with, "bare" or "plain"."""
    place = BUILD / "bench"
    program = place / "frozen" / name / name
    if not program.is_file():
        spec = ROOT / "tests/benchmarks/bare_wizard.spec"
        run([python(), "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", "--distpath",
             place / "frozen", "--workpath", place / "analysis" / name, spec],
            environment=reproducible() | {"NATWIZARD_WIZARD": name}, quiet=True)  # fmt: skip
    return program


@contextlib.contextmanager
def screen() -> Iterator[dict[str, str]]:
    """An X server with a window manager; yields the environment of programs on it."""
    reading, writing = os.pipe()
    command = (
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1280x900x24",
        "-nolisten",
        "tcp",
    )
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        environment = os.environ | {"DISPLAY": f":{told.readline().strip()}"}
    environment.pop("QT_QPA_PLATFORM", None)
    manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield environment
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


def start_s(program: Path, environment: dict[str, str], title: str) -> tuple[float, float, float]:
    """Seconds from the start of the program to its window, and to the title that it then gets;
    its processor time until then."""
    with spying(("-root",), "_NET_CLIENT_LIST", environment) as lists:
        next(lists)  # how it stands now: nothing listed
        started = time.perf_counter()
        running = subprocess.Popen(
            [program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        window = next(found[0] for line in lists if (found := re.findall(r"0x[0-9a-f]+", line)))
        seen_s = time.perf_counter() - started
        with spying(("-id", window), "_NET_WM_NAME", environment) as names:
            wait_for_title(window, f'"{title}"', names, environment)
            whole_s = time.perf_counter() - started
            used = psutil.Process(running.pid).cpu_times()
        running.terminate()
        running.wait()
        next(line for line in lists if not re.search(r"0x[0-9a-f]+", line))  # gone again
    return seen_s, whole_s, used.user + used.system


def wait_for_title(
    window: str, title: str, names: Iterator[str], environment: dict[str, str]
) -> None:
    """xprop reads a property before it listens to changes: what comes between the two, a look once
    it listens tells."""
    if title in next(names):
        return
    look = ["xprop", "-id", window, "_NET_WM_NAME"]
    if title not in subprocess.run(look, env=environment, capture_output=True, text=True).stdout:
        next(line for line in names if title in line)


@contextlib.contextmanager
def spying(of: tuple[str, ...], name: str, environment: dict[str, str]) -> Iterator[Iterator[str]]:
    """Lines that tell a property of a window, now and whenever it changes."""
    spy = subprocess.Popen(
        ["xprop", *of, "-spy", name], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert spy.stdout is not None
    signal.alarm(round(PATIENCE_S))
    try:
        yield iter(spy.stdout.readline, "")
    finally:
        signal.alarm(0)
        spy.terminate()
        spy.wait()


def forget(folder: Path) -> None:
    """Have the system drop every file of a folder from memory."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(programs: dict[str, Path], rounds: int) -> dict[str, Times]:
    """Each program in turn, so that whatever else this machine does hits both."""
    found = {
        name: Times(cold=[], cold_page=[], warm=[], warm_page=[], cold_cpu=[], warm_cpu=[])
        for name in programs
    }
    with screen() as environment:
        for _round in range(rounds):
            for name, program in programs.items():
                forget(program.parent)
                for kind in ("cold", "warm"):
                    title = WHOLE.get(name, PAINTED)
                    first, page, cpu = start_s(program, environment, title)
                    getattr(found[name], kind).append(first)
                    getattr(found[name], f"{kind}_page").append(page)
                    getattr(found[name], f"{kind}_cpu").append(cpu)
    return found


def milestones(program: Path) -> dict[str, float]:
    """Seconds from the start of the program: window, first finding, verdict."""
    with tempfile.TemporaryDirectory() as folder, screen() as environment:
        place = Path(folder)
        subprocess.run(
            [program, "selftest-window", "--json", place / "r.json", "--pdf", place / "r.pdf",
             "--times", place / "times.json"],
            env=environment | {"XDG_DATA_HOME": folder, "NATWIZARD_BROWSER": "none"},
            check=True, timeout=300, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        found: dict[str, float] = json.loads((place / "times.json").read_text())
    return found


def weight_mb(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    ours = freeze(LINUX).program("natwizard-gui")
    programs = {BARE: other_program("bare"), PLAIN: other_program("plain"), OURS: ours}
    found = measure(programs, rounds)
    print(f"\nfrom the start, s, median of {rounds} (fastest to slowest);"
          f" load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")  # fmt: skip
    for kind, what in KINDS.items():
        rows = {name: getattr(times, kind) for name, times in found.items()}
        cells = [
            f"{name} {statistics.median(row):.2f} ({min(row):.2f} to {max(row):.2f})"
            for name, row in rows.items()
        ]
        ratio, floor = (
            statistics.median(rows[name]) / statistics.median(rows[BARE]) for name in (OURS, PLAIN)
        )
        print(
            f"  {what:21} {'   '.join(cells)}   {ratio:.2f} times (goal: {GOAL_RATIO}; "
            f"plain controls: {floor:.2f})"
        )
    print("\nfrom the start of the program, Start pressed at once, against a reflector here:")
    for name, seconds in milestones(ours).items():
        print(f"  {name:14} {seconds:.2f} s")
    print("\nsizes:")
    print(f"  installed, Linux: {weight_mb(ours.parent):.1f} MB; bare: "
          f"{weight_mb(programs[BARE].parent):.1f} MB")  # fmt: skip
    windows = BUILD / "windows/frozen/natwizard"
    if windows.is_dir():
        print(f"  installed, Windows: {weight_mb(windows):.1f} MB (goal: {INSTALLED_GOAL_MB})")
    for path in sorted(OUTPUT.glob("natwizard*")) if OUTPUT.is_dir() else ():
        print(f"  {path.name}: {path.stat().st_size / 1e6:.1f} MB"
              + (f" (goal: {INSTALLER_GOAL_MB})" if path.suffix == ".exe" else ""))  # fmt: skip


if __name__ == "__main__":
    main()

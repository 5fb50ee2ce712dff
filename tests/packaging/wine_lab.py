"""A Windows of one's own under wine: a prefix copied for a test, and a screen to show it on."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from steps import wine
from steps.screen import virtual_screen

ROOT = Path(__file__).resolve().parents[2]
USER = "drive_c/users"
PATIENCE_S = 900
"""For one step, on a machine that has other things to do; a test's own timeout is longer."""
SETUP_FILE = b"""extends = "natterbox"
name = "Example Ltd"
version = "1"
[targets]
media = "media.example.com:18620"
"""
PICTURES = ROOT / "build/screenshots/windows"


class Windows:
    """A wine prefix; `programs` and `menu` are this person's folders in it."""

    def __init__(self, prefix: Path, display: str) -> None:
        self.prefix = prefix
        self.home = next(path for path in (prefix / USER).iterdir() if path.name != "Public")
        self.programs = self.home / "AppData/Local/Programs"
        self.menu = self.home / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs"
        self.environment = wine.environment(
            {"WINEPREFIX": str(prefix), "DISPLAY": display, "WINEQT_QPA_PLATFORM": "windows"}
        )

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start a program; its output comes through a pipe, as wine needs it."""
        return subprocess.Popen(
            wine.command(words),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
        )

    def run(self, *words: str | Path) -> tuple[int, str]:
        """Exit code and output."""
        with self.start(*words) as process:
            output, _none = process.communicate(timeout=PATIENCE_S)
        return process.returncode, output

    def run_line(self, line: str) -> int:
        """Exit code of a command line that Windows gets letter by letter, quotes and all."""
        script = (
            "import subprocess, sys\n"
            "try:\n"
            "    print('ended with', subprocess.call(bytes.fromhex(sys.argv[1]).decode()))\n"
            "except OSError as error:\n"
            "    print(error)\n"
        )
        _code, said = self.run(wine.interpreter(), "-c", script, line.encode().hex())
        head, ended, code = said.partition("ended with ")
        assert ended, f"{line}: {head}"
        return int(code)

    def registry(self, key: str) -> str:
        """Everything below a key; empty where there is none."""
        code, output = self.run("reg", "query", key, "/s")
        return output if code == 0 else ""

    def files(self) -> set[str]:
        """Every file of this Windows, but for its own notes and temporary ones."""
        return {
            path.relative_to(self.prefix).as_posix()
            for path in self.prefix.rglob("*")
            if not {"Temp", "temp"} & set(path.parts) and path.suffix != ".reg"
        } - {".update-timestamp"}

    def settle(self) -> None:
        """Wait until every program of it has ended and all is written."""
        subprocess.run(["wineserver", "-w"], env=self.environment, check=True, timeout=PATIENCE_S)


class Hand:
    """Mouse and keyboard on one screen."""

    def __init__(self, display: str) -> None:
        self.environment = os.environ | {"DISPLAY": display}
        PICTURES.mkdir(parents=True, exist_ok=True)

    def do(self, *words: str) -> str:
        return subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False
        ).stdout.strip()

    def window(self, title: str, patience_s: float = PATIENCE_S) -> str:
        """The window with this title, once it is there, in front."""
        assert wait_until(lambda: bool(self.windows(title)), patience_s), f"no window {title}"
        found = self.windows(title)[-1]
        self.do("windowactivate", "--sync", found)
        time.sleep(1.5)
        return found

    def windows(self, title: str) -> list[str]:
        return self.do("search", "--onlyvisible", "--name", title).split()

    def keys(self, *names: str) -> None:
        for name in names:
            self.do("key", "--clearmodifiers", name)
            time.sleep(0.4)

    def text(self, text: str) -> None:
        self.do("type", "--delay", "30", text)
        time.sleep(0.5)

    def picture(self, name: str) -> Path:
        path = PICTURES / f"{name}.png"
        subprocess.run(["import", "-window", "root", path], env=self.environment, check=True)
        return path


@contextmanager
def fresh_windows(folder: Path, display: str) -> Iterator[Windows]:
    """A prefix of its own, gone afterwards."""
    wine.prepare()
    prefix = folder / "prefix"
    shutil.copytree(wine.PREFIX, prefix, symlinks=True)
    windows = Windows(prefix, display)
    try:
        yield windows
    finally:
        subprocess.run(["wineserver", "-k"], env=windows.environment, check=False)
        shutil.rmtree(prefix, ignore_errors=True)


@contextmanager
def screen(size: str = "1024x768x24") -> Iterator[str]:
    """An X server with a window manager; yields its DISPLAY."""
    with virtual_screen(size) as display:
        manager = subprocess.Popen(
            ["openbox"], env=os.environ | {"DISPLAY": display}, stderr=subprocess.DEVNULL
        )
        try:
            yield display
        finally:
            manager.terminate()
            manager.wait()


def wait_until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    """Look again until it is so; False if it never was."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.2)
    return true()

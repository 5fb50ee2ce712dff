"""Runs Windows programs here, under wine, in a prefix of our own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from steps.environment import run as run_here
from steps.paths import BUILD, PACKAGING
from steps.screen import virtual_screen

HOME = BUILD / "windows"
PREFIX = HOME / "prefix"
COMPILER = "x86_64-w64-mingw32-gcc"
WITHOUT_SOUND = "winealsa.drv=d;winepulse.drv=d;wineoss.drv=d"
# Windows' own fonts, which wine lacks, by one of packaging/linux/build-packages.txt
FONT = "DejaVu Sans"
FONTS_OF_WINDOWS = ("Segoe UI", "Tahoma", "MS Shell Dlg", "MS Shell Dlg 2")
# Libraries of Windows that wine 8 lacks, and what we put in their place (never shipped)
SHIMS = {"icuuc": (), "bcryptprimitives": ("-ladvapi32",)}


def interpreter() -> Path:
    """Windows' own CPython, as `build.py windows-python` puts it together."""
    return HOME / "python" / "python.exe"


def site_packages() -> Path:
    """Where that Python keeps its packages."""
    return HOME / "python" / "Lib" / "site-packages"


def path(place: Path) -> str:
    """A path of ours as Windows programs see it."""
    return "Z:" + str(place.absolute()).replace("/", "\\")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """For every program under wine. `extra` is laid over ours."""
    settings = {
        "WINEPREFIX": str(PREFIX),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        # no menus on this desktop, no offers to download things, no sound: ALSA complains on the
        # standard error of a program that asks for devices on a machine without any
        "WINEDLLOVERRIDES": f"winemenubuilder.exe=d;mscoree=d;mshtml=d;{WITHOUT_SOUND}",
        "WINEQT_QPA_PLATFORM": "offscreen",
        "LC_ALL": "C.UTF-8",
    }
    return dict(os.environ) | settings | dict(extra or {})


def command(words: Sequence[str | Path]) -> list[str]:
    """wine's own command line for a Windows program."""
    return ["wine", *map(str, words)]


def run(words: Sequence[str], extra: Mapping[str, str] | None = None) -> None:
    """Run it, end the build if it fails. Its output goes through a pipe: wine needs that."""
    prepare()
    print("+ wine", *words, flush=True)
    result = call(words, extra)
    sys.stdout.write(result.stdout)
    if result.returncode:
        raise SystemExit(f"exit code {result.returncode}: {' '.join(map(str, words))}")


def call(
    words: Sequence[str | Path], extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it and hand over what it said, both streams in one."""
    return subprocess.run(
        command(words),
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


@contextmanager
def throwaway_prefix(folder: Path) -> Iterator[Path]:
    """A copy of the prefix for programs that write into it: what they leave must meet nobody."""
    prepare()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="prefix ") as name:
        prefix = Path(name) / "prefix"
        shutil.copytree(PREFIX, prefix, symlinks=True)
        settings = environment({"WINEPREFIX": str(prefix)})
        try:
            yield prefix
        finally:
            subprocess.run(["wineserver", "-k"], env=settings, check=False)
            # its last programs write their registry while they go
            subprocess.run(["wineserver", "-w"], env=settings, check=False)


def prepare(prefix: Path = PREFIX) -> None:
    """Make the prefix once, with the libraries that wine 8 lacks."""
    folder = prefix / "drive_c/windows/system32"
    lacking = [name for name in SHIMS if not (folder / f"{name}.dll").is_file()]
    if not lacking:
        return
    for program in ("wine", "Xvfb", COMPILER):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing: see packaging/linux/build-packages.txt")
    if not folder.is_dir():
        prefix.parent.mkdir(parents=True, exist_ok=True)
        with virtual_screen() as display:
            settings = environment({"WINEPREFIX": str(prefix), "DISPLAY": display})
            run_here(["wineboot", "--init"], environment=settings, quiet=True)
            # wine 8 calls itself Windows 7
            run_here(["wine", "winecfg", "-v", "win10"], environment=settings, quiet=True)
            for name in FONTS_OF_WINDOWS:
                key = r"HKCU\Software\Wine\Fonts\Replacements"
                words = ["wine", "reg", "add", key, "/v", name, "/d", FONT, "/f"]
                run_here(words, environment=settings, quiet=True)
            run_here(["wineserver", "-w"], environment=settings, quiet=True)
    for name in lacking:
        source = PACKAGING / f"windows/{name}.c"
        run_here([COMPILER, "-shared", "-O2", "-o", folder / f"{name}.dll", source, *SHIMS[name]])

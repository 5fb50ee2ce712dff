"""The Python environment that freezes: made from constraints-build.txt, hashes and all."""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from steps.paths import BUILD, ROOT

CONSTRAINTS = ROOT / "constraints-build.txt"
OLDEST, NEWEST = (3, 11), (3, 13)


def run(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    quiet: bool = False,
) -> None:
    """Run it and end the build if it fails; a quiet one is only heard when it fails."""
    words = [str(word) for word in command]
    if not quiet:
        print("+", " ".join(words), flush=True)
    result = subprocess.run(
        words,
        cwd=folder,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        check=False,
    )
    if result.returncode:
        if quiet:
            sys.stdout.write(result.stdout.decode(errors="replace"))
        raise SystemExit(f"exit code {result.returncode}: {' '.join(words)}")


def python() -> Path:
    """The environment's Python; the environment is made where it is missing or outdated."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise SystemExit("freeze with Python 3.11 to 3.13: others are not tested with our Qt")
    folder = BUILD / "venv"
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, wanted = folder / ".made-from", _wanted()
    if stamp.is_file() and stamp.read_text() == wanted:
        return interpreter
    run([sys.executable, "-m", "venv", "--clear", folder])
    pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--no-compile", "-r", CONSTRAINTS])
    if os.name == "nt":
        compile_bootloader(pip)
    stamp.write_text(wanted)
    return interpreter


def compile_bootloader(pip: Sequence[str | Path]) -> None:
    """Replace PyInstaller's start-up program by one compiled here from its pinned source.

    The one in its wheel begins every program that anybody freezes, malware too, and virus scanners
    know it. Where compiling fails, the build goes on with that one and says so.
    """
    with tempfile.TemporaryDirectory() as name:
        pinned = Path(name) / "pyinstaller.txt"
        pinned.write_text(_pinned("pyinstaller"), "utf-8")
        words = [*pip, "--no-deps", "--no-compile", "--force-reinstall", "--no-build-isolation",
                 "--require-hashes", "-r", pinned]  # fmt: skip
        compiled = subprocess.run(
            [*map(str, words), "--no-binary", "pyinstaller"],
            env=os.environ | {"PYINSTALLER_COMPILE_BOOTLOADER": "1"},
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if compiled.returncode:
            print("*** STOCK BOOTLOADER: compiling one's own failed; scanners may take offence ***")
            run(words)


def _pinned(name: str) -> str:
    """One project's lines of the constraints, version and hashes."""
    text = CONSTRAINTS.read_text("utf-8")
    found = re.search(rf"^{name}==.*(?:\n    --hash=.*)*", text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"{CONSTRAINTS} does not pin {name}")
    return found[0] + "\n"


def _wanted() -> str:
    digest = hashlib.sha256(CONSTRAINTS.read_bytes()).hexdigest()
    return f"{sys.version_info[:3]} {digest}\n"


def reproducible() -> dict[str, str]:
    """Our environment variables, and those that make two builds of one commit alike."""
    return os.environ | {
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(commit_time_s()),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def commit_time_s() -> int:
    """When this commit was made; in a tree without git, the changelog's time."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if told.isdecimal():
        return int(told)
    try:
        result = subprocess.run(
            # in a container of the release workflow the checkout is another user's
            ["git", "-c", f"safe.directory={ROOT}", "log", "-1", "--format=%ct"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return int(result.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return int((ROOT / "CHANGELOG.md").stat().st_mtime)

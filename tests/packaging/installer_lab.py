"""What the installer's tests share: small installers of other versions, and what lies where."""

import json
import shutil
from pathlib import Path

from steps.installer import compile_installer
from steps.paths import WINDOWS, Layout

KEY = r"Software\natwizard"
LISTED = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\natwizard"
LAYOUT = Layout(WINDOWS)


def other_version(folder: Path, number: str, *, extra: str = "") -> Path:
    """A small installer of another version: two programs that do nothing, and one library."""
    programs = folder / number / "natwizard"
    (programs / "_internal").mkdir(parents=True)
    for name in ("natwizard.exe", "natwizard-gui.exe", "_internal/python3.dll"):
        shutil.copyfile(LAYOUT.frozen / "_internal/python3.dll", programs / name)
    if extra:
        (programs / "_internal" / extra).write_text(extra)
    target = folder / f"other-{number}.exe"
    compile_installer(programs, number, target, LAYOUT.generated / "natwizard.ico")
    return target


def wanted_files() -> set[str]:
    """What the real setup program installs."""
    made = json.loads((LAYOUT.work / "files.json").read_text("utf-8"))
    return {*made, "Uninstall.exe"}


def files_below(folder: Path) -> set[str]:
    """Every file of a folder, with / between the names."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, and what is in it."""
    return {name: (folder / name).read_bytes() for name in files_below(folder)}

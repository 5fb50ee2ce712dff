"""Where everything of a build lies, and the one version it carries."""

import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
BUILD = ROOT / "build" / "packaging"
OUTPUT = ROOT / "dist"
NAME = "natwizard"
LINUX, WINDOWS, MACOS = "linux", "windows", "macos"
TARGETS = (LINUX, WINDOWS, MACOS)


def this_system() -> str:
    """The target that this machine freezes without help."""
    return {"win32": WINDOWS, "darwin": MACOS}.get(sys.platform, LINUX)


def version() -> str:
    """The version as `natwizard/__init__.py` says it, without importing anything."""
    text = (ROOT / NAME / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("natwizard/__init__.py has no __version__")
    return found[1]


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one target."""

    target: str

    @property
    def work(self) -> Path:
        """Whatever may be deleted and made again."""
        return BUILD / self.target

    @property
    def generated(self) -> Path:
        """Icon, version resource, NOTICE: made from the sources before the freeze."""
        return self.work / "generated"

    @property
    def frozen(self) -> Path:
        """The frozen programs and their libraries."""
        return self.work / "frozen" / NAME

    @property
    def suffix(self) -> str:
        """How a program's file name ends."""
        return ".exe" if self.target == WINDOWS else ""

    def program(self, name: str = NAME, folder: Path | None = None) -> Path:
        """One of the two frozen programs."""
        return (folder or self.frozen) / f"{name}{self.suffix}"

    @property
    def label(self) -> str:
        """The end of an artefact's name, such as linux-x86_64."""
        machine = "x64" if self.target == WINDOWS else platform.machine()
        return f"{self.target}-{machine}"

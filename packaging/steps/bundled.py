"""Which projects' files a frozen program holds: read from what the analysis wrote down."""

import importlib.metadata
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from steps.paths import Layout

# PyInstaller's start-up program is in each executable; its licence allows any use of that.
ALWAYS = ("pyinstaller",)
LICENCE_NAME = re.compile(r"(licen[sc]e|copying|notice)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Somebody else's work inside ours.

    Attributes:
        licence: as the project names it; an SPDX expression where it says so in that form.
        texts: its licence texts, whole.
    """

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    kind: str = "pypi"


def python_projects(layout: Layout, packages: Path) -> tuple[Project, ...]:
    """The distributions in `packages` of which at least one file was bundled."""
    sources = {_tail(source, packages) for _name, source in _bundled(layout)} - {""}
    found = []
    for distribution in importlib.metadata.distributions(path=[str(packages)]):
        files = {PurePosixPath(str(file)).as_posix() for file in distribution.files or ()}
        if files & sources or distribution.metadata["Name"].lower() in ALWAYS:
            found.append(_project(distribution))
    return tuple(sorted(found, key=lambda project: project.name.lower()))


def system_projects(layout: Layout) -> tuple[Project, ...]:
    """The Debian packages whose libraries were bundled; none elsewhere."""
    query = shutil.which("dpkg-query")
    libraries = [
        source for _name, source in _bundled(layout) if source.startswith(("/lib", "/usr"))
    ]
    if query is None or not libraries:
        return ()
    places = {place for source in libraries for place in (source, source.removeprefix("/usr"))}
    places |= {str(Path(source).resolve()) for source in libraries}
    places |= {place.removeprefix("/usr") for place in places}
    told = subprocess.run(
        [query, "-S", *sorted(places)], capture_output=True, text=True, check=False
    ).stdout
    names = {line.split(":")[0] for line in told.splitlines() if ":" in line}
    return tuple(_debian(name) for name in sorted(names))


def _bundled(layout: Layout) -> list[tuple[str, str]]:
    return [tuple(row) for row in json.loads((layout.generated / "bundled.json").read_text())]


def _tail(source: str, packages: Path) -> str:
    """The place below site-packages, for Linux and Windows paths alike."""
    place = source.replace("\\", "/")
    head = packages.as_posix()
    index = place.find(head)
    return place[index + len(head) + 1 :] if index >= 0 else ""


STATED = {"quickjs-ng": "MIT"}
"""Of projects whose metadata names no licence, by the text that they bring."""


def _project(distribution: importlib.metadata.Distribution) -> Project:
    meta = distribution.metadata
    licence = meta.get("License-Expression") or _classified(meta.get_all("Classifier") or [])
    licence = licence or meta.get("License", "").partition("\n")[0] or STATED[meta["Name"]]
    texts = [
        Path(str(distribution.locate_file(file))).read_text("utf-8", "replace")
        for file in distribution.files or ()
        if ".dist-info" in str(file) and LICENCE_NAME.search(file.name)
    ]
    return Project(name=meta["Name"], version=meta["Version"], licence=licence, texts=tuple(texts))


def _classified(classifiers: list[str]) -> str:
    licences = [text.split(" :: ")[-1] for text in classifiers if text.startswith("License ::")]
    return ", ".join(licences)


def _debian(name: str) -> Project:
    told = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=False
    )
    copyright_file = Path(f"/usr/share/doc/{name}/copyright")
    texts = (copyright_file.read_text("utf-8", "replace"),) if copyright_file.is_file() else ()
    return Project(
        name=name, version=told.stdout.split()[0] if told.stdout else "", kind="deb",
        licence="see its text", texts=texts,
    )  # fmt: skip

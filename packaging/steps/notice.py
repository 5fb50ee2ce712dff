"""NOTICE.txt: every project inside the frozen program, with its licence text."""

import hashlib
import sys
import sysconfig
from pathlib import Path

from steps.bundled import Project
from steps.parts import Part, licence_text
from steps.paths import PACKAGING, ROOT, version

RULE = "=" * 78
_HEAD = """\
natwizard {version} is free software under the MIT licence, which comes first below.

It comes with the work of others, each under its own licence. Python, its libraries and Qt lie
beside the program as files of their own: whoever wants to may replace Qt and PySide (LGPL-3.0)
in the folder `_internal` with a build of their own of the same version. Their sources:
the project "pyside-setup" and the Qt sources of the version named below, at The Qt Company.
"""


def notice(projects: tuple[Project, ...], inside: tuple[Part, ...]) -> str:
    """The whole text; a licence that many share is printed once."""
    parts = [_HEAD.format(version=version())]
    parts.append(f"{RULE}\nnatwizard\n{RULE}\n{(ROOT / 'LICENSE').read_text('utf-8')}")
    parts.append(f"{RULE}\nPython {sys.version.split()[0]}\n{RULE}\n{_python_licence()}")
    shown: dict[str, str] = {}
    for project in projects:
        parts.append(f"{RULE}\n{project.name} {project.version} ({project.licence})\n{RULE}")
        for text in project.texts or (_kept_text(project),):
            digest = hashlib.sha256(text.encode()).hexdigest()
            if digest in shown:
                parts.append(f"The same text as under {shown[digest]}.")
            else:
                shown[digest] = project.name
                parts.append(text.strip())
    parts += _inside(inside)
    return "\n".join(parts) + "\n"


def _inside(inside: tuple[Part, ...]) -> list[str]:
    """What lies inside Python, Qt and others, then the text of each of its licences."""
    lines = [f"{RULE}\nInside some of these lies the work of others again\n{RULE}"]
    for part in inside:
        lines.append(f"{part.name}, in {part.of}: {part.licence}")
        lines += [f"  Copyright (c) {holder}" for holder in part.copyright]
    for licence in sorted({part.licence for part in inside}):
        lines.append(f"{RULE}\n{licence}\n{RULE}\n{licence_text(licence).strip()}")
    return lines


def without_text(projects: tuple[Project, ...]) -> list[str]:
    """Projects that we could not ship: nothing says what their licence allows."""
    return [project.name for project in projects if not project.texts and not _kept_text(project)]


def _kept_text(project: Project) -> str:
    """Licence texts that wheels leave out are kept in packaging/licences."""
    kept = [
        path.read_text("utf-8")
        for path in sorted((PACKAGING / "licences").iterdir())
        # the LGPL is written as additions to the GPL: both are needed
        if "LGPL-3.0" in project.licence and path.name.endswith("GPL-3.0.txt")
    ]
    return "\n\n".join(kept)


def _python_licence() -> str:
    places = (Path(sys.base_prefix), Path(sysconfig.get_paths()["stdlib"]))
    for place in places:
        path = place / "LICENSE.txt"
        if path.is_file():
            return path.read_text("utf-8")
    raise SystemExit("this Python came without its licence text")

"""Others' work inside a wheel or an interpreter, which no file list shows: see parts.toml."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass

from steps.paths import PACKAGING

LICENCES = PACKAGING / "licences"
TEXTS = LICENCES / "parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of them.

    Attributes:
        of: the project that brings it.
        licence: its SPDX identifier; the text is kept under that name.
        targets: where it is inside; empty means everywhere.
    """

    of: str
    name: str
    licence: str
    copyright: tuple[str, ...]
    targets: tuple[str, ...] = ()


def parts_of(projects: Collection[str], target: str) -> tuple[Part, ...]:
    """The parts that these projects bring to this target."""
    return tuple(
        part
        for part in all_parts()
        if part.of in projects and (not part.targets or target in part.targets)
    )


def all_parts() -> tuple[Part, ...]:
    """Every part that is known."""
    rows = tomllib.loads((LICENCES / "parts.toml").read_text("utf-8"))["part"]
    return tuple(
        Part(
            of=row["of"],
            name=row["name"],
            licence=row["licence"],
            copyright=tuple(row["copyright"]),
            targets=tuple(row.get("targets", ())),
        )
        for row in rows
    )


def licence_text(licence: str) -> str:
    """The whole text. Ends the build where there is none: then we could not ship it."""
    path = TEXTS / f"{licence}.txt"
    if not path.is_file():
        raise SystemExit(f"no licence text for {licence}: {path} is missing")
    return path.read_text("utf-8")

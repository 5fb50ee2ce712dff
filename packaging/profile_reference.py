"""Writes the profile reference from the code that reads profiles, so that it cannot go stale."""

import inspect
import re
from enum import EnumType
from typing import get_args

import msgspec

from natwizard.checks.catalogue import CHECKS
from natwizard.model.profile import (
    Feeds,
    Profile,
    PublicServer,
    Question,
    Requirement,
    Share,
    Site,
    Targets,
    Updates,
)
from natwizard.profiles.read import shipped_profile

ATTRIBUTE = re.compile(r"^    (?P<names>\w+(, \w+)*): (?P<text>.+)$")


def attribute_texts(kind: type[object]) -> dict[str, str]:
    """What a Struct's docstring says of each attribute, on one line each."""
    texts: dict[str, str] = {}
    names: list[str] = []
    lines = inspect.getdoc(kind) or ""
    for line in lines.partition("Attributes:")[2].splitlines():
        found = ATTRIBUTE.match(line)
        if found:
            names = found["names"].split(", ")
            texts.update(dict.fromkeys(names, found["text"]))
        elif line.strip():
            texts.update({name: f"{texts[name]} {line.strip()}" for name in names})
    return texts


def type_text(kind: object) -> str:
    """A type as people who write TOML know it."""
    words = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return next((word for known, word in words.items() if kind is known), "list of texts")


def choices(kind: object) -> str:
    """The words that a key may hold, where they are a closed list."""
    members = [part for part in (kind, *get_args(kind)) if isinstance(part, EnumType)]
    if not members:
        return ""
    return ": " + ", ".join(f"`{member.value}`" for member in members[0])


def default_text(default: object) -> str:
    """A default as TOML writes it."""
    if default is msgspec.NODEFAULT:
        return "required"
    if default is None:
        return ""
    if isinstance(default, tuple):
        return "[]" if not default else f"{len(default)} entries"
    if isinstance(default, bool):
        return str(default).lower()
    return f'"{default}"' if isinstance(default, str) else f"{default:g}"


def default_of(field: msgspec.structs.FieldInfo) -> object:
    """What a key left out stands for; empty where that is a table."""
    simple = isinstance(field.default, (str, int, float, bool, tuple))
    required = field.required
    return field.default if simple else msgspec.NODEFAULT if required else None


def table(kind: type[msgspec.Struct]) -> list[str]:
    """A Struct's fields as a Markdown table."""
    texts = attribute_texts(kind)
    rows = ["| key | what | default |", "| --- | --- | --- |"]
    for field in msgspec.structs.fields(kind):
        about = texts.get(field.name, type_text(field.type)).rstrip(".") + choices(field.type)
        rows.append(f"| `{field.name}` | {about} | {default_text(default_of(field))} |")
    return rows


def limits_of(check_name: str, limits: type[msgspec.Struct]) -> list[str]:
    """One row for each limit of a check, explained where its struct or its ancestors do."""
    rows = []
    for field in msgspec.structs.fields(limits):
        ancestors = reversed(limits.__mro__)
        owner = next(kind for kind in ancestors if field.name in inspect.get_annotations(kind))
        about = attribute_texts(owner).get(field.name, summary(owner)).rstrip(".")
        rows.append(
            f"| `{check_name}` | `{field.name}` | {about} | {default_text(field.default)} |"
        )
    return rows


def summary(kind: type[object]) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(kind) or "").splitlines()[0]


def main() -> None:
    """Print the reference as Markdown."""
    profile = shipped_profile()
    sections = [
        "# Profile reference",
        "",
        "Made from the program by `make profile-reference`; do not edit it by hand.",
        "`natwizard schema profile` prints the same as JSON Schema.",
        "",
        "## Top level",
        "",
        *table(Profile),
        "",
        'A profile that starts with `extends = "natterbox"` is laid over the shipped one:',
        "tables are merged key by key, requirements by their `id`.",
        "",
        "## [targets]",
        "",
        *table(Targets),
        "",
        "## [[public]]",
        "",
        *table(PublicServer),
        "",
        "## [feeds]",
        "",
        *table(Feeds),
        "",
        "## [updates]",
        "",
        *table(Updates),
        "",
        "## [share]",
        "",
        *table(Share),
        "",
        "## [[sites]]",
        "",
        *table(Site),
        "",
        "## [[requirements]]",
        "",
        *table(Requirement),
        "",
        "### question",
        "",
        *table(Question),
        "",
        "### limits",
        "",
        "| requirement | limit | what | default |",
        "| --- | --- | --- | --- |",
        *(row for check in CHECKS for row in limits_of(check.name, check.limits)),
        "",
        "## Requirements of the shipped profile",
        "",
        "| ID | requirement | roles | advice only for |",
        "| --- | --- | --- | --- |",
        *(
            f"| `{row.id}` | {row.text} | {', '.join(row.roles)} | {', '.join(row.advice_for)} |"
            for row in profile.requirements
        ),
    ]
    print("\n".join(sections))


if __name__ == "__main__":
    main()

"""Writes the profile reference from the code that reads profiles, so that it cannot go stale."""

import inspect
import re

import msgspec

from natwizard.checks.catalogue import CHECKS
from natwizard.model.profile import Feeds, Profile, Question, Requirement, Targets
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
            # "http, https: a page; http_expect, https_expect: text" documents two pairs
            for more in re.findall(r"; (\w+), (\w+): ([^;]+)", found["text"]):
                texts.update(dict.fromkeys(more[:2], more[2]))
                texts.update(dict.fromkeys(names, found["text"].split(";")[0]))
        elif line.strip():
            texts.update({name: f"{texts[name]} {line.strip()}" for name in names})
    return texts


def type_text(kind: object) -> str:
    """A type as people who write TOML know it."""
    text = str(kind) if "tuple" in str(kind) or "|" in str(kind) else getattr(kind, "__name__", "")
    words = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
    if "tuple" in text:
        return "list of texts"
    return words.get(text, text)


def default_text(default: object) -> str:
    """A default as TOML writes it."""
    if default is msgspec.NODEFAULT:
        return "required"
    if isinstance(default, tuple):
        return "[]" if not default else f"{len(default)} entries"
    if isinstance(default, bool):
        return str(default).lower()
    return f'"{default}"' if isinstance(default, str) else f"{default:g}"


def table(kind: type[msgspec.Struct]) -> list[str]:
    """A Struct's fields as a Markdown table."""
    texts = attribute_texts(kind)
    rows = ["| key | what | default |", "| --- | --- | --- |"]
    for field in msgspec.structs.fields(kind):
        about = texts.get(field.name, type_text(field.type)).rstrip(".")
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = ""
        simple = isinstance(default, (str, int, float, bool, tuple)) or default is msgspec.NODEFAULT
        rows.append(f"| `{field.name}` | {about} | {default_text(default) if simple else ''} |")
    return rows


def limits_of(check_name: str, limits: type[msgspec.Struct]) -> list[str]:
    """One row for each limit of a check."""
    texts = attribute_texts(limits)
    return [
        f"| `{check_name}` | `{field.name}` | {texts.get(field.name, type_text(field.type))} "
        f"| {default_text(field.default)} |"
        for field in msgspec.structs.fields(limits)
    ]


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
        'A profile that starts with `extends = "natterbox"` is laid over the shipped one: tables are',
        "merged key by key, requirements by their `id`.",
        "",
        "## [targets]",
        "",
        *table(Targets),
        "",
        "## [feeds]",
        "",
        *table(Feeds),
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

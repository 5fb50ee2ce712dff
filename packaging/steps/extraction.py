"""Finds every text that people read: in the code, the shipped profile and the browser's page."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog

from steps.paths import ROOT

KEYWORDS = {"_": 1, "N_": 1, "ngettext": 2}
"""How many texts come first in a call."""

COMMENT = "Translators:"
HEADER = "# Texts of natwizard. Written by `make translations`."
MARKED = re.compile(r"\[\[(.+?)\]\]")


@dataclass(frozen=True, slots=True)
class Found:
    """One text, or singular and plural, and the file it stands in."""

    message: str | tuple[str, ...]
    place: str
    comments: tuple[str, ...] = ()


def template() -> Catalog:
    """All texts of the program as a catalogue without translations."""
    catalog = Catalog(header_comment=HEADER, charset="utf-8", fuzzy=False)
    everything = sorted(find_all(), key=lambda each: (each.place, isinstance(each.message, str)))
    counted = {each.message[0]: each.message for each in everything if _is_plural(each)}
    for found in everything:
        # a text that is also the singular of another has one entry, with its plural
        message = counted.get(found.message, found.message)
        catalog.add(message, locations=[(found.place, 0)], auto_comments=list(found.comments))
    return catalog


def find_all() -> Iterator[Found]:
    """Every marked text, in no particular order; the same text may come from several files."""
    for path in sorted((ROOT / "natwizard").rglob("*.py")):
        yield from in_python(path)
    for path in sorted((ROOT / "resources/profiles").glob("*.toml")):
        yield from in_profile(path)
    for path in sorted((ROOT / "resources/browsercheck").glob("*.html")):
        for marked in MARKED.finditer(path.read_text("utf-8")):
            yield Found(marked[1], _place(path))


def in_python(path: Path) -> Iterator[Found]:
    """What is given to _, N_ and ngettext, inside f-strings too, which Babel leaves out."""
    source = path.read_text("utf-8")
    lines = source.splitlines()
    calls = [node for node in ast.walk(ast.parse(source, path)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        known = isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
        texts = call.args[: KEYWORDS[call.func.id]] if known else []
        words = tuple(text.value for text in texts if isinstance(text, ast.Constant))
        if words and len(words) == len(texts):
            message = words if len(words) > 1 else words[0]
            yield Found(message, _place(path), _comments_above(lines, call.lineno))


def _comments_above(lines: list[str], number: int) -> tuple[str, ...]:
    """The hint for translators that ends on the line before this one, counted from 1."""
    hint: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#"):
            break
        hint.insert(0, line.strip().removeprefix("#").strip())
        if hint[0].startswith(COMMENT):
            return (hint[0].removeprefix(COMMENT).strip(), *hint[1:])
    return ()


def in_profile(path: Path) -> Iterator[Found]:
    """Requirements, questions and the titles of sources, as the program shows them."""
    profile = tomllib.loads(path.read_text("utf-8"))
    texts = [source.get("title") for source in profile.get("sources", {}).values()]
    for requirement in profile.get("requirements", ()):
        question = requirement.get("question", {})
        texts += [requirement.get("text"), requirement.get("title"), question.get("text")]
    yield from (Found(text, _place(path)) for text in texts if text)


def _is_plural(found: Found) -> bool:
    return not isinstance(found.message, str)


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()

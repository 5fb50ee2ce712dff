"""Finds every text that people read: in the code, the shipped profile and the browser's page."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

from steps.paths import ROOT

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "ngettext_noop": (1, 2)}
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
    """What is given to _, N_, ngettext and ngettext_noop."""
    extracted = extract_from_file(
        "python", path, keywords=KEYWORDS, comment_tags=(COMMENT,), strip_comment_tags=True
    )
    for _line, message, comments, _context in extracted:
        yield Found(message, _place(path), tuple(comments))


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

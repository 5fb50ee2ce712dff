"""All figures of every judgement of the case tables, beside those that were recorded.

A table names a status and a sentence; what else a judgement tells (times, shares, counts, limits,
in its texts and as measured values) is much, and nobody writes it down by hand. So it is recorded:
each test's judgements by status and figures, without words, which may be put better at any time.
A figure that changes is to be looked at, and recorded anew if it is right:

    NATWIZARD_RECORD=1 pytest tests/checks

Tests that are not recorded yet are left alone.
"""

import functools
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from natwizard.model.finding import Judgement

RECORDED = Path(__file__).with_name("recorded_figures.json")
RECORDING = bool(os.environ.get("NATWIZARD_RECORD"))
JUDGEMENTS_AT_MOST = 20
"""A test that makes more looks for something else, mostly with values made at random."""
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def changed_figures(test: pytest.Item, made: Sequence[tuple[str, Judgement]]) -> str:
    """How what a test's judgements tell differs from what was recorded; empty where it does not."""
    told = [f"{name} {figures_of(judgement)}" for name, judgement in made]
    if sys.platform != "linux" or not 0 < len(told) <= JUDGEMENTS_AT_MOST or _is_random(test):
        return ""
    name = f"{Path(test.location[0]).name}::{test.name}"
    if RECORDING:
        _record(name, told)
        return ""
    before = recorded().get(name)
    if before is None or before == told:
        return ""
    return f"figures of {name}: recorded\n{_lines(before)}\nnow\n{_lines(told)}"


def figures_of(judgement: Judgement) -> str:
    """Status and figures, in the order of the fields; what a conclusion rests on is left out."""
    told = msgspec.to_builtins(msgspec.structs.replace(judgement, facts=None))
    return " ".join((judgement.status.value, *_figures_in(told)))


def _figures_in(value: object) -> Iterator[str]:
    match value:
        case bool():
            if value:  # so that a new mark, which is off everywhere, changes nothing
                yield "T"
        case int() | float():
            yield f"{value:.9g}"
        case str():
            yield from _NUMBER.findall(value)
        case dict():
            for each in value.values():
                yield from _figures_in(each)
        case list() | tuple():
            yield f"[{len(value)}"
            for each in value:
                yield from _figures_in(each)


@functools.cache
def recorded() -> dict[str, list[str]]:
    """What each test's judgements told, by file and name of the test."""
    found: dict[str, list[str]] = json.loads(RECORDED.read_text("utf-8"))
    return found


def _record(name: str, told: list[str]) -> None:
    known = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}
    if known.get(name) != told:
        known[name] = told
        RECORDED.write_text(json.dumps(known, indent=0, sort_keys=True) + "\n", "utf-8")


def _is_random(test: pytest.Item) -> bool:
    return bool(getattr(getattr(test, "function", None), "is_hypothesis_test", False))


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(f"  {text}" for text in texts)

"""All figures of every judgement of the case tables, beside those that were recorded.

A table names a status and a sentence; what else a judgement tells (times, shares, counts, limits,
in its texts and as measured values) is much, and nobody writes it down by hand. So it is recorded:
each test's judgements by status, the rows of verdict tables that were filled in on the way to it,
figures, and what other checks' conclusions rest on (`facts`). Words are left out: they may be put
better at any time.
A figure that changes is to be looked at, and recorded anew if it is right:

    NATWIZARD_RECORD=1 pytest tests/checks

Tests that are not recorded yet are left alone.
"""

import functools
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import msgspec
import pytest

from natwizard.checks.verdict import Verdict, VerdictTable
from natwizard.model.finding import Judgement

RECORDED = Path(__file__).with_name("recorded_figures.json")
RECORDING = bool(os.environ.get("NATWIZARD_RECORD"))
JUDGEMENTS_AT_MOST = 20
"""A test that makes more looks for something else, mostly with values made at random."""
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


class Made(NamedTuple):
    """What a rule said: its check, the judgement, and which rows it filled in on the way."""

    check: str
    judgement: Judgement
    rows: tuple[str, ...]


def changed_figures(test: pytest.Item, made: Sequence[Made]) -> str:
    """How what a test's judgements tell differs from what was recorded; empty where it does not."""
    told = [" ".join((each.check, *each.rows, figures_of(each.judgement))) for each in made]
    if sys.platform != "linux" or not 0 < len(told) <= JUDGEMENTS_AT_MOST or _is_random(test):
        return ""
    name = f"{Path(test.location[0]).name}::{test.name}"
    if RECORDING:
        _RECORDED_NOW[name] = told
        return ""
    before = recorded().get(name)
    if before is None or before == told:
        return ""
    return f"figures of {name}: recorded\n{_lines(before)}\nnow\n{_lines(told)}"


def row_names(modules: Mapping[str, ModuleType]) -> Mapping[int, str]:
    """What each row of a verdict table is called in its module, by the row's `id`."""
    names: dict[int, str] = {}
    for module in modules.values():
        for name, value in vars(module).items():
            match value:
                case Verdict():
                    names.setdefault(id(value), name)
                case type() if issubclass(value, VerdictTable):
                    names |= {id(each.verdict): each.name for each in value}
                case Mapping():
                    rows = {k: row for k, row in value.items() if isinstance(row, Verdict)}
                    names |= {id(row): f"{name}[{key}]" for key, row in rows.items()}
    return names


def figures_of(judgement: Judgement) -> str:
    """Status and figures, in the order of the fields, and then those of its facts."""
    told = msgspec.to_builtins(msgspec.structs.replace(judgement, facts=None))
    return " ".join((judgement.status.value, *_figures_in(told), *_facts_in(judgement.facts)))


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


def _facts_in(facts: object) -> Iterator[str]:
    """By the names of fields; those that are off or empty are left out."""
    match facts:
        case None | False | "":
            return
        case True:
            yield "T"
        case Enum():
            yield facts.name
        case msgspec.Struct():
            yield f"{type(facts).__name__}("
            for name, value in msgspec.structs.asdict(facts).items():
                if told := list(_facts_in(value)):
                    yield " ".join((f"{name}=", *told))
            yield ")"
        case AbstractSet() | list() | tuple():
            yield from sorted(" ".join(_facts_in(each)) for each in facts)
        case _:
            yield str(facts)


@functools.cache
def recorded() -> dict[str, list[str]]:
    """What each test's judgements told, by file and name of the test."""
    found: dict[str, list[str]] = json.loads(RECORDED.read_text("utf-8"))
    return found


_RECORDED_NOW: dict[str, list[str]] = {}


def write_recorded() -> None:
    """At the end of a run that records: what its tests told, beside what others told before."""
    if _RECORDED_NOW:
        known = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}
        text = json.dumps(known | _RECORDED_NOW, indent=0, sort_keys=True)
        RECORDED.write_text(text + "\n", "utf-8")


def _is_random(test: pytest.Item) -> bool:
    return bool(getattr(getattr(test, "function", None), "is_hypothesis_test", False))


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(f"  {text}" for text in texts)

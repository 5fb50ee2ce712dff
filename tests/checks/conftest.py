"""Every judgement that a case table brings about is held to the writing guide on the spot, and
its figures to those that were recorded (checks/recorded_figures.py).
"""

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from checks.recorded_figures import Made, changed_figures, row_names, write_recorded
from languages.writing_rules import faults_of

from natwizard.checks.base import Check
from natwizard.checks.catalogue import CHECKS
from natwizard.checks.shared import missing_evidence
from natwizard.checks.verdict import Verdict
from natwizard.model.finding import Judgement

MADE: list[Made] = []
ROWS: list[str] = []
"""Those of verdict tables that were filled in, in order."""
TABLE = os.environ.get("WORDS_TABLE", "")
"""A file that gets one JSON line a judgement; languages/writing_rules.py makes a table of them."""


def recording(name: str, judge: Callable[..., Judgement]) -> Callable[..., Judgement]:
    """The same rule, which notes what it said."""

    @functools.wraps(judge)
    def noted(*arguments: object, **named: object) -> Judgement:
        before = len(ROWS)
        made = judge(*arguments, **named)
        MADE.append(Made(name, made, tuple(ROWS[before:])))
        return made

    return noted


def listen() -> None:
    """Before any test module takes a rule by its name."""
    for check in CHECKS:
        assert isinstance(check, Check)
        wrapped = recording(check.name, check.judge)
        module = vars(sys.modules[check.judge.__module__])
        names = [name for name, value in module.items() if value is check.judge]
        module.update(dict.fromkeys(names, wrapped))
        object.__setattr__(check, "judge", wrapped)
    vars(missing_evidence)["judge_missing"] = recording("(missing)", missing_evidence.judge_missing)
    known = {
        name: each for name, each in sys.modules.items() if name.startswith("natwizard.checks")
    }
    names, fill = row_names(known), Verdict.judgement

    @functools.wraps(fill)
    def filled(row: Verdict, **named: Any) -> Judgement:
        ROWS.append(names.get(id(row), "a row of its own"))
        return fill(row, **named)

    Verdict.judgement = filled  # type: ignore[method-assign]


listen()


def pytest_sessionfinish() -> None:
    write_recorded()


@pytest.fixture(autouse=True)
def figures_are_as_recorded(request: pytest.FixtureRequest) -> Iterator[None]:
    MADE.clear()
    ROWS.clear()
    yield
    assert not (changed := changed_figures(request.node, MADE)), changed


@pytest.fixture(autouse=True)
def words_are_those_of_the_guide(figures_are_as_recorded: None) -> Iterator[None]:  # noqa: ARG001
    yield
    if TABLE:
        with Path(TABLE).open("a", encoding="utf-8") as file:
            for name, made, _rows in MADE:
                remedy = made.remedy
                told = (remedy.text, remedy.owner, remedy.request) if remedy else ("", "", "")
                said = (name, made.status, made.summary, made.observed, made.expected, *told)
                file.write(json.dumps(said) + "\n")
    faults = [f"{name}: {fault}" for name, made, _rows in MADE for fault in faults_of(made)]
    assert not faults or TABLE, "\n".join(dict.fromkeys(faults))

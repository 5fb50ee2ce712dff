"""Plans, checked numbers and the checklist as rows of text for a CSV file."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from natwizard.planner.bandwidth import BandwidthPlan
from natwizard.planner.checklist import ChecklistItem
from natwizard.planner.figures import Plan
from natwizard.planner.formula_guard import guarded
from natwizard.planner.number_words import reason_words
from natwizard.planner.numbers import NumberResult, NumberState

Rows: TypeAlias = tuple[tuple[str, ...], ...]


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file (RFC 4180, UTF-8 with a byte order mark, so that Excel reads it too)."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def plan_rows(plan: Plan) -> Rows:
    """Header, one row a part, the total, and the one-off amount where there is one."""
    unit = plan.unit.value
    parts = tuple(
        (part.name, part.title, part.how, *_amounts(part.per_day, part.per_month, part.per_year))
        for part in (*plan.parts, plan.total)
    )
    once = (("once", "", "", _amount(plan.once), "", ""),) if plan.once else ()
    header = ("part", "title", "how", "per_day", "per_month", "per_year", "unit")
    return (header, *((*row, unit) for row in (*parts, *once)))


def bandwidth_rows(plan: BandwidthPlan) -> Rows:
    """Header and one row; what the line would carry is empty where no line was given."""
    inputs = plan.inputs
    line = inputs.line_kbit_s
    return (
        ("concurrent_calls", "call_kbit_s", "needed_kbit_s", "line_kbit_s", "calls_carried"),
        (
            _amount(inputs.concurrent_calls),
            _amount(inputs.call_kbit_s),
            _amount(plan.needed_kbit_s),
            "" if line is None else _amount(line),
            "" if plan.calls_carried is None else str(plan.calls_carried),
        ),
    )


def number_rows(results: Iterable[NumberResult]) -> Rows:
    """Header and one row a number, with the columns that a checked file gets."""
    return (
        ("number", "valid", "reason", "e164", "country", "type"),
        *(
            (
                found.text,
                "true" if found.state is NumberState.VALID else "false",
                reason_words(found.reason) if found.reason is not None else "",
                found.e164,
                found.country,
                found.kind.value if found.kind is not None else "",
            )
            for found in results
        ),
    )


def checklist_rows(items: Iterable[ChecklistItem]) -> Rows:
    """Header and one row a point, with an empty column to tick."""
    return (
        ("done", "topic", "text", "owner", "requirement", "source"),
        *(
            (
                "",
                item.topic,
                item.text,
                item.owner.value,
                item.requirement,
                item.source.title if item.source is not None else "",
            )
            for item in items
        ),
    )


def _amounts(*values: float) -> tuple[str, ...]:
    return tuple(_amount(value) for value in values)


def _amount(value: float) -> str:
    """A plain number with at most two decimals, as a spreadsheet reads it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

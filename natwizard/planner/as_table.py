"""Plans, checked numbers and the checklist as rows of text for a CSV file."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from natwizard.model.checklist import ChecklistItem
from natwizard.model.plan import BandwidthPlan, CapacityPlan, OrgPlan, Part
from natwizard.model.quantity import Confirmation
from natwizard.planner.number_file import guarded
from natwizard.planner.numbers import NumberResult, NumberState, reason_words

Rows: TypeAlias = tuple[tuple[str, ...], ...]

PLAN_HEADER = ("part", "title", "how", "per_day", "per_month", "per_year", "unit",
               "allowance", "allowance_per", "lasts_days")  # fmt: skip
NOT_ALLOWED = ("", "", "")


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file (RFC 4180, UTF-8 with a byte order mark, so that Excel reads it too)."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def plan_rows(plan: CapacityPlan) -> Rows:
    """Header, one row a part, the total beside its allowance, and the one-off amount."""
    unit, allowance = plan.unit.value, plan.allowance
    allowed = ("", "", "")
    if allowance is not None:
        days = "" if allowance.days is None else _amount(allowance.days)
        allowed = (_amount(allowance.amount), allowance.period, days)
    rows = [
        (part.name, part.title, part.how, *_amounts(part), unit, *NOT_ALLOWED)
        for part in plan.parts
    ]
    rows.append(("total", plan.total.title, "", *_amounts(plan.total), unit, *allowed))
    if plan.once:
        rows.append(("once", "", "", _amount(plan.once), "", "", unit, *NOT_ALLOWED))
    return (PLAN_HEADER, *rows)


def org_rows(org: OrgPlan) -> Rows:
    """All plans in one table; bandwidth is a rate and has no amounts over days."""
    rows: list[tuple[str, ...]] = [("plan", *PLAN_HEADER)]
    for name, plan in (
        ("storage", org.storage),
        ("insight", org.insight),
        ("api_calls", org.api_calls),
    ):
        rows += [(name, *row) for row in plan_rows(plan)[1:]] if plan is not None else []
    if org.bandwidth is not None:
        needed = _amount(org.bandwidth.needed_kbit_s)
        how = f"{_amount(org.bandwidth.inputs.concurrent_calls)} x "
        how += _amount(org.bandwidth.inputs.call_kbit_s)
        line = org.bandwidth.inputs.line_kbit_s
        allowed = ("" if line is None else _amount(line), "", "")
        rows.append(("bandwidth", "needed", "", how, needed, "", "", "kbit/s", *allowed))
    return tuple(rows)


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
    """Header and one row a point; `done` is empty to tick, or yes or no."""
    return (
        ("done", "on", "by", "note", "topic", "text", "owner", "point", "requirement", "source"),
        *(
            (
                *_answer_cells(item.answer),
                item.topic,
                item.text,
                item.owner.value,
                item.point,
                item.requirement,
                item.source.title if item.source is not None else "",
            )
            for item in items
        ),
    )


def _answer_cells(answer: Confirmation | None) -> tuple[str, str, str, str]:
    if answer is None:
        return "", "", "", ""
    return answer.reply.value, answer.on, answer.by, answer.note


def _amounts(part: Part) -> tuple[str, str, str]:
    return _amount(part.per_day), _amount(part.per_month), _amount(part.per_year)


def _amount(value: float) -> str:
    """A plain number with at most two decimals, as a spreadsheet reads it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

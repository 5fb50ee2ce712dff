"""Opens a plan for the org from JSON. Every file is hostile."""

import math
from collections.abc import Iterator
from pathlib import Path

import msgspec

from natwizard.model.language import _
from natwizard.model.plan import Allowance, OrgPlan, Part
from natwizard.report.files import UnreadableReport, read_bounded

PLAN_LIMIT_BYTES = 1_000_000
LARGEST = 1e24
MOST_PARTS = 20  # ours have six at most


def open_plan(path: Path) -> OrgPlan:
    """What `natwizard plan all --json` wrote. Raises UnreadableReport."""
    content = read_bounded(path, PLAN_LIMIT_BYTES)
    try:
        plan = msgspec.json.decode(content, type=OrgPlan)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError) as error:
        reason = _("this is no plan; natwizard plan all --json writes one ({detail})")
        detail = " ".join(str(error).split())[:120]
        raise UnreadableReport(path, reason.format(detail=detail)) from error
    if not plan_is_sane(plan):
        raise UnreadableReport(path, _("the plan holds values that no input can bring"))
    return plan


def plan_is_sane(plan: OrgPlan) -> bool:
    """Whether all of it can be shown and drawn."""
    few = all(len(single.parts) <= MOST_PARTS for single in plan.plans)
    return few and all(math.isfinite(amount) and 0 <= amount < LARGEST for amount in _amounts(plan))


def _amounts(plan: OrgPlan) -> Iterator[float]:
    for single in plan.plans:
        yield single.once
        for part in (*single.parts, single.total):
            yield from _of_part(part)
        yield from _of_allowance(single.allowance)
    yield from _of_allowance(plan.together)
    if plan.bandwidth is not None:
        inputs = plan.bandwidth.inputs
        yield plan.bandwidth.needed_kbit_s
        yield inputs.concurrent_calls
        yield inputs.call_kbit_s
        yield inputs.line_kbit_s or 0.0
        yield plan.bandwidth.calls_carried or 0


def _of_part(part: Part) -> tuple[float, float, float]:
    return part.per_day, part.per_month, part.per_year


def _of_allowance(allowance: Allowance | None) -> tuple[float, ...]:
    if allowance is None:
        return ()
    return allowance.amount, allowance.used, allowance.days or 0.0

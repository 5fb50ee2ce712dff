"""What changed from one run to another: statuses first, then values beyond noise.

Two estimates differ where zero lies outside the interval of their difference, made from the
interval of each (Zou and Donner 2008, "MOVER"): two intervals that merely overlap may still
differ, and a point outside the other's interval alone proves nothing.
"""

import math

from natwizard.model.finding import Finding, Status
from natwizard.model.quantity import Interval, Quantity, Unit
from natwizard.model.report import Readiness, Report
from natwizard.report.details import severity
from natwizard.report.plain import Sanitised

# Of the larger value, where neither has an interval: less is measuring again (decision 35)
NOISE_SHARE = 0.2
PROVEN_FLOOR_SHARE = 0.5
"""Of the floor: a step that is proven may be smaller than one that is not, but has to matter."""

# Smaller steps than these mean nothing, whatever share they are of a small value.
NOISE_FLOORS = {
    Unit.MILLISECOND: 2.0,
    Unit.SECOND: 0.5,
    Unit.FRACTION: 0.002,
    Unit.PERCENT: 0.2,
    Unit.MOS: 0.1,
    Unit.DECIBEL: 3.0,
    Unit.DECIBEL_OF_FULL_SCALE: 3.0,
    Unit.HERTZ: 500.0,
}


class StatusChange(Sanitised, frozen=True, kw_only=True):
    """A check that is judged otherwise now; None where only one run had it.

    Attributes:
        within_noise: its values moved no more than measuring again would move them.
    """

    check: str
    title: str
    before: Status | None
    after: Status | None
    observed_before: str
    observed_after: str
    within_noise: bool = False


class ValueChange(Sanitised, frozen=True, kw_only=True):
    """A check with the same status whose values moved; `names` are the quantities that did."""

    check: str
    title: str
    observed_before: str
    observed_after: str
    names: tuple[str, ...]


class Unchanged(Sanitised, frozen=True, kw_only=True):
    """A check that stands as before."""

    check: str
    title: str
    status: Status
    observed: str


class Comparison(Sanitised, frozen=True, kw_only=True):
    """Two runs side by side.

    Attributes:
        statuses: worst first by how it stands now, else in the order of the later report; last what
            only the earlier one had, in its order.
        values, unchanged: in the order of the later report.
        same_terms: whether profile, its version and the role were the same.
        same_extent: whether both left out the same checks; a part of a run is no whole one.
    """

    started_before: str
    started_after: str
    code_before: str
    code_after: str
    verdict_before: Readiness
    verdict_after: Readiness
    same_terms: bool
    statuses: tuple[StatusChange, ...]
    values: tuple[ValueChange, ...]
    unchanged: tuple[Unchanged, ...]
    same_extent: bool = True


def compare(before: Report, after: Report) -> Comparison:
    """Hold the later run against the earlier one, check by check."""
    old = {finding.check: finding for finding in before.findings}
    new = {finding.check: finding for finding in after.findings}
    # a set of names would come in another order each time
    checks = (*new, *(check for check in old if check not in new))
    pairs = [(old.get(check), new.get(check)) for check in checks]
    changed = [(one, other) for one, other in pairs if _status(one) is not _status(other)]
    changed.sort(key=_how_it_stands)
    values = tuple(
        change
        for one, other in pairs
        if one is not None and other is not None and one.status is other.status
        for change in _value_changes(one, other)
    )
    told = {change.check for change in values}
    told |= {finding.check for pair in changed for finding in pair if finding is not None}
    return Comparison(
        started_before=before.started_at,
        started_after=after.started_at,
        code_before=before.run_code,
        code_after=after.run_code,
        verdict_before=before.verdict,
        verdict_after=after.verdict,
        same_terms=_terms(before) == _terms(after),
        same_extent=_extent(before) == _extent(after),
        statuses=tuple(_status_change(one, other) for one, other in changed),
        values=values,
        unchanged=tuple(
            Unchanged(
                check=finding.check,
                title=finding.title,
                status=finding.status,
                observed=finding.observed,
            )
            for finding in after.findings
            if finding.check not in told
        ),
    )


def _extent(report: Report) -> frozenset[str]:
    return frozenset(each.check for each in report.left_out)


def _terms(report: Report) -> tuple[object, ...]:
    return (report.profile.name, report.profile.version, report.answers)


def _status(finding: Finding | None) -> Status | None:
    return finding.status if finding is not None else None


def _how_it_stands(pair: tuple[Finding | None, Finding | None]) -> int:
    """Worst first as it is now; what only the earlier run had comes last."""
    _before, after = pair
    return severity(after) if after is not None else len(Status)


def _status_change(before: Finding | None, after: Finding | None) -> StatusChange:
    named = after or before
    return StatusChange(
        check=named.check if named is not None else "",
        title=named.title if named is not None else "",
        before=_status(before),
        after=_status(after),
        observed_before=before.observed if before is not None else "",
        observed_after=after.observed if after is not None else "",
        within_noise=before is not None and after is not None and _only_noise(before, after),
    )


def _only_noise(before: Finding, after: Finding) -> bool:
    """Whether both have numbers of the same name, and none of them moved."""
    numbers = {quantity.name for quantity in (*before.measured, *after.measured)
               if not isinstance(quantity.value, bool | str)}  # fmt: skip
    shared = {quantity.name for quantity in before.measured} & {
        quantity.name for quantity in after.measured
    }
    return bool(numbers & shared) and not _moved_names(before, after)


def _value_changes(before: Finding, after: Finding) -> tuple[ValueChange, ...]:
    """One entry at most: a person reads "18.6 ms", not each quantity behind it."""
    names = _moved_names(before, after)
    if not names or before.observed == after.observed:
        return ()
    change = ValueChange(
        check=after.check,
        title=after.title,
        observed_before=before.observed,
        observed_after=after.observed,
        names=names,
    )
    return (change,)


def _moved_names(before: Finding, after: Finding) -> tuple[str, ...]:
    old = {quantity.name: quantity for quantity in before.measured}
    spans_before, spans_after = _span(before), _span(after)
    return tuple(
        quantity.name
        for quantity in after.measured
        if quantity.name in old
        and _moved(
            old[quantity.name],
            quantity,
            spans_before.get(quantity.name),
            spans_after.get(quantity.name),
        )
    )


def _span(finding: Finding) -> dict[str, Interval]:
    """The finding's interval under the name of its value: the first in it with its unit."""
    interval = finding.interval
    if interval is None:
        return {}
    for quantity in finding.measured:
        value = quantity.value
        if isinstance(value, bool | str) or quantity.unit is not interval.unit:
            continue
        if interval.low <= value <= interval.high:
            return {quantity.name: interval}
    return {}


def _moved(
    before: Quantity, after: Quantity, span_before: Interval | None, span_after: Interval | None
) -> bool:
    """Whether two values differ by more than measuring again would make them."""
    old, new = before.value, after.value
    if isinstance(old, bool | str) or isinstance(new, bool | str):
        return old != new
    if before.unit is not after.unit:
        return True
    step = abs(new - old)
    floor = NOISE_FLOORS.get(before.unit, 0.0)
    if span_before is not None and span_after is not None:
        noise = _noise(old, new, span_before, span_after)
        return step > noise and step > PROVEN_FLOOR_SHARE * floor
    return step > floor and step > NOISE_SHARE * max(abs(old), abs(new))


def _noise(old: float, new: float, before: Interval, after: Interval) -> float:
    """How far two estimates may lie apart before their difference is proven."""
    if new > old:
        return math.hypot(new - after.low, before.high - old)
    return math.hypot(after.high - new, old - before.low)

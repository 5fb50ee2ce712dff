"""What changed from one run to another: statuses first, then values beyond noise."""

from msgspec import Struct

from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.model.quantity import Interval, Quantity, Unit
from natwizard.model.report import Report, Verdict
from natwizard.model.writing import labelled
from natwizard.report.facts import moment_words
from natwizard.report.fixes import severity
from natwizard.report.plain import plain
from natwizard.report.words import status_word, verdict_words

NOISE_SHARE = 0.2
# Smaller steps than these mean nothing, whatever share they are of a small value.
NOISE_FLOORS = {
    Unit.MILLISECOND: 2.0,
    Unit.SECOND: 0.5,
    Unit.FRACTION: 0.002,
    Unit.PERCENT: 0.2,
    Unit.MOS: 0.1,
}


class StatusChange(Struct, frozen=True, kw_only=True):
    """A check that is judged otherwise now; None where only one run had it."""

    check: str
    title: str
    before: Status | None
    after: Status | None
    observed_before: str
    observed_after: str


class ValueChange(Struct, frozen=True, kw_only=True):
    """A check with the same status whose values moved; `names` are the quantities that did."""

    check: str
    title: str
    observed_before: str
    observed_after: str
    names: tuple[str, ...]


class Comparison(Struct, frozen=True, kw_only=True):
    """Two runs side by side.

    Attributes:
        statuses: worst first by how it stands now.
        values: in the order of the later report.
        same_terms: whether profile, its version and the role were the same.
    """

    started_before: str
    started_after: str
    code_before: str
    code_after: str
    verdict_before: Verdict
    verdict_after: Verdict
    same_terms: bool
    statuses: tuple[StatusChange, ...]
    values: tuple[ValueChange, ...]


def compare(before: Report, after: Report) -> Comparison:
    """Hold the later run against the earlier one, check by check."""
    old = {finding.check: finding for finding in before.findings}
    new = {finding.check: finding for finding in after.findings}
    pairs = [(old.get(check), new.get(check)) for check in (*new, *(old.keys() - new.keys()))]
    changed = [(one, other) for one, other in pairs if _status(one) is not _status(other)]
    changed.sort(key=_how_it_stands)
    return Comparison(
        started_before=before.started_at,
        started_after=after.started_at,
        code_before=before.run_code,
        code_after=after.run_code,
        verdict_before=before.verdict,
        verdict_after=after.verdict,
        same_terms=_terms(before) == _terms(after),
        statuses=tuple(_status_change(one, other) for one, other in changed),
        values=tuple(
            change
            for one, other in pairs
            if one is not None and other is not None and one.status is other.status
            for change in _value_changes(one, other)
        ),
    )


def _terms(report: Report) -> tuple[object, ...]:
    return (report.profile.name, report.profile.version, report.answers)


def _status(finding: Finding | None) -> Status | None:
    return finding.status if finding is not None else None


def _how_it_stands(pair: tuple[Finding | None, Finding | None]) -> tuple[int, str]:
    before, after = pair
    finding = after or before
    if finding is None:
        return 0, ""
    return (severity(finding) if after is not None else len(Status)), finding.check


def _status_change(before: Finding | None, after: Finding | None) -> StatusChange:
    named = after or before
    return StatusChange(
        check=named.check if named is not None else "",
        title=named.title if named is not None else "",
        before=_status(before),
        after=_status(after),
        observed_before=before.observed if before is not None else "",
        observed_after=after.observed if after is not None else "",
    )


def _value_changes(before: Finding, after: Finding) -> tuple[ValueChange, ...]:
    """One entry at most: a person reads "18.6 ms", not each quantity behind it."""
    old = {quantity.name: quantity for quantity in before.measured}
    names = tuple(
        quantity.name
        for quantity in after.measured
        if quantity.name in old
        and _moved(old[quantity.name], quantity, before.interval, after.interval)
    )
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


def _moved(
    before: Quantity, after: Quantity, interval_before: Interval | None,
    interval_after: Interval | None,
) -> bool:  # fmt: skip
    """Whether two values differ by more than measuring again would make them."""
    old, new = before.value, after.value
    if isinstance(old, bool | str) or isinstance(new, bool | str):
        return old != new
    if before.unit is not after.unit:
        return True
    if interval_before is not None and interval_after is not None:
        belongs = interval_before.unit is before.unit and interval_after.unit is before.unit
        if belongs and _inside(old, interval_before) and _inside(new, interval_after):
            return not (_inside(new, interval_before) or _inside(old, interval_after))
    step = abs(new - old)
    floor = NOISE_FLOORS.get(before.unit, 0.0)
    return step > floor and step > NOISE_SHARE * max(abs(old), abs(new))


def _inside(value: float, interval: Interval) -> bool:
    return interval.low <= value <= interval.high


def comparison_text(comparison: Comparison) -> str:
    """The comparison for a terminal or a mail."""
    lines = [
        _run_line(_("Before"), comparison.started_before, comparison.code_before,
                  comparison.verdict_before),
        _run_line(_("After"), comparison.started_after, comparison.code_after,
                  comparison.verdict_after),
    ]  # fmt: skip
    if not comparison.same_terms:
        lines.append(_("The profile or the role was another, so limits may differ."))
    lines.append("")
    for change in comparison.statuses:
        words = f"{_word(change.before)} -> {_word(change.after)}"
        lines.append(plain(labelled(change.title, words)))
        lines.append(plain(f"   {_arrow(change.observed_before, change.observed_after)}"))
    if comparison.values:
        lines += ([""] if comparison.statuses else []) + [_("Same result, other values")]
        lines += [
            plain(labelled(change.title, _arrow(change.observed_before, change.observed_after)))
            for change in comparison.values
        ]
    if not comparison.statuses and not comparison.values:
        lines.append(_("Nothing changed beyond what measuring again does."))
    return "\n".join(lines) + "\n"


def _run_line(label: str, started: str, code: str, verdict: Verdict) -> str:
    return plain(labelled(label, f"{verdict_words(verdict)}, {moment_words(started)}, {code}"))


def _word(status: Status | None) -> str:
    return status_word(status) if status is not None else _("not in this run")


def _arrow(before: str, after: str) -> str:
    return f"{before or _('nothing')} -> {after or _('nothing')}"

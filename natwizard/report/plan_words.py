"""What every view says of a plan: amounts with units, allowances, and the breakdown to draw."""

from natwizard.model.finding import Source
from natwizard.model.language import _
from natwizard.model.plan import (
    Allowance,
    BandwidthPlan,
    Breakdown,
    BreakdownSlice,
    CapacityPlan,
    OrgPlan,
    Part,
)
from natwizard.model.quantity import Unit
from natwizard.model.writing import NBSP, number, short_number, unit_sign, with_unit

# 100 years, as `allowance_words` says: nothing stays as it is for longer
DAYS_WORTH_TELLING = 36_500
BYTE_STEPS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "KB"))


def amount_words(value: float, unit: Unit) -> str:
    """An amount with its unit: 13_360_000 bytes is "13.36 MB" (decimal, as the page counts)."""
    if unit is not Unit.BYTE:
        return number(value) if unit is Unit.COUNT else with_unit(value, unit.value)
    for step, name in BYTE_STEPS:
        if value >= step:
            return f"{short_number(value / step)}{NBSP}{unit_sign(name)}"
    return with_unit(value, "B")


def rate_words(value_kbit_s: float) -> str:
    """A bandwidth: "5,000 kbit/s"."""
    return with_unit(value_kbit_s, "kbit/s")


def share_words(share: float) -> str:
    """A part of a whole: "60 %", "under 1 %"."""
    if 0 < share < 0.01:
        return _("under {percent} %").format(percent=1)
    if 0.99 < share < 1:
        return _("over {percent} %").format(percent=99)
    return with_unit(100 * share, "%")


def allowance_words(allowance: Allowance, unit: Unit) -> str:
    """How far an allowance goes, in one sentence."""
    amount, used = amount_words(allowance.amount, unit), amount_words(allowance.used, unit)
    if allowance.period == "day":
        words = (
            _("{used} of {amount} a day: {share} %.")
            if allowance.share <= 1
            else _("{used} a day is more than your {amount}: {share} %.")
        )
        share = number(100 * allowance.share) if allowance.amount else "-"
        return words.format(used=used, amount=amount, share=share)
    if allowance.days is None:
        return _("{amount} free; nothing is added.").format(amount=amount)
    if allowance.days > DAYS_WORTH_TELLING:
        return _("{amount} free lasts more than 100 years.").format(amount=amount)
    return _("{amount} free lasts {days} days at this rate; the first year takes {used}.").format(
        amount=amount, days=number(int(allowance.days)), used=used
    )


def together_words(plan: OrgPlan) -> str:
    """How long the free storage lasts with Insight too; empty where that was not worked out."""
    if plan.together is None:
        return ""
    return _("Call records and Insight together: {text}").format(
        text=allowance_words(plan.together, Unit.BYTE)
    )


def bandwidth_words(plan: BandwidthPlan) -> tuple[str, str]:
    """What the calls need, and what the line carries (empty without a line)."""
    needed = _("{calls} calls at the same time need {rate} each way.").format(
        calls=number(plan.inputs.concurrent_calls), rate=rate_words(plan.needed_kbit_s)
    )
    if plan.calls_carried is None or plan.inputs.line_kbit_s is None:
        return needed, ""
    words = (
        _("Your line ({line}) carries {calls} calls: enough.")
        if plan.suffices
        else _("Your line ({line}) carries {calls} calls: not enough.")
    )
    line = rate_words(plan.inputs.line_kbit_s)
    return needed, words.format(line=line, calls=number(plan.calls_carried))


def bandwidth_note() -> str:
    """What the arithmetic leaves out."""
    return _("Whatever else the line carries at that moment comes on top.")


def breakdown_of(plan: CapacityPlan) -> Breakdown:
    """The day's parts; beside an allowance, the parts of the time that it covers.

    What comes to nothing is left out.
    """
    allowance = plan.allowance
    unit = plan.unit
    if allowance is not None and allowance.period == "year":
        once = Part.of("once", _("Once, at the start"), "", 0.0, days_per_year=0)
        slices = [
            *([_slice(once, plan.once, unit)] if plan.once else []),
            *(_slice(part, part.per_year, unit) for part in plan.parts if part.per_year),
        ]
        total = amount_words(plan.once + plan.total.per_year, unit)
        caption = _("The first year: {amount}").format(amount=total)
    else:
        slices = [_slice(part, part.per_day, unit) for part in plan.parts if part.per_day]
        caption = _("A day: {amount}").format(amount=amount_words(plan.total.per_day, unit))
    return Breakdown(
        caption=caption,
        slices=tuple(slices),
        limit=allowance.amount if allowance is not None else None,
        limit_words=_limit_words(allowance, unit),
    )


def bandwidth_breakdown(plan: BandwidthPlan) -> Breakdown:
    """One bar: what the calls need of the line."""
    needed = rate_words(plan.needed_kbit_s)
    line = plan.inputs.line_kbit_s
    words = _("your line: {amount}").format(amount=rate_words(line)) if line is not None else ""
    return Breakdown(
        caption=_("At the busiest moment: {amount} each way").format(amount=needed),
        slices=(BreakdownSlice(title=_("Phone calls"), value=plan.needed_kbit_s, amount=needed),),
        limit=line,
        limit_words=words,
    )


def breakdown_sentence(breakdown: Breakdown) -> str:
    """The picture in one sentence, for people who do not see it."""
    parts = "; ".join(
        f"{piece.title} {piece.amount} ({share_words(breakdown.share(piece))})"
        for piece in breakdown.slices
    )
    return ". ".join(filter(None, (breakdown.caption, parts, breakdown.limit_words)))


def plan_source_words(source: Source) -> str:
    """Where the rules come from, with the address."""
    if not source.dated:
        return _("Source: {title}, {url}, read on {read_on}").format(
            title=_(source.title), url=source.url, read_on=source.read_on
        )
    return _("Source: {title}, {url}, version of {dated}, read on {read_on}").format(
        title=_(source.title), url=source.url, dated=source.dated, read_on=source.read_on
    )


def _slice(part: Part, value: float, unit: Unit) -> BreakdownSlice:
    return BreakdownSlice(title=part.title, value=value, amount=amount_words(value, unit))


def _limit_words(allowance: Allowance | None, unit: Unit) -> str:
    if allowance is None:
        return ""
    amount = amount_words(allowance.amount, unit)
    if allowance.period == "day":
        return _("allowed a day: {amount}").format(amount=amount)
    return _("free: {amount}").format(amount=amount)

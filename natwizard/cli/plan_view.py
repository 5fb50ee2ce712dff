"""Plans, checked numbers and the checklist in the terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from natwizard.checks.wording import NBSP, number, with_unit
from natwizard.model.finding import Source
from natwizard.model.language import _
from natwizard.model.quantity import Unit
from natwizard.model.writing import short_number
from natwizard.planner.bandwidth import BandwidthPlan
from natwizard.planner.checklist import ChecklistItem
from natwizard.planner.figures import Allowance, Part, Plan
from natwizard.planner.number_file import Count, NumbersSummary
from natwizard.planner.number_words import kind_words, reason_words, state_words
from natwizard.planner.numbering import NumberKind
from natwizard.planner.numbers import NumberResult, NumberState, Reason
from natwizard.planner.validation_rule import ValidationRule
from natwizard.report.plain import plain, shortened
from natwizard.report.words import owner_name

DAYS_WORTH_TELLING = 36_500
MOST_COUNTRIES = 8
LONGEST_NUMBER = 40
BYTE_STEPS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "KB"))
STATE_STYLES = {
    NumberState.VALID: ("\u2714", "green"),
    NumberState.CORRECTABLE: ("\u25b2", "yellow"),
    NumberState.INVALID: ("\u2716", "bold red"),
    NumberState.EMPTY: ("\u2212", "dim"),
}


def amount_words(value: float, unit: Unit) -> str:
    """An amount with its unit: 13_360_000 bytes is "13.36 MB" (decimal, as the page counts)."""
    if unit is not Unit.BYTE:
        return number(value) if unit is Unit.COUNT else with_unit(value, unit.value)
    for step, name in BYTE_STEPS:
        if value >= step:
            return f"{short_number(value / step)}{NBSP}{name}"
    return with_unit(value, "B")


def print_plan(plan: Plan, console: Console | None = None) -> None:
    """Breakdown, totals, allowance and notes."""
    console = console or Console(highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(plan.title)
    for title in (_("Per day"), _("Per month"), _("Per year")):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(_("How"), overflow="fold")
    for part in plan.parts:
        table.add_row(*_part_row(part, plan.unit))
    table.add_row(*_part_row(plan.total, plan.unit), style="bold")
    console.print()
    console.print(table)
    if plan.once:
        once = amount_words(plan.once, plan.unit)
        console.print(Text(_("Once, at the start: {amount}").format(amount=once)))
    if plan.allowance is not None:
        console.print(Text(_allowance_words(plan.allowance, plan.unit), style="bold"))
    _print_small(console, [note.text for note in plan.notes], plan.source)


def print_bandwidth(plan: BandwidthPlan, console: Console | None = None) -> None:
    """What is needed, and what the line carries."""
    console = console or Console(highlight=False)
    needed = with_unit(plan.needed_kbit_s, "kbit/s")
    console.print()
    console.print(
        Text(
            _("{calls} calls at the same time need {rate} each way.").format(
                calls=number(plan.inputs.concurrent_calls), rate=needed
            ),
            style="bold",
        )
    )
    if plan.calls_carried is not None and plan.inputs.line_kbit_s is not None:
        words = (
            _("Your line ({line}) carries {calls} calls: enough.")
            if plan.suffices
            else _("Your line ({line}) carries {calls} calls: not enough.")
        )
        line = with_unit(plan.inputs.line_kbit_s, "kbit/s")
        console.print(Text(words.format(line=line, calls=number(plan.calls_carried))))
    _print_small(
        console, [_("Whatever else the line carries at that moment comes on top.")], plan.source
    )


def print_numbers(results: Sequence[NumberResult], console: Console | None = None) -> None:
    """One line a number."""
    console = console or Console(highlight=False)
    table = _table(_("Number"), _("Result"), "E.164", _("Country"), _("Type"), _("Why"))
    for found in results:
        mark, style = STATE_STYLES[found.state]
        table.add_row(
            _number_text(found.text),
            Text(f"{mark} {state_words(found.state)}", style=style),
            Text(found.e164),
            Text(found.country),
            Text(kind_words(found.kind) if found.kind is not None else ""),
            Text(reason_words(found.reason) if found.reason is not None else ""),
        )
    console.print()
    console.print(table)


def print_summary(
    summary: NumbersSummary, output: Path | None, console: Console | None = None
) -> None:
    """What a file holds: counts, reasons, countries, the first that are not valid."""
    console = console or Console(highlight=False)
    console.print()
    table = _table(_("Numbers"), _("Count"))
    for state, count in (
        (NumberState.VALID, summary.valid),
        (NumberState.CORRECTABLE, summary.correctable),
        (NumberState.INVALID, summary.invalid),
        (NumberState.EMPTY, summary.empty),
    ):
        mark, style = STATE_STYLES[state]
        table.add_row(Text(f"{mark} {state_words(state)}", style=style), number(count))
    table.add_row(_("All"), number(summary.numbers), style="bold")
    console.print(table)
    _print_reasons(console, summary)
    _print_examples(console, summary)
    _print_places(console, summary)
    if summary.formula_cells:
        words = _(
            "{count} cells of the file itself look like formulas to a spreadsheet;"
            " --guard-formulas makes them harmless."
        )
        console.print(Text(words.format(count=number(summary.formula_cells)), style="yellow"))
    if output is not None:
        console.print(Text(_("Written: {path}").format(path=plain(str(output)))))


def print_rule(rule: ValidationRule, console: Console | None = None) -> None:
    """The rule's fields, ready to copy: nothing is wrapped or coloured inside them."""
    console = console or Console(highlight=False)
    console.print(Text(_("Object Manager, your object, Validation Rules, New:"), style="bold"))
    for title, text in (
        (_("Rule Name"), rule.name),
        (_("Error Condition Formula"), rule.formula),
        (_("Error Message"), rule.message),
        (_("Error Location"), rule.field),
    ):
        console.print()
        console.print(Text(title, style="bold"))
        console.print(Text(text), soft_wrap=True)


def print_checklist(items: Sequence[ChecklistItem], console: Console | None = None) -> None:
    """Boxes to tick, by topic."""
    console = console or Console(highlight=False)
    topic = ""
    for item in items:
        if item.topic != topic:
            topic = item.topic
            console.print()
            console.print(Text(plain(topic), style="bold"))
        line = f"[ ] {plain(item.text)} ({owner_name(item.owner)})"
        console.print(Padding(Text(line), (0, 2)))


def _part_row(part: Part, unit: Unit) -> tuple[str, str, str, str, str]:
    amounts = [amount_words(value, unit) for value in (part.per_day, part.per_month, part.per_year)]
    return (part.title, amounts[0], amounts[1], amounts[2], part.how)


def _allowance_words(allowance: Allowance, unit: Unit) -> str:
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


def _print_small(console: Console, notes: Sequence[str], source: Source) -> None:
    console.print()
    for note in notes:
        console.print(Text(note, style="dim"))
    words = _("Source: {title}, {url}, version of {read_on}").format(
        title=_(source.title), url=source.url, read_on=source.read_on
    )
    console.print(Text(words, style="dim"))


def _print_reasons(console: Console, summary: NumbersSummary) -> None:
    if not summary.reasons:
        return
    table = _table(_("Why not valid"), _("Count"))
    for seen in summary.reasons:
        table.add_row(Text(reason_words(Reason(seen.name))), number(seen.count))
    console.print()
    console.print(table)


def _print_examples(console: Console, summary: NumbersSummary) -> None:
    if not summary.examples:
        return
    table = _table(_("Line"), _("Column"), _("Number"), _("Corrected"), _("Why"))
    for example in summary.examples:
        table.add_row(
            number(example.line),
            _number_text(example.column),
            _number_text(example.text),
            Text(example.e164),
            Text(reason_words(example.reason)),
        )
    console.print()
    console.print(table)


def _print_places(console: Console, summary: NumbersSummary) -> None:
    if not summary.countries:
        return
    console.print()
    more = len(summary.countries) - MOST_COUNTRIES
    end = f", {_('and {count} more').format(count=more)}" if more > 0 else ""
    console.print(Text(f"{_('Countries')}: {_listed(summary.countries[:MOST_COUNTRIES])}{end}"))
    kinds = tuple(
        Count(name=kind_words(NumberKind(seen.name)), count=seen.count) for seen in summary.kinds
    )
    console.print(Text(f"{_('Types')}: {_listed(kinds)}"))


def _listed(counts: Sequence[Count]) -> str:
    return ", ".join(f"{seen.name} {number(seen.count)}" for seen in counts)


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    counts = (_("Count"), _("Line"))
    for title in titles:
        table.add_column(title, justify="right" if title in counts else "left", overflow="fold")
    return table


def _number_text(text: str) -> Text:
    return Text(shortened(plain(text), LONGEST_NUMBER))

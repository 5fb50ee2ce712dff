"""Plans and the checklist in the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as RichText

from natwizard.cli.text import TerminalOutput, Text
from natwizard.model.checklist import ChecklistItem
from natwizard.model.finding import Source
from natwizard.model.language import _
from natwizard.model.plan import BandwidthPlan, Breakdown, CapacityPlan, OrgPlan, Part
from natwizard.model.quantity import Unit
from natwizard.model.writing import labelled
from natwizard.report.checklist_words import answer_mark, answer_words, checklist_line
from natwizard.report.plain import plain, shortened
from natwizard.report.plan_words import (
    allowance_words,
    amount_words,
    bandwidth_breakdown,
    bandwidth_note,
    bandwidth_words,
    breakdown_of,
    plan_source_words,
    share_words,
    together_words,
)
from natwizard.report.words import owner_name

BAR_COLUMNS = 60
LONGEST = 400
# the fill of each part: told apart without colour, too
FILLS = (("\u2588", "blue"), ("\u2593", "cyan"), ("\u2592", "magenta"), ("\u2591", "yellow"),
         ("=", "white"), ("+", "red"))  # fmt: skip
UNUSED = "\u00b7"
LIMIT = "|"


def print_plan(plan: CapacityPlan, console: Console | None = None, *, more: str = "") -> None:
    """Breakdown as table and bar, totals, allowance and notes; `more` is said below."""
    console = console or TerminalOutput()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(_safe(plan.title))
    for title in (_("Per day"), _("Per month"), _("Per year")):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(_("How"), overflow="fold")
    for part in plan.parts:
        table.add_row(*map(_safe, _part_row(part, plan.unit)))
    table.add_row(*map(_safe, _part_row(plan.total, plan.unit)), style="bold")
    console.print()
    console.print(table)
    if plan.once:
        once = amount_words(plan.once, plan.unit)
        console.print(Text(_("Once, at the start: {amount}").format(amount=once)))
    print_breakdown(breakdown_of(plan), console)
    if plan.allowance is not None:
        console.print(Text(allowance_words(plan.allowance, plan.unit), style="bold"))
    if more:
        console.print(Text(more, style="bold"))
    _print_small(console, [note.text for note in plan.notes], plan.source)


def print_bandwidth(plan: BandwidthPlan, console: Console | None = None) -> None:
    """What is needed, and what the line carries."""
    console = console or TerminalOutput()
    needed, carried = bandwidth_words(plan)
    console.print()
    console.print(Text(needed, style="bold"))
    if carried:
        print_breakdown(bandwidth_breakdown(plan), console)
        console.print(Text(carried))
    _print_small(console, [bandwidth_note()], plan.source)


def print_org(plan: OrgPlan, console: Console | None = None) -> None:
    """Every plan that was made, one below the other."""
    for single in plan.plans:
        last = plan.insight or plan.storage
        print_plan(single, console, more=together_words(plan) if single is last else "")
    if plan.bandwidth is not None:
        print_bandwidth(plan.bandwidth, console)


def print_breakdown(breakdown: Breakdown, console: Console) -> None:
    """The stacked bar: a fill of its own for each part, then what the parts are."""
    if not breakdown.total:
        return
    console.print()
    caption = breakdown.caption
    if breakdown.limit is not None:
        caption += f" ({breakdown.limit_words})"
    console.print(_safe(caption))
    width = max(10, min(BAR_COLUMNS, console.width - 2))
    bar, reached, drawn = RichText(), 0.0, 0
    for number, piece in enumerate(breakdown.slices):
        reached += piece.value
        end = round(width * reached / breakdown.scale)
        fill, style = FILLS[number % len(FILLS)]
        bar.append(fill * (end - drawn), style=style)
        drawn = end
    bar.append(UNUSED * (width - drawn), style="dim")
    if breakdown.limit is not None:
        place = min(width - 1, round(width * breakdown.limit / breakdown.scale))
        bar = RichText.assemble(bar[:place], (LIMIT, "bold"), bar[place + 1 :])
    console.print(bar)
    if len(breakdown.slices) > 1:
        for number, piece in enumerate(breakdown.slices):
            fill, style = FILLS[number % len(FILLS)]
            share = share_words(breakdown.share(piece))
            words = _safe(labelled(piece.title, f"{piece.amount}, {share}"))
            console.print(Text.assemble((fill * 2, style), " ", words))
    console.print()


def print_checklist(items: Sequence[ChecklistItem], console: Console | None = None) -> None:
    """Boxes by topic: to tick, or with what was answered."""
    console = console or TerminalOutput()
    topic = ""
    for item in items:
        if item.topic != topic:
            topic = item.topic
            console.print()
            console.print(Text(plain(topic), style="bold"))
        line = f"{answer_mark(item.answer)} {plain(item.text)} ({owner_name(item.owner)})"
        console.print(Padding(Text(line), (0, 2)))
        if item.answer is not None:
            console.print(Padding(Text(plain(answer_words(item.answer)), style="dim"), (0, 6)))
    if any(item.answer is not None for item in items):
        console.print()
        console.print(Text(checklist_line(items), style="bold"))


def _part_row(part: Part, unit: Unit) -> tuple[str, str, str, str, str]:
    amounts = [amount_words(value, unit) for value in (part.per_day, part.per_month, part.per_year)]
    return (part.title, amounts[0], amounts[1], amounts[2], part.how)


def _print_small(console: Console, notes: Sequence[str], source: Source) -> None:
    console.print()
    for note in notes:
        console.print(_safe(note, style="dim"))
    console.print(_safe(plan_source_words(source), style="dim"))


def _safe(text: str, style: str = "") -> Text:
    """A plan may come out of anybody's file: no markup, nothing that steers the terminal."""
    return Text(shortened(plain(text), LONGEST), style=style)

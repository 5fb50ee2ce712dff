"""A report as a table in the terminal, in the words and marks of the window."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from natwizard.cli.plan_view import print_checklist, print_org
from natwizard.cli.text import TerminalOutput, Text
from natwizard.languages import language_of
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _, ngettext
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.checklist_words import result_word
from natwizard.report.headline import Headline, report_headline
from natwizard.report.plain import plain
from natwizard.report.words import owner_name

# shapes differ, so they tell without colour; ASCII-only terminals get letters from rich
MARKS = {
    Status.PASS: ("\u2714", "green"),
    Status.BORDERLINE: ("\u25d0", "yellow"),
    Status.WARN: ("\u25b2", "yellow"),
    Status.FAIL: ("\u2716", "bold red"),
    Status.UNKNOWN: ("?", "magenta"),
    Status.MANUAL: ("\u2026", "cyan"),
    Status.NOT_SET_UP: ("+", "dim"),
    Status.NOT_APPLICABLE: ("\u2212", "dim"),
}


def print_report(report: Report, console: Console | None = None) -> None:
    """Print verdict, what to fix first, and the table, in the language of the report."""
    console = console or TerminalOutput()
    with language_of(report.language):
        _print(report, console)


def _print(report: Report, console: Console) -> None:
    headline = report_headline(report)
    mark, style = MARKS[headline.status]
    console.print()
    console.print(Text(f" {mark} {headline.title}", style=f"bold {style}"))
    console.print(Text(f"   {headline.sentence}"))
    _print_fix_first(headline, console)
    console.print()
    console.print(_table(report))
    console.print(Text(f" {headline.counts_line}", style="dim"))
    if report.plan is not None:
        print_org(report.plan, console)
    if report.checklist:
        print_checklist(report.checklist, console)
    console.print(Text(f" {_('Run code: {code}').format(code=report.run_code)}"))


def _print_fix_first(headline: Headline, console: Console) -> None:
    if not headline.fix_first:
        return
    console.print()
    console.print(Text(f" {_('Fix first')}", style="bold"))
    for number, fix in enumerate(headline.fix_first, 1):
        console.print(Padding(Text(f"{number}. {fix.title}"), (0, 3)))
        if fix.owner is not None:
            told = labelled(owner_name(fix.owner), fix.text)
            console.print(Padding(Text(told), (0, 6)))
    if headline.fix_later:
        more = ngettext("and {count} more", "and {count} more", len(headline.fix_later))
        console.print(Padding(Text(more.format(count=len(headline.fix_later))), (0, 3)))


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=True)
    for name in (f" {_('Result')}", _("Check"), _("Measured"), _("Needed")):
        table.add_column(name, overflow="fold")
    for finding in report.findings:
        table.add_row(*_row(finding))
    return table


def _row(finding: Finding) -> tuple[Text, Text, Text, Text]:
    mark, style = MARKS[finding.status]
    return (
        Text(f" {mark} {result_word(finding)}", style=style),
        Text(plain(finding.title)),
        Text(plain(finding.observed)),
        Text(plain(finding.expected), style="dim"),
    )

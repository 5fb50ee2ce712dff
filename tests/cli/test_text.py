"""Numbers stay with their units in the terminal, however narrow it is."""

import io
import re

import pytest
from gui.example_run import bad_findings, good_findings, report_of
from msgspec import structs
from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from natwizard.cli.comparison_table import print_comparison
from natwizard.cli.table import print_report
from natwizard.cli.text import Text
from natwizard.languages import language_of
from natwizard.model.finding import Finding
from natwizard.model.writing import NARROW_NBSP, NBSP, with_unit
from natwizard.report.compare import compare

HELD = re.compile(rf"[^\s]+(?:[{NBSP}{NARROW_NBSP}][^\s]+)+")
SPACED = re.compile(r"(?<=\d) (?=(?:ms|%|kbit/s|GB|s|GHz|Gbit/s)(?!\w))")
UNIT_FIRST = re.compile(r"(?:^|  )(?:ms|%|kbit/s|GB|GHz|Gbit/s|Mo)(?!\w)", re.MULTILINE)


def held(finding: Finding) -> Finding:
    """As the rules write it: a no-break space before each unit."""
    return structs.replace(
        finding,
        observed=SPACED.sub(NBSP, finding.observed),
        expected=SPACED.sub(NBSP, finding.expected),
    )


def printed(width: int, show: object) -> str:
    stream = io.StringIO()
    show(Console(file=stream, width=width, highlight=False))  # type: ignore[operator]
    return stream.getvalue()


def broken(told: str, texts: set[str]) -> list[str]:
    return [text for text in texts if text not in told]


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("findings", [good_findings(), bad_findings()], ids=["good", "bad"])
def test_no_unit_begins_a_line_of_a_report(width: int, findings: tuple[Finding, ...]) -> None:
    report = report_of(tuple(map(held, findings)))
    told = printed(width, lambda console: print_report(report, console))
    texts = {
        each
        for finding in report.findings
        for each in HELD.findall(f"{finding.observed} {finding.expected}")
    }
    assert len(texts) > 12
    assert broken(told, texts) == []
    assert UNIT_FIRST.findall(told) == []
    assert max(map(len, told.splitlines())) <= width


@pytest.mark.parametrize("width", [60, 80])
def test_no_unit_begins_a_line_of_a_comparison(width: int) -> None:
    runs = good_findings(), bad_findings()
    before, after = (report_of(tuple(map(held, made))) for made in runs)
    comparison = compare(before, after)
    told = printed(
        width, lambda console: print_comparison(comparison, everything=True, console=console)
    )
    assert NBSP in told
    assert UNIT_FIRST.findall(told) == []


@pytest.mark.parametrize("width", range(12, 40))
def test_rich_alone_would_break_there_and_this_does_not(width: int) -> None:
    with language_of("fr"):
        words = f"débit de {with_unit(1_200_000, 'kbit/s')} sur {with_unit(34, 'ms')}"
    for number in HELD.findall(words):
        table = Table(box=None)
        table.add_column(overflow="fold")
        table.add_row(Text("a ", style="bold") + Text(words))
        assert number in printed(width + 10, lambda console, made=table: console.print(made))
    plain = printed(20, lambda console: console.print(RichText(words)))
    assert broken(plain, set(HELD.findall(words)))


def test_styles_survive(capsys: pytest.CaptureFixture[str]) -> None:
    made = Text(f"1{NBSP}ms", style="bold") + Text(" and more", style="dim")
    console = Console(width=9)
    lines = made.wrap(console, 9)
    assert [line.plain for line in lines] == [f"1{NBSP}ms and ", "more"]
    assert (lines[0].style, [span.style for span in lines[0].spans]) == ("bold", ["dim"])
    assert not capsys.readouterr().out

"""Names written from right to left: what stands beside them stays in its place.

In which order a line is seen is asked of Qt, whose text layout follows UAX #9, for lines that
begin at the left, as terminals, pages and this program's windows have them.
"""

import csv
import io
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from fleet.synthetic import make_fleet, report_json
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextLayout, QTextOption
from report.samples import ready
from rich.console import Console

from natwizard.cli.text import Text as CliText
from natwizard.fleet.as_html import fleet_html
from natwizard.fleet.as_table import write_csv
from natwizard.fleet.as_terminal import Text, print_overview
from natwizard.fleet.overview import Overview
from natwizard.fleet.questions import DAY_S, Asked, ask
from natwizard.fleet.read import fleet_tables
from natwizard.fleet.wording import problem_sentence, several, silence_words, text, where_words
from natwizard.model.report import Handover, HandoverOutcome
from natwizard.report.facts import report_facts
from natwizard.report.plain import FSI, PDI, isolated, plain, shortened, without_isolates

NAMES = (
    "\u05d7\u05d9\u05e4\u05d4",  # Haifa
    "\u05e1\u05e0\u05d9\u05e3 3",  # a branch with a number
    "\u062f\u0628\u064a (\u0627\u0644\u0645\u0631\u0643\u0632)",  # Dubai (the centre)
    "\u0627\u0644\u0642\u0627\u0647\u0631\u0629 \u0663",  # Cairo and an Arabic digit
    "PC-7 \u05ea\u05dc \u05d0\u05d1\u05d9\u05d1",  # begins in Latin
    "\u05d7\u05d9\u05e4\u05d4!",
)  # fmt: skip
CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@pytest.fixture(autouse=True)
def application(qapp: QGuiApplication) -> QGuiApplication:
    return qapp


def seen_at(line: str) -> list[float]:
    """How far from the left each sign of a line stands that begins at the left."""
    option = QTextOption()
    option.setTextDirection(Qt.LayoutDirection.LeftToRight)
    layout = QTextLayout(line)
    layout.setTextOption(option)
    layout.beginLayout()
    made = layout.createLine()
    made.setLineWidth(1e9)
    layout.endLayout()
    found = []
    for place in range(len(line)):
        edges = [made.cursorToX(each)[0] for each in (place, place + 1)]  # type: ignore[index]
        found.append(min(edges))
    return found


def in_order(line: str) -> bool:
    """Whether all that is ours (Latin letters, figures, brackets) is seen in the order of words."""
    inside = 0
    ours = []
    for place, sign in enumerate(line):
        inside += (sign == FSI) - (sign == PDI)
        if not inside and sign.isascii() and not sign.isspace():
            ours.append(place)
    at = seen_at(line)
    return all(at[one] <= at[other] for one, other in pairwise(ours))


def test_the_instrument_sees_what_goes_wrong() -> None:
    """Without isolates figures change places with the name, and with each other."""
    name = NAMES[0]
    assert not in_order(f"{name} 3, {name} 5 (9:05)")
    assert in_order(f"{isolated(name)} 3, {isolated(name)} 5 (9:05)")


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_beside_a_name_stays_in_its_place(name: str) -> None:
    for line in (
        f"27 of 30 desks {where_words('site', (name, 'Leeds', name))} fail (1), 9:05 to 9:40.",
        f"{text(name)} 12, {text(name)} 5",
        f"{several([text(name)] * 6)} 7",
        f"3 {text(name)}: 4",
    ):
        assert in_order(line), line


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("name", ["evil{}exe.txt", "\u05d7{}\u05d9", "{}", "{0}a{0}"])
def test_no_control_of_a_name_orders_words_around_it(control: str, name: str) -> None:
    line = f"1 of 2 desks in {text(name.format(control))} fail, 9:05."
    assert in_order(line)
    assert not set(CONTROLS) - {FSI, PDI} & set(without_isolates(line))


@given(st.text(alphabet=[*CONTROLS, "a", "1", " ", "(", "\u05d0", "\u0627", "\u0663"]))
def test_whatever_is_in_a_name_it_is_ended_and_stays_as_it_is(name: str) -> None:
    shown = isolated(name)
    assert plain(shown) == shown == isolated(shown)
    assert shown.count(FSI) == shown.count(PDI) <= 1
    assert in_order(f"2 ({shown}) 3, b 4")
    cut = shortened(shown, 5)
    assert in_order(f"2 ({cut}) 3, b 4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every name of every desk is written from right to left."""
    folder = tmp_path_factory.mktemp("fleet")
    for run in make_fleet(21, sites=5, desks=12, days=8).runs:
        report = msgspec.json.decode(report_json(run))
        name = NAMES[int(report["seat"]["host_id"], 16) % len(NAMES)]
        report["seat"] |= {
            "site": f"{NAMES[len(report['seat']['site']) % 2]} {report['seat']['site']}",
            "host_name": name,
            "provider": NAMES[0],
        }
        (folder / f"{name} {run.run_id}.json").write_bytes(msgspec.json.encode(report))
    (folder / f"{NAMES[2]} 5.json").write_bytes(b"{")
    return folder


@pytest.fixture(scope="module")
def overview(folder: Path) -> Overview:
    end_s = make_fleet(21, sites=5, desks=12, days=8).end_s
    asked = Asked(folder=folder, now_s=end_s, since_s=end_s - 4 * DAY_S, silent_after_days=0.2)
    with fleet_tables(folder) as (tables, unread):
        return ask(tables, asked, unread)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_line_of_the_terminal_is_in_order(overview: Overview, width: int) -> None:
    """Also where a name is broken into two lines of a column."""
    sink = io.StringIO()
    print_overview(overview, Console(file=sink, width=width))
    lines = [line for line in sink.getvalue().splitlines() if not line.isascii()]
    assert len(lines) > 10
    assert [line for line in lines if not in_order(line)] == []


@pytest.mark.parametrize("kind", [Text, CliText])
def test_columns_beside_a_broken_name_are_in_order(kind: type[Text | CliText]) -> None:
    console = Console(file=io.StringIO(), width=60)
    long = kind(f"1 {isolated(' '.join(NAMES[:1] * 9))} 2")
    lines = [line.plain for line in long.wrap(console, 12)]
    assert len(lines) > 3
    assert all(in_order(f"{line}  7  8 (9)") for line in lines)


class _Words(HTMLParser):
    """What stands in one block of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.blocks = [""]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in ("b", "strong", "em", "span"):
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        self.blocks[-1] += data


def test_every_block_of_the_page_is_in_order(overview: Overview) -> None:
    blocks = [re.sub(r"\s+", " ", block) for block in _Words(fleet_html(overview)).blocks]
    named = [block for block in blocks if not block.isascii()]
    assert len(named) > 20
    assert [block for block in named if not in_order(block)] == []


def test_sentences_are_in_order(overview: Overview) -> None:
    for line in (*map(problem_sentence, overview.problems), silence_words(overview)):
        assert in_order(line), line


def test_files_for_programs_have_the_bare_names(overview: Overview, tmp_path: Path) -> None:
    write_csv(overview, tmp_path)
    for path in tmp_path.glob("*.csv"):
        content = path.read_text("utf-8-sig")
        assert not {FSI, PDI} & set(content)
        assert "\\u206" not in content
    rows = list(csv.DictReader(io.StringIO((tmp_path / "seats.csv").read_text("utf-8-sig"))))
    assert {row["host_name"] for row in rows} <= set(NAMES)


def test_the_foot_of_a_report_is_in_order() -> None:
    report = msgspec.structs.replace(
        ready(),
        handed_over=(Handover(recipient=NAMES[1], outcome=HandoverOutcome.SENT),) * 2,
        profile=msgspec.structs.replace(ready().profile, name=NAMES[0], version="3.1"),
    )
    foot = report_facts(report).foot
    assert NAMES[0] in foot
    assert in_order(foot)

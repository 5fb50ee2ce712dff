"""Where things go on paper: nothing overlaps, nothing is clipped, whatever the language."""

import gettext
import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from PySide6.QtWidgets import QApplication
from report.samples import not_ready, overlong, ready

from natwizard.model.finding import ChartKind
from natwizard.model.language import Language, speaking
from natwizard.model.report import Readiness, Report
from natwizard.report.details import charts_of
from natwizard.report.document import (
    Line,
    LineKind,
    Lines,
    Picture,
    Route,
    Section,
    Stop,
    Table,
    report_document,
)
from natwizard.report.pdf.blocks import columns_for
from natwizard.report.pdf.contents import _laid_out as laid_out
from natwizard.report.pdf.contents import lay_out
from natwizard.report.pdf.flow import Block, Flow
from natwizard.report.pdf.text import (
    CONTENT_BOTTOM_ABOVE_EDGE,
    CONTENT_TOP,
    SHEETS,
    LaidText,
    PageGeometry,
    PageSize,
    TextStyle,
    elided,
    text_width,
)

REPORTS = {"not_ready": not_ready(), "ready": ready(), "overlong": overlong()}
BODY = TextStyle(9, "#000000")


class Longer(gettext.NullTranslations):
    """A language that needs 60 % more room; fields in braces stay."""

    def gettext(self, message: str) -> str:
        words = re.sub(r"\{\w+\}", "", message)
        return message + "ß" * round(len(words) * 0.6)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(params=["english", "longer"], autouse=True)
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    assert qapp is not None
    used = Longer() if request.param == "longer" else gettext.NullTranslations()
    with speaking(Language(code="en", translations=used)):
        yield


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_pieces_follow_each_other_and_stay_on_their_page(
    report: Report, sheet: PageGeometry
) -> None:
    for page in lay_out(report_document(report), sheet).pages:
        assert page
        reached = sheet.top
        for placed in page:
            assert placed.top >= reached - 0.01
            reached = placed.top + placed.piece.height
        assert reached <= sheet.bottom + 0.01


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_columns_of_the_table_fill_the_width_and_keep_apart(
    report: Report, sheet: PageGeometry
) -> None:
    results = next(
        block
        for section in report_document(report).sections
        for block in section.blocks
        if isinstance(block, Table)
    )
    columns = columns_for(results, sheet.content_width)
    rights = [left + width for left, width in zip(columns.lefts, columns.widths, strict=True)]
    for right, following in zip(rights, columns.lefts[1:], strict=False):
        assert right < following
    assert rights[-1] == pytest.approx(sheet.content_width)
    assert min(columns.widths) > 40


@given(text=st.text(max_size=200), width=st.floats(12, 500))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_lines_are_never_wider_than_their_column(text: str, width: float) -> None:
    laid = LaidText(text, BODY, width)
    assert laid.count >= 1
    assert laid.height == pytest.approx(laid.count * laid.line_height)
    visible = text.strip()
    if len(visible) > 1 and visible.isascii() and visible.isprintable():
        assert laid.width <= width + 0.5


@pytest.mark.parametrize("width", [20.0, 60.0, 200.0])
def test_a_text_that_must_stay_on_one_line_ends_in_an_ellipsis(width: float) -> None:
    shown = elided("maple river copper lamp " * 4, BODY, width)
    assert text_width(shown, BODY) <= width
    assert shown.endswith("…")
    assert elided("maple", BODY, 100) == "maple"


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_a_few_lines_never_have_a_page_of_their_own(sheet: PageGeometry) -> None:
    """Everything stands closer then; where that does not help, nothing does."""
    whole = report_document(ready())
    closed_up = roomy = 0
    for count in range(0, 90, 3):
        text = Lines(lines=(Line(label="", text="One line."),) * count, kind=LineKind.TO_DO)
        more = Section(heading="More", blocks=(text,))
        document = structs.replace(
            whole, sections=(*whole.sections, more) if count else whole.sections
        )
        usual, flow = laid_out(document, sheet), lay_out(document, sheet)
        over = usual.last_page_filled if len(usual.pages) > 1 else 1.0
        if over < 0.1:
            closed_up += 1
            assert len(flow.pages) == len(usual.pages) - 1
            assert flow.pages[-1][-1].top + flow.pages[-1][-1].piece.height <= sheet.bottom + 0.01
        if len(flow.pages) == len(usual.pages):
            roomy += 1
            assert flow.air == 1.0, "no closer than needed"
    assert closed_up
    assert roomy


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_lines_are_longer_only_where_that_saves_a_page(sheet: PageGeometry) -> None:
    """And the margins stay as wide as what every printer can print."""
    whole = report_document(ready())
    for count in range(1, 90):
        texts = ("Few words " * (10 + number % 25) for number in range(count))
        lines = tuple(Line(label="", text=text) for text in texts)
        more = Section(heading="More", blocks=(Lines(lines=lines, kind=LineKind.TO_DO),))
        document = structs.replace(whole, sections=(*whole.sections, more))
        flow = lay_out(document, sheet)
        if flow.sheet != sheet:
            assert flow.sheet.margin >= 36
            assert len(flow.pages) < len(laid_out(document, sheet, tight=True).pages)
            return
    pytest.fail("longer lines never saved a page")


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_a_small_chart_stands_beside_the_call_where_room_is_short(sheet: PageGeometry) -> None:
    """And the way of the call below both; nothing of them is left out, and nothing overlaps."""
    call = next(chart for chart in charts_of(not_ready()) if chart.kind is ChartKind.LINE)
    voice = structs.replace(call, kind=ChartKind.VOICE)
    way = tuple(Stop(name=f"Stop {n}", at="192.0.2.1", figures="1 ms") for n in range(4))
    document = structs.replace(
        report_document(ready()),
        sections=(
            Section(
                heading="Call", blocks=(Picture(sentence="One.", chart=call), Route(stops=way))
            ),
            Section(heading="Voice", blocks=(Picture(sentence="Two.", chart=voice),)),
        ),
    )
    flows = [laid_out(document, sheet, tight=tight) for tight in (False, True)]
    (usual,), (close,) = (flow.pages for flow in flows)
    assert usual[-1].top > close[-1].top
    first, second = close[-2:]
    assert second.top >= first.top + first.piece.height
    assert first.piece.height >= max(
        placed.piece.height for placed in usual if placed.piece.bookmark in {"Call", "Voice"}
    )


def piece(height: float, name: str = "", gap: float = 0.0) -> Block:
    return Block(height=height, paint=lambda _painter, _left, _top: None, gap=gap, bookmark=name)


def names(flow: Flow) -> list[list[str]]:
    return [[placed.piece.bookmark for placed in page] for page in flow.pages]


SHEET = PageGeometry(width=200, height=CONTENT_TOP + 100 + CONTENT_BOTTOM_ABOVE_EDGE)


def test_what_belongs_together_moves_to_the_next_page_together() -> None:
    flow = Flow(SHEET)
    flow.add([piece(60, "a")])
    flow.add([piece(10, "title"), piece(40, "text")])
    assert names(flow) == [["a"], ["title", "text"]]


def test_what_no_page_can_hold_is_split_between_lines() -> None:
    flow = Flow(SHEET)
    flow.add([piece(60, "a")])
    flow.add([piece(10, "title"), *(piece(20, f"{number}") for number in range(6))])
    assert names(flow) == [["a", "title", "0"], ["1", "2", "3", "4", "5"]]


def test_a_heading_never_stands_alone_at_the_foot() -> None:
    flow = Flow(SHEET)
    flow.add([piece(80, "a")])
    flow.add([piece(10, "title"), *(piece(20, f"{number}") for number in range(6))])
    assert names(flow)[0] == ["a"]
    assert names(flow)[1][0] == "title"


def test_gaps_vanish_at_the_top_of_a_page() -> None:
    flow = Flow(SHEET)
    flow.add([piece(90, "a", gap=5)])
    flow.add([piece(90, "b", gap=5)])
    assert [page[0].top for page in flow.pages] == [SHEET.top, SHEET.top]


@pytest.mark.parametrize("rows", [1, 3, 4, 9, 10, 40])
@pytest.mark.parametrize("before", [0, 40, 78, 99])
def test_a_table_tells_on_every_page_that_it_goes_on(rows: int, before: float) -> None:
    flow = Flow(SHEET)
    flow.add([piece(before, "before")] if before else [])
    flow.add_table(
        piece(10, "heading"),
        piece(10, "head"),
        [piece(12, f"row {number}") for number in range(rows)],
        again=piece(10, "again"),
        goes_on=lambda page: piece(8, f"on {page}"),
    )
    pages = [page for page in names(flow) if "head" in page]
    told = [name for page in pages for name in page if name.startswith("row")]
    assert told == [f"row {number}" for number in range(rows)]
    for number, page in enumerate(pages):
        is_last = number == len(pages) - 1
        assert ("again" if number else "heading") in page
        assert page[-1].startswith("row" if is_last else "on")
        assert any(name.startswith("row") for name in page)


def test_both_papers_have_a_sheet() -> None:
    assert set(SHEETS) == set(PageSize)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 20, 21, 22, 23, 40, 41, 42])
def test_a_table_never_ends_with_a_row_alone_on_a_page(rows: int) -> None:
    flow = Flow(SHEETS[PageSize.A4])
    piece = Block(height=33.0, paint=lambda _painter, _left, _top: None)
    flow.add_table(piece, piece, [piece] * rows, again=piece, goes_on=lambda _page: piece)
    counts = [len(page) - 2 - (page is not flow.pages[-1]) for page in flow.pages]
    assert sum(counts) == rows
    assert len(counts) == 1 or min(counts) >= 3


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
@pytest.mark.parametrize(
    "problems",
    [(), ("link.wired",), ("port.webphone",), ("port.webphone", "filter.tls_interception"),
     ("port.webphone", "filter.tls_interception", "quality.jitter", "quality.loss", "link.wired",
      "nat.load_balancing", "websocket.open")],
)  # fmt: skip
def test_a_common_run_is_two_pages(
    problems: tuple[str, ...], sheet: PageGeometry, request: pytest.FixtureRequest
) -> None:
    """All well, something to improve, or problems with their evidence and texts to paste."""
    if "longer" in request.node.name:
        pytest.skip("longer languages may need more")
    failing = {finding.check: finding for finding in not_ready().findings}
    findings = tuple(failing[each.check] if each.check in problems else each
                     for each in ready().findings)  # fmt: skip
    report = structs.replace(ready(), findings=findings, verdict=Readiness.NOT_READY)
    assert len(lay_out(report_document(report), sheet).pages) <= 2

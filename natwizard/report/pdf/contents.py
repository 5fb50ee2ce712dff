"""Lays a document out on pages: page 1 answers alone, the rest is evidence."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from msgspec import structs
from PySide6.QtGui import QPainter

from natwizard.model.finding import ChartKind
from natwizard.model.language import _
from natwizard.report.document import (
    Bar,
    Content,
    Document,
    Entry,
    Fixes,
    Guide,
    Line,
    LineKind,
    Lines,
    Paragraph,
    Picture,
    Points,
    Request,
    Route,
    Section,
    Stages,
    Table,
    Tone,
)
from natwizard.report.pdf.blocks import (
    ASIDE_LEFT,
    BODY,
    COLUMN_GAP,
    LABEL,
    META,
    SMALL,
    SMALL_LABEL,
    SOFT,
    TOPIC,
    after_gap,
    banner,
    bar_block,
    beside,
    chart_block,
    columns_for,
    facts_rows,
    finding_title,
    fix_card,
    heading,
    heading_with_aside,
    indented,
    label_column,
    labelled,
    paragraph,
    point_block,
    request_box,
    route_strip,
    run_in,
    stage_strip,
    table_head,
    table_row,
)
from natwizard.report.pdf.flow import Block, Flow
from natwizard.report.pdf.text import NARROW_MARGIN, SIZE_META, PageGeometry, TextStyle

TIME = TextStyle(SIZE_META, SOFT.colour)
STYLES = {Tone.BODY: BODY, Tone.STRONG: LABEL, Tone.SOFT: SOFT, Tone.SMALL: META}
GAPS = {Tone.BODY: 3.0, Tone.STRONG: 4.0, Tone.SOFT: 2.0, Tone.SMALL: 5.0}


# Pages: whoever gets more reads on a screen, and laying them out twice takes its time
LONGEST_TRIED = 3
# Of the spaces between pieces, and of those within rows, and what is left of a chart's height
TIGHT_AIR, TIGHT_ROWS, TIGHT_CHART = 0.45, 0.4, 0.75


def lay_out(document: Document, sheet: PageGeometry) -> Flow:
    """All of it, distributed over pages.

    Where that saves a page, everything stands a little closer, and labels run in; where that is
    not enough, lines are a little longer as well.
    """
    flow = _laid_out(document, sheet)
    if 1 < len(flow.pages) <= LONGEST_TRIED:
        for margin in (sheet.margin, NARROW_MARGIN):
            tight = _laid_out(document, structs.replace(sheet, margin=margin), tight=True)
            if len(tight.pages) < len(flow.pages):
                return tight
    return flow


def _laid_out(document: Document, sheet: PageGeometry, *, tight: bool = False) -> Flow:
    flow, width = Flow(sheet, TIGHT_AIR if tight else 1.0), sheet.content_width
    if document.banner is not None:
        flow.add([banner(document.banner, width)])
    if document.facts:
        flow.add(facts_rows(document.facts, width))
    ahead: list[Block] = []
    sections = list(document.sections)
    while sections:
        section = sections.pop(0)
        if tight and not ahead and sections and _shares_a_row(section, sections[0]):
            flow.add(_side_by_side(section, sections.pop(0), width))
            continue
        if _runs_in(section):
            flow.add([*ahead, *_small_print(section, width)], lead=len(ahead) + 3)
            ahead = []
            continue
        head = [*ahead, *_head(section, width, first=bool(ahead))]
        # a chapter that only has parts: its heading stays with the first of them
        ahead = head if section.level == 2 and not section.blocks else []
        if not ahead:
            _add(flow, head, section, width, tight=tight)
    flow.add(ahead)
    return flow


def _head(section: Section, width: float, *, first: bool) -> list[Block]:
    blocks = _titles(section, width, first=first)
    return [replace(blocks[0], anchors=section.anchors), *blocks[1:]]


def _titles(section: Section, width: float, *, first: bool) -> list[Block]:
    if section.level == 2:
        return [heading(section.heading, width)]
    gap = 3.0 if first else 5.0
    if section.status is not None:
        return [finding_title(section.heading, section.status, width, gap=gap)]
    return paragraph(section.heading, TOPIC, width, gap=gap)


def _add(flow: Flow, head: list[Block], section: Section, width: float, *, tight: bool) -> None:
    pieces, blocks = _summed_up(head, section, width)
    small = [block for block in blocks if isinstance(block, Picture) and _is_small(block)]
    for block in blocks:
        if isinstance(block, Table) and block.again:
            _add_table(flow, pieces, block, width, tight=tight)
            pieces = []
        elif block not in small:
            pieces += _pieces(block, width, tight=tight)
    pieces += _two_a_row(small, width)
    # lists and texts may begin on this page and go on: only pictures and their like stay whole
    runs_on = all(isinstance(block, Lines | Request | Points) for block in section.blocks)
    flow.add(pieces, together=not runs_on or section.level == 3, lead=len(head) + 3)


CALL_SHARE = 0.62
"""Of the width, for the chart of a call beside that of a voice."""


def _shares_a_row(section: Section, after: Section) -> bool:
    """Whether two chapters have little more than a chart each, the second a small one."""
    match section.blocks, after.blocks:
        case (Picture(), *rest), (Picture() as second,):
            return _is_small(second) and all(isinstance(block, Route) for block in rest)
        case _:
            return False


def _side_by_side(section: Section, after: Section, width: float) -> list[Block]:
    """Two chapters in one row, and the way of the call below both."""
    wide = width * CALL_SHARE
    picture, *rest = section.blocks
    left, right = (
        _stacked([*_head(each, room, first=False), *_pieces(block, room, tight=True)])
        for each, block, room in (
            (section, picture, wide),
            (after, after.blocks[0], width - wide - COLUMN_GAP),
        )
    )
    both = replace(beside(left, right, wide + COLUMN_GAP), height=max(left.height, right.height))
    return [both, *(piece for block in rest for piece in _pieces(block, width))]


def _is_small(picture: Picture) -> bool:
    """Whether half of the page's width is enough for it."""
    return picture.chart.kind is ChartKind.VOICE


def _two_a_row(pictures: Sequence[Picture], width: float) -> list[Block]:
    half = (width - COLUMN_GAP) / 2
    stacks = [_stacked(_pieces(picture, half)) for picture in pictures]
    return [
        replace(
            beside(left, right, half + COLUMN_GAP),
            height=max(left.height, right.height if right is not None else 0.0),
        )
        for left, right in zip_longest(stacks[::2], stacks[1::2])
    ]


def _small_print(section: Section, width: float) -> list[Block]:
    """What is only worth knowing: glyph and sentence, then what to do, why and what was tried."""
    lines = [line for block in section.blocks if isinstance(block, Lines) for line in block.lines]
    texts = [block.text for block in section.blocks if isinstance(block, Paragraph)]
    title = Line(label=section.heading, text="", anchor=next(iter(section.anchors), ""))
    told = (title, *lines, *(Line(label="", text=text) for text in texts))
    shown = run_in(told, SMALL, width - ASIDE_LEFT, gap=3.5)
    first = replace(shown[0], anchors=tuple(dict.fromkeys((*section.anchors, *shown[0].anchors))))
    return indented([first, *shown[1:]], section.status)


def _runs_in(section: Section) -> bool:
    """Whether it is no more than a few words on a finding, without a picture."""
    return (
        section.level == 3
        and bool(section.blocks)
        and all(isinstance(block, Lines | Paragraph) for block in section.blocks)
    )


def _summed_up(
    head: list[Block], section: Section, width: float
) -> tuple[list[Block], Sequence[Content]]:
    """The heading of a table, with the one line above the table beside it where there is room."""
    match section.blocks:
        case (Paragraph(text=text, tone=Tone.SOFT), Table(again=again), *_others) if again:
            both = heading_with_aside(section.heading, text, width)
            if both is not None:
                return [both], section.blocks[1:]
    return list(head), section.blocks


def _add_table(
    flow: Flow, head: Sequence[Block], table: Table, width: float, *, tight: bool
) -> None:
    columns = columns_for(table, width)

    def goes_on(page: int) -> Block:
        text = _("Continued on page {page}.").format(page=page)
        return paragraph(text, META, width, gap=7)[0]

    flow.add_table(
        _stacked(head),
        table_head(table, columns, width),
        [
            table_row(row, table, columns, width, air=TIGHT_ROWS if tight else 1.0)
            for row in table.rows
        ],
        again=heading(table.again, width, bookmark=False),
        goes_on=goes_on,
    )


def _stacked(blocks: Sequence[Block]) -> Block:
    """Several as one that is never split, with the first one's gap and bookmark."""
    height = sum(block.height for block in blocks) + sum(block.gap for block in blocks[1:])

    def paint(painter: QPainter, left: float, top: float) -> None:
        for number, block in enumerate(blocks):
            top += block.gap if number else 0.0
            painter.save()
            block.paint(painter, left, top)
            painter.restore()
            top += block.height

    return replace(blocks[0], height=height, paint=paint)


def _pieces(  # noqa: C901 - one arm a kind
    block: Content, width: float, *, tight: bool = False
) -> list[Block]:
    match block:
        case Paragraph(text=text, tone=tone):
            return paragraph(text, STYLES[tone], width, gap=GAPS[tone])
        case Fixes(cards=cards):
            return [fix_card(card, width, gap=5)
                    for number, card in enumerate(cards)]  # fmt: skip
        case Table():
            columns = columns_for(block, width)
            rows = [table_row(row, block, columns, width) for row in block.rows]
            return [table_head(block, columns, width), *rows]
        case Picture():
            share = TIGHT_CHART if tight else 1.0
            drawn = chart_block(block.chart, width, share=share)
            return [*paragraph(block.sentence, META, width), drawn]
        case Route(stops=stops):
            return [route_strip(stops, width)]
        case Stages(stages=stages):
            return stage_strip(stages, width)
        case Lines():
            return _lines(block, width, tight=tight)
        case Guide(entries=entries):
            return [piece for entry in entries for piece in _entry(entry, width)]
        case Request(lines=lines):
            return request_box("\n".join(lines), width, gap=6)
        case Bar():
            return [bar_block(block, width)]
        case Points(points=points):
            return [point_block(point, width) for point in points]


def _entry(entry: Entry, width: float) -> list[Block]:
    title = paragraph(entry.title, SMALL_LABEL, width, gap=5)
    texts = [
        piece for text in entry.texts_below() for piece in paragraph(text, SMALL, width, gap=0.0)
    ]
    return [replace(title[0], anchors=(entry.anchor,)), *title[1:], *texts]


def _lines(block: Lines, width: float, *, tight: bool = False) -> list[Block]:
    """Labels stand in one column, as wide as most of them need; questions and methods run in.

    So does everything where little room is left, except what is to be done.
    """
    runs_in = {LineKind.METHOD, LineKind.ASKED, *([LineKind.WHY, LineKind.TRIED] if tight else [])}
    if block.kind in runs_in:
        return run_in(block.lines, SMALL, width, gap=2.0)
    style, text, gap = {
        LineKind.TRIED: (TIME, SMALL, 3.0),
    }.get(block.kind, (SMALL_LABEL, SMALL, 3.0))
    column = label_column([line.label for line in block.lines], style)
    half = (width - COLUMN_GAP) / 2
    pieces = [labelled(line, half, style, text, column) for line in block.lines]
    if block.kind is LineKind.TRIED and all(len(several) == 1 for several in pieces):
        each = [several[0] for several in pieces]
        pairs = zip_longest(each[::2], each[1::2])
        return after_gap([beside(left, right, half + COLUMN_GAP) for left, right in pairs], gap)
    if block.kind is LineKind.TRIED and len(block.lines) > 1:
        return run_in(block.lines, SMALL, width, gap=gap)
    pieces = [labelled(line, width, style, text, column) for line in block.lines]
    return after_gap([piece for several in pieces for piece in several], gap)

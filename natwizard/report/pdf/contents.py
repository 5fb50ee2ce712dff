"""Lays a document out on pages: page 1 answers alone, the rest is evidence."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtGui import QPainter

from natwizard.model.language import _
from natwizard.report.document import (
    Bar,
    Content,
    Document,
    Fixes,
    LineKind,
    Lines,
    Paragraph,
    Picture,
    Points,
    Request,
    Section,
    Stages,
    Table,
    Tone,
)
from natwizard.report.pdf.blocks import (
    BODY,
    LABEL,
    META,
    SOFT,
    TOPIC,
    after_gap,
    banner,
    bar_block,
    chart_block,
    columns_for,
    facts_row,
    finding_title,
    fix_card,
    heading,
    label_column,
    labelled,
    paragraph,
    point_block,
    request_box,
    stage_strip,
    table_head,
    table_row,
)
from natwizard.report.pdf.flow import Block, Flow
from natwizard.report.pdf.text import SEMIBOLD, SIZE_BODY, SIZE_META, PageGeometry, TextStyle

TIME = TextStyle(SIZE_BODY, SOFT.colour)
SMALL = TextStyle(SIZE_META, BODY.colour)
SMALL_LABEL = TextStyle(SIZE_META, BODY.colour, SEMIBOLD)
STYLES = {Tone.BODY: BODY, Tone.STRONG: LABEL, Tone.SOFT: SOFT, Tone.SMALL: META}
GAPS = {Tone.BODY: 3.0, Tone.STRONG: 4.0, Tone.SOFT: 2.0, Tone.SMALL: 5.0}


def lay_out(document: Document, sheet: PageGeometry) -> Flow:
    """All of it, distributed over pages."""
    flow, width = Flow(sheet), sheet.content_width
    if document.banner is not None:
        flow.add([banner(document.banner, width)])
    if document.facts:
        flow.add([facts_row(document.facts, width)])
    ahead: list[Block] = []
    for section in document.sections:
        head = [*ahead, *_head(section, width, first=bool(ahead))]
        # a chapter that only has parts: its heading stays with the first of them
        ahead = head if section.level == 2 and not section.blocks else []
        if not ahead:
            _add(flow, head, section, width)
    flow.add(ahead)
    return flow


def _head(section: Section, width: float, *, first: bool) -> list[Block]:
    if section.level == 2:
        return [heading(section.heading, width)]
    gap = 3.0 if first else 7.0
    if section.status is not None:
        return [finding_title(section.heading, section.status, width, gap=gap)]
    return paragraph(section.heading, TOPIC, width, gap=gap)


def _add(flow: Flow, head: list[Block], section: Section, width: float) -> None:
    pieces: list[Block] = list(head)
    for block in section.blocks:
        if isinstance(block, Table) and block.again:
            _add_table(flow, pieces, block, width)
            pieces = []
        else:
            pieces += _pieces(block, width)
    # lists and texts may begin on this page and go on: only pictures and their like stay whole
    runs_on = all(isinstance(block, Lines | Request | Points) for block in section.blocks)
    flow.add(pieces, together=not runs_on or section.level == 3, lead=len(head) + 3)


def _add_table(flow: Flow, head: Sequence[Block], table: Table, width: float) -> None:
    columns = columns_for(table, width)

    def goes_on(page: int) -> Block:
        text = _("Continued on page {page}.").format(page=page)
        return paragraph(text, META, width, gap=7)[0]

    flow.add_table(
        _stacked(head),
        table_head(table, columns, width),
        [table_row(row, table, columns, width) for row in table.rows],
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


def _pieces(block: Content, width: float) -> list[Block]:
    match block:
        case Paragraph(text=text, tone=tone):
            return paragraph(text, STYLES[tone], width, gap=GAPS[tone])
        case Fixes(cards=cards):
            return [fix_card(card, width, gap=7 if number else 5)
                    for number, card in enumerate(cards)]  # fmt: skip
        case Table():
            columns = columns_for(block, width)
            rows = [table_row(row, block, columns, width) for row in block.rows]
            return [table_head(block, columns, width), *rows]
        case Picture():
            return [*paragraph(block.sentence, SOFT, width), chart_block(block.chart, width)]
        case Stages(stages=stages):
            return stage_strip(stages, width)
        case Lines():
            return _lines(block, width)
        case Request(lines=lines):
            return request_box("\n".join(lines), width, gap=6)
        case Bar():
            return [bar_block(block, width)]
        case Points(points=points):
            return [point_block(point, width) for point in points]


def _lines(block: Lines, width: float) -> list[Block]:
    """Labels stand in one column, as wide as most of them need; a method is small print."""
    style, text, gap = {
        LineKind.TRIED: (TIME, BODY, 7.0),
        LineKind.METHOD: (SMALL_LABEL, SMALL, 3.0),
    }.get(block.kind, (LABEL, BODY, 3.0))
    column = label_column([line.label for line in block.lines], style)
    pieces = [labelled(line, width, style, text, column) for line in block.lines]
    return after_gap([piece for several in pieces for piece in several], gap)

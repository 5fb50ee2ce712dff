"""What a page is made of: each block of a document, measured and ready to be painted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from math import ceil
from typing import TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from natwizard.drawing.breakdown import BarSizes, breakdown_height, paint_breakdown
from natwizard.drawing.chart import paint_chart
from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.finding import Chart, ChartKind, Status
from natwizard.report.document import (
    Banner,
    Bar,
    Card,
    Column,
    Line,
    Point,
    Row,
    Stage,
    Stop,
    Table,
)
from natwizard.report.pdf.flow import Block, LinkArea
from natwizard.report.pdf.text import (
    BOLD,
    SEMIBOLD,
    SIZE_BODY,
    SIZE_LEAD,
    SIZE_META,
    SIZE_NAME,
    SIZE_SECTION,
    SIZES_VERDICT,
    LaidText,
    TextStyle,
    font,
    text_width,
)

SECTION_GAP = 9.0
LABEL_COLUMN = 80.0
LABEL_GAP = 10.0
BANNER_PAD = 9.0
BANNER_GLYPH = 40.0
BANNER_TEXT_LEFT = 72.0
# A border instead of the window's solid fill: paper saves ink, and printers may be grey
BANNER_LINE = 1.3
CARD_GLYPH = 20.0
CARD_TEXT_LEFT = 44.0
CARD_PAD = 4.5
CARD_LINE = 0.75
RADIUS = 6.0
FACT_SHARES = (0.30, 0.31, 0.22, 0.17)
FACT_GAP = 8.0
BOX_PAD = 10.0
BOX_ENDS = 0.7
GLYPH = 10.5
GLYPH_GAP = 5.0
PAD_ABOVE = 0.9
PAD_BELOW = 1.1
RULE = 0.5
HEAD_RULE = 0.8
COLUMN_GAP = 10.0
CHART_HEIGHT = 66.0
SMALL_CHART_HEIGHT = 54.0
# Charts are drawn in the window's pixels, 96 to the inch, so lines and crosses keep their weight.
PX = 0.75
# 8 pt, as SIZE_META
META_PX = 11
STAGE_GLYPH = 13.0
STAGE_TEXT_LEFT = 20.0
STAGE_GAP = 8.0
# Name, connection, encryption, websocket: the strip of most connections is one row
STAGES_A_ROW = 4
ASIDE_LEFT = GLYPH + GLYPH_GAP
BAR_SIZES = BarSizes(text=SIZE_BODY, bar=15.0, factor=0.75)
TICK_BOX = 10.0
DOT, DOT_ROOM = 6.0, 9.0
# Of the width, kept free on the right of each point so that owners stand in one column
OWNER_SHARE = 0.24

SECTION = TextStyle(SIZE_SECTION, LIGHT.text, BOLD)
BODY = TextStyle(SIZE_BODY, LIGHT.text)
SOFT = TextStyle(SIZE_BODY, LIGHT.text_2)
LABEL = TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD)
META = TextStyle(SIZE_META, LIGHT.text_2)
HEAD = TextStyle(SIZE_META, LIGHT.text_2, SEMIBOLD)
NAME = TextStyle(SIZE_NAME, LIGHT.text, SEMIBOLD)
SMALL = TextStyle(SIZE_META, LIGHT.text)
SMALL_LABEL = TextStyle(SIZE_META, LIGHT.text, SEMIBOLD)
LEAD = TextStyle(SIZE_LEAD, LIGHT.text)
TOPIC = TextStyle(SIZE_LEAD, LIGHT.text, SEMIBOLD)

Paint: TypeAlias = Callable[[QPainter, float, float], None]
"""Draws something with the block's upper left corner at (left, top)."""


def _all(*parts: Paint) -> Paint:
    """One after the other: what is drawn first is read first, and lies below the others."""

    def paint(painter: QPainter, left: float, top: float) -> None:
        for part in parts:
            part(painter, left, top)

    return paint


def _text(laid: LaidText, x: float = 0.0, y: float = 0.0) -> Paint:
    return lambda painter, left, top: laid.paint(painter, left + x, top + y)


def _line(laid: LaidText, number: int, x: float = 0.0, y: float = 0.0) -> Paint:
    return lambda painter, left, top: laid.paint_line(painter, number, left + x, top + y)


def _glyph(status: Status, x: float, middle: float, size: float) -> Paint:
    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left + x, top + middle - size / 2, size, size)
        paint_status(painter, box, status, LIGHT)

    return paint


def _frame(width: float, height: float, line: str, ground: str, thickness: float) -> Paint:
    def paint(painter: QPainter, left: float, top: float) -> None:
        painter.setPen(QPen(QColor(line), thickness))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(left, top, width, height), RADIUS, RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    return paint


def _rule(y: float, width: float, thickness: float, colour: str) -> Paint:
    def paint(painter: QPainter, left: float, top: float) -> None:
        painter.setPen(QPen(QColor(colour), thickness))
        painter.drawLine(QPointF(left, top + y), QPointF(left + width, top + y))

    return paint


def heading(text: str, width: float, *, gap: float = SECTION_GAP, bookmark: bool = True) -> Block:
    """Title of a section; a reader may jump to it."""
    laid = LaidText(text, SECTION, width)
    return Block(height=laid.height, paint=laid.paint, gap=gap, bookmark=text if bookmark else "")


ASIDE_GAP = 24.0


def heading_with_aside(text: str, aside: str, width: float) -> Block | None:
    """A heading, and at the end of its line what sums it up; None where both do not fit there."""
    room = width - text_width(text, SECTION) - ASIDE_GAP
    if text_width(aside, SOFT) > room:
        return None
    title, summed_up = LaidText(text, SECTION, width), LaidText(aside, SOFT, room)
    below = (title.height - summed_up.height) * 0.7  # on one base line, near enough
    paint = _all(_text(title), _text(summed_up, width - summed_up.width, below))
    return Block(height=title.height, paint=paint, gap=SECTION_GAP, bookmark=text)


def paragraph(text: str, style: TextStyle, width: float, *, gap: float = 2.0) -> list[Block]:
    """A piece a line, so that a page can end within it."""
    laid = LaidText(text, style, width)
    lines = [Block(height=laid.line_height, paint=_line(laid, number))
             for number in range(laid.count)]  # fmt: skip
    return after_gap(lines, gap)


def run_in(lines: Sequence[Line], style: TextStyle, width: float, *, gap: float) -> list[Block]:
    """Labels and their texts one after the other, as small print is set; a piece a line."""
    text, strong, anchors = "", [], []
    for line in lines:
        text += "   " if text else ""
        anchors.append((line.anchor, len(text)))
        if line.label:
            strong.append(slice(len(text), len(text) + len(line.label)))
        text += f"{line.label} {line.text}".strip()
    laid = LaidText(text, style, width, strong)
    places: dict[int, list[str]] = {}
    for anchor, place in anchors:
        places.setdefault(laid.line_of(text, place), []).append(anchor)
    return after_gap(
        [
            Block(
                height=laid.line_height,
                paint=_line(laid, number),
                anchors=tuple(filter(None, places.get(number, ()))),
            )
            for number in range(laid.count)
        ],
        gap,
    )


def labelled(
    line: Line, width: float, label_style: TextStyle, style: TextStyle, column: float
) -> list[Block]:
    """A label in its column, the text beside it, line by line."""
    named = LaidText(line.label, label_style, column - LABEL_GAP)
    laid = LaidText(line.text, style, width - column)
    height = max(named.line_height, laid.line_height)
    blocks = []
    for number in range(max(named.count, laid.count)):
        label = [_line(named, number)] if number < named.count else []
        text = [_line(laid, number, column)] if number < laid.count else []
        anchors = (line.anchor,) if line.anchor and not number else ()
        blocks.append(Block(height=height, paint=_all(*label, *text), anchors=anchors))
    return after_gap(blocks, style.size / 4)


def indented(blocks: Sequence[Block], status: Status | None) -> list[Block]:
    """A text beside the glyph of its finding, which stands in its first line."""

    def moved(block: Block, *, first: bool) -> Block:
        parts = [_glyph(status, 0.0, block.height / 2, GLYPH)] if first and status else []
        paint = _all(*parts, lambda painter, x, y: block.paint(painter, x + ASIDE_LEFT, y))
        return replace(block, paint=paint)

    return [moved(block, first=not place) for place, block in enumerate(blocks)]


def beside(left: Block, right: Block | None, offset: float) -> Block:
    """Two of one height in one row; the right one begins at the offset."""
    if right is None:
        return left

    def paint(painter: QPainter, x: float, y: float) -> None:
        left.paint(painter, x, y)
        right.paint(painter, x + offset, y)

    return replace(left, paint=paint, anchors=(*left.anchors, *right.anchors))


def label_column(labels: Sequence[str], style: TextStyle) -> float:
    """Wide enough for most labels on one line, never more than a third of a page."""
    widest = max((text_width(label, style) for label in labels), default=0.0)
    return max(LABEL_COLUMN, min(widest + LABEL_GAP + 1, LABEL_COLUMN * 2))


def after_gap(blocks: Sequence[Block], gap: float) -> list[Block]:
    """The same blocks with another space above the first."""
    return [replace(blocks[0], gap=gap), *blocks[1:]]


def banner(told: Banner, width: float) -> Block:
    """Soft ground, coloured border and glyph: spares ink, and tells on a grey printer too."""
    colours = LIGHT.status(told.status)
    room = width - BANNER_TEXT_LEFT - BANNER_PAD
    styles = [TextStyle(size, colours.foreground, BOLD) for size in SIZES_VERDICT]
    fits = (style for style in styles if text_width(told.title, style) <= room)
    title = LaidText(told.title, next(fits, styles[0]), room)
    sentence = LaidText(told.sentence, LEAD, room)
    height = title.height + sentence.height + 2 * BANNER_PAD
    paint = _all(
        _frame(width, height, colours.foreground, colours.soft, BANNER_LINE),
        _glyph(told.status, (BANNER_TEXT_LEFT - BANNER_GLYPH) / 2, height / 2, BANNER_GLYPH),
        _text(title, BANNER_TEXT_LEFT, BANNER_PAD),
        _text(sentence, BANNER_TEXT_LEFT, BANNER_PAD + title.height),
    )
    return Block(height=height, paint=paint, bookmark=told.title)


def facts_rows(facts: Sequence[Line], width: float) -> list[Block]:
    """Short facts side by side, four a row; one alone in its row has all the width."""
    return [
        _facts_row(facts[start : start + len(FACT_SHARES)], width, gap=5 if start else 10)
        for start in range(0, len(facts), len(FACT_SHARES))
    ]


def _facts_row(facts: Sequence[Line], width: float, *, gap: float) -> Block:
    """A small name above each; as wide as they are, where all fit side by side."""
    natural = [max(text_width(fact.label, META), text_width(fact.text, LABEL)) + 1
               for fact in facts]  # fmt: skip
    spare = width - sum(natural) - FACT_GAP * (len(facts) - 1)
    if spare >= 0:
        shares = [(each + FACT_GAP + spare / len(facts)) / width for each in natural]
    else:
        shares = list(FACT_SHARES[: len(facts)]) if len(facts) > 1 else [1.0]
    rooms = [width * share - FACT_GAP for share in shares]
    names = [LaidText(fact.label, META, room) for fact, room in zip(facts, rooms, strict=True)]
    texts = [LaidText(fact.text, LABEL, room) for fact, room in zip(facts, rooms, strict=True)]
    below = max(name.height for name in names)
    parts: list[Paint] = []
    for place, (name, text) in enumerate(zip(names, texts, strict=True)):
        x = width * sum(shares[:place])
        parts += [_text(name, x), _text(text, x, below)]
    return Block(height=below + max(text.height for text in texts), paint=_all(*parts), gap=gap)


def fix_card(card: Card, width: float, *, gap: float) -> Block:
    """One thing to fix: what is wrong, what to do, and at the right who does it."""
    natural = max(text_width(card.owner, LABEL), text_width(card.acts, SOFT)) + 1
    # a longer name wraps, so that the remedy keeps its room
    owner_room = min(natural, width * 0.28)
    room = width - CARD_TEXT_LEFT - owner_room - 2 * CARD_PAD - 16
    title = LaidText(card.title, NAME, room)
    remedy = LaidText(card.text, SOFT, room)
    owner = LaidText(card.owner, LABEL, owner_room)
    acts = LaidText(card.acts, SOFT, owner_room)
    text_height = title.height + (remedy.height + 1.5 if card.text else 0.0)
    height = max(text_height, owner.height + acts.height) + 2 * CARD_PAD
    right = width - CARD_PAD  # a line that wraps stays left-aligned in its column
    paint = _all(
        _frame(width, height, LIGHT.line, LIGHT.surface, CARD_LINE),
        _glyph(card.status, (CARD_TEXT_LEFT - CARD_GLYPH) / 2, height / 2, CARD_GLYPH),
        _text(title, CARD_TEXT_LEFT, CARD_PAD),
        _text(remedy, CARD_TEXT_LEFT, CARD_PAD + title.height + 1.5),
        _text(owner, right - owner.width, CARD_PAD),
        _text(acts, right - acts.width, CARD_PAD + owner.height),
    )
    return Block(height=height, paint=paint, gap=gap)


def request_box(text: str, width: float, *, gap: float) -> list[Block]:
    """A text to paste on a sunken ground; a page may end within it."""
    laid = LaidText(text, SMALL, width - 2 * BOX_PAD)
    return after_gap([_box_line(laid, number, width) for number in range(laid.count)], gap)


def _box_line(laid: LaidText, number: int, width: float) -> Block:
    above = BOX_PAD * BOX_ENDS if number == 0 else 0.0
    below = BOX_PAD * BOX_ENDS if number == laid.count - 1 else 0.0
    height = above + laid.line_height + below

    def ground(painter: QPainter, left: float, top: float) -> None:
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        box = QRectF(left, top, width, height)
        if above or below:
            path.addRoundedRect(box, RADIUS, RADIUS)
        # square where the ground goes on in the next line
        path.addRect(box.adjusted(0, RADIUS if above else 0, 0, -RADIUS if below else 0.3))
        painter.fillPath(path, QColor(LIGHT.sunken))

    return Block(height=height, paint=_all(ground, _line(laid, number, BOX_PAD, above)))


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edges and widths, from the left margin."""

    lefts: tuple[float, ...]
    widths: tuple[float, ...]


def columns_for(table: Table, width: float) -> Columns:
    """A column without a share is as wide as its longest cell; the others make the table low.

    They begin as wide as their shares, and give to each other for as long as lines are saved.
    """
    texts = [_cell_widths(table, place) for place in range(len(table.columns))]
    given = [column.share for column in table.columns]
    fixed = sum(max(text) for text, share in zip(texts, given, strict=True) if not share)
    rest = width - fixed - COLUMN_GAP * (len(texts) - 1)
    widths = [rest * share or max(text) for text, share in zip(texts, given, strict=True)]
    may_change = [place for place, share in enumerate(given) if share]
    moves = [(giver, taker, step * width) for giver, taker in permutations(may_change, 2)
             for step in COLUMN_STEPS]  # fmt: skip
    lines, before = _lines_of(texts, widths), 0
    while lines != before:
        before = lines
        for giver, taker, step in moves:
            tried = list(widths)
            tried[giver] -= step
            tried[taker] += step
            if tried[giver] >= NARROWEST * width and (saved := _lines_of(texts, tried)) < lines:
                widths, lines = tried, saved
    lefts = [sum(widths[:place]) + COLUMN_GAP * place for place in range(len(widths))]
    return Columns(tuple(lefts), tuple(widths))


# Of the width, in turn: a small step may save no line where a larger one does
COLUMN_STEPS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12)
# Of the width: a column that gave more would break within words
NARROWEST = 0.12
BROKEN = 1.08
"""Lines end where words do, so a text that wraps needs a little more than its own width."""


def _cell_widths(table: Table, place: int) -> list[float]:
    """Of the cells of a column, if nothing wrapped, and of its title."""
    column = table.columns[place]
    widths = [
        text_width(row.cells[place], _cell_style(row, column, place))
        + (_glyph_room(row) if place == 0 else 0.0)
        for row in table.rows
    ]
    return [width + 1 for width in (*widths, text_width(column.title, HEAD))]


def _lines_of(texts: Sequence[Sequence[float]], widths: Sequence[float]) -> int:
    """Of all rows: each is as high as its highest cell."""
    return sum(
        max(
            1 if text <= width else ceil(text * BROKEN / width)
            for text, width in zip(row, widths, strict=True)
        )
        for row in zip(*texts, strict=True)
    )


def _glyph_room(row: Row) -> float:
    return GLYPH + GLYPH_GAP if row.status is not None else 0.0


def table_head(table: Table, columns: Columns, width: float) -> Block:
    """Names of the columns over a firm line."""
    cells = [LaidText(column.title, HEAD, room)
             for column, room in zip(table.columns, columns.widths, strict=True)]  # fmt: skip
    height = max(cell.height for cell in cells) + 5
    rule = _rule(height, width, HEAD_RULE, LIGHT.text_3)
    return Block(height=height, paint=_all(*_cells(cells, table, columns), rule), gap=4)


def table_row(row: Row, table: Table, columns: Columns, width: float, *, air: float = 1.0) -> Block:
    """Glyph and word, then the other cells; long ones wrap. `air` is of the space around them."""
    above, below = PAD_ABOVE * air, PAD_BELOW * air
    room = _glyph_room(row)
    rooms = (columns.widths[0] - room, *columns.widths[1:])
    cells = [
        LaidText(text, _cell_style(row, column, place), cell_room)
        for place, (text, column, cell_room) in enumerate(
            zip(row.cells, table.columns, rooms, strict=True)
        )
    ]
    height = max(cell.height for cell in cells) + above + below
    middle = above + cells[0].line_height / 2
    links = _row_links(row, cells, columns, above)
    paint = _all(
        *([_glyph(row.status, 0.0, middle, GLYPH)] if row.status is not None else []),
        *_cells(cells, table, columns, x=room, y=above),
        _rule(height, width, RULE, LIGHT.line),
    )
    return Block(height=height, paint=paint, links=links)


def _row_links(
    row: Row, cells: Sequence[LaidText], columns: Columns, top: float
) -> tuple[LinkArea, ...]:
    """The check leads to what is told of it, what is needed to who asks for it."""
    areas = []
    anchor = next((lead.anchor for lead in row.leads if lead.anchor), "")
    for place, (to, url) in ((1, (anchor, "")), (len(cells) - 1, ("", row.url))):
        if to or url:
            cell = cells[place]
            areas.append(
                LinkArea(left=columns.lefts[place], top=top, width=cell.width,
                         height=cell.height, anchor=to, url=url)
            )  # fmt: skip
    return tuple(areas)


def _cell_style(row: Row, column: Column, place: int) -> TextStyle:
    if row.status is not None and place == 0:
        return TextStyle(SIZE_META, LIGHT.status(row.status).foreground, SEMIBOLD)
    if row.strong or (row.status is Status.FAIL and place == 1):
        return SMALL_LABEL
    return META if column.soft else SMALL


def _cells(
    cells: Sequence[LaidText], table: Table, columns: Columns, *, x: float = 0.0, y: float = 0.0
) -> list[Paint]:
    """Amounts stand at the right of their column; `x` is what a glyph takes of the first."""
    parts = []
    for place, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
        spare = columns.widths[place] - cell.width if column.amount else 0.0
        parts.append(_text(cell, columns.lefts[place] + spare + (0.0 if place else x), y))
    return parts


def chart_block(chart: Chart, width: float, *, share: float = 1.0) -> Block:
    """The chart as vectors, without its own heading; `share` of its usual height."""
    height = share * (CHART_HEIGHT if chart.kind is ChartKind.LINE else SMALL_CHART_HEIGHT)

    def paint(painter: QPainter, left: float, top: float) -> None:
        painter.translate(left, top)
        painter.scale(PX, PX)
        box = QRectF(0, 0, width / PX, height / PX)
        paint_chart(painter, box, chart, LIGHT, font(SIZE_BODY), meta_px=META_PX, heading=False)

    return Block(height=height, paint=paint, gap=8)


def bar_block(bar: Bar, width: float) -> Block:
    """The stacked bar as vectors."""
    height = breakdown_height(bar.breakdown, BAR_SIZES)

    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left, top, width, height)
        paint_breakdown(painter, box, bar.breakdown, LIGHT, font(SIZE_BODY), BAR_SIZES,
                        shares=bar.shares)  # fmt: skip

    return Block(height=height, paint=paint, gap=10)


def finding_title(text: str, status: Status, width: float, *, gap: float) -> Block:
    """A finding's glyph, its check, and its sentence."""
    laid = LaidText(text, NAME, width - STAGE_TEXT_LEFT)
    glyph = _glyph(status, 0.0, laid.line_height / 2, STAGE_GLYPH)
    return Block(height=laid.height, paint=_all(glyph, _text(laid, STAGE_TEXT_LEFT)), gap=gap)


def stage_strip(stages: Sequence[Stage], width: float) -> list[Block]:
    """How far a connection came, four stages a row."""
    return [
        _stage_row(stages[start : start + STAGES_A_ROW], width / STAGES_A_ROW)
        for start in range(0, len(stages), STAGES_A_ROW)
    ]


def _stage_row(stages: Sequence[Stage], column: float) -> Block:
    room = column - STAGE_TEXT_LEFT - STAGE_GAP
    parts: list[Paint] = []
    height = 0.0
    for place, stage in enumerate(stages):
        loud = stage.status in {Status.FAIL, Status.WARN, Status.BORDERLINE}
        colour = LIGHT.status(stage.status).foreground if loud else LIGHT.text_2
        name = LaidText(stage.name, NAME, room)
        text = LaidText(stage.text, TextStyle(SIZE_BODY, colour), room)
        height = max(height, name.height + text.height)
        x = place * column
        parts += [
            _glyph(stage.status, x, name.line_height / 2, STAGE_GLYPH),
            _text(name, x + STAGE_TEXT_LEFT),
            _text(text, x + STAGE_TEXT_LEFT, name.height),
        ]
    return Block(height=height, paint=_all(*parts), gap=5)


def route_strip(stops: Sequence[Stop], width: float) -> Block:
    """The way of a call: a dot for each place, joined by a line, and what it is below."""
    column = width / len(stops)
    room = column - STAGE_GAP
    parts: list[Paint] = [_route_line(len(stops), column)]
    height = 0.0
    for place, stop in enumerate(stops):
        top, x = DOT_ROOM, place * column
        for text, style in ((stop.name, SMALL_LABEL), (stop.at, META), (stop.figures, META)):
            if text:
                laid = LaidText(text, style, room)
                parts.append(_text(laid, x, top))
                top += laid.height
        height = max(height, top)
    return Block(height=height, paint=_all(*parts), gap=6)


def _route_line(count: int, column: float) -> Paint:
    def paint(painter: QPainter, left: float, top: float) -> None:
        middle = top + DOT / 2
        painter.setPen(QPen(QColor(LIGHT.text_3), HEAD_RULE))
        painter.drawLine(
            QPointF(left, middle), QPointF(left + column * (count - 1) + DOT / 2, middle)
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(LIGHT.accent))
        for place in range(count):
            painter.drawEllipse(QRectF(left + place * column, top, DOT, DOT))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    return paint


def point_block(point: Point, width: float) -> Block:
    """A box, empty to tick with a pen or with the glyph of the answer; who can settle it."""
    owner_left = width * (1 - OWNER_SHARE)
    room = owner_left - STAGE_TEXT_LEFT - STAGE_GAP
    text = LaidText(point.text, BODY, room)
    answer = LaidText(point.answer, META, room)
    owner = LaidText(point.owner, SOFT, width * OWNER_SHARE)
    height = max(text.height + (answer.height if point.answer else 0.0), owner.height)
    middle = text.line_height / 2

    def tick_box(painter: QPainter, left: float, top: float) -> None:
        painter.setPen(QPen(QColor(LIGHT.control), HEAD_RULE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(left, top + middle - TICK_BOX / 2, TICK_BOX, TICK_BOX), 2, 2)

    glyph = _glyph(point.status, -1.5, middle, STAGE_GLYPH) if point.status else tick_box
    parts = (_text(text, STAGE_TEXT_LEFT), _text(answer, STAGE_TEXT_LEFT, text.height),
             _text(owner, owner_left))  # fmt: skip
    return Block(height=height, paint=_all(glyph, *parts), gap=5)

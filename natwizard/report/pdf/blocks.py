"""What a page is made of: each block of a document, measured and ready to be painted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from natwizard.drawing.breakdown import BarSizes, breakdown_height, paint_breakdown
from natwizard.drawing.chart import paint_chart
from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.finding import Chart, Status
from natwizard.report.document import Banner, Bar, Card, Column, Line, Point, Row, Stage, Table
from natwizard.report.pdf.flow import Block
from natwizard.report.pdf.text import (
    BOLD,
    SEMIBOLD,
    SIZE_BODY,
    SIZE_LEAD,
    SIZE_META,
    SIZE_NAME,
    SIZE_SECTION,
    SIZE_VERDICT,
    LaidText,
    TextStyle,
    font,
    text_width,
)

SECTION_GAP = 18.0
LABEL_COLUMN = 80.0
LABEL_GAP = 10.0

SECTION = TextStyle(SIZE_SECTION, LIGHT.text, BOLD)
BODY = TextStyle(SIZE_BODY, LIGHT.text)
SOFT = TextStyle(SIZE_BODY, LIGHT.text_2)
LABEL = TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD)
META = TextStyle(SIZE_META, LIGHT.text_2)


def heading(text: str, width: float, *, gap: float = SECTION_GAP, bookmark: bool = True) -> Block:
    """Title of a section; a reader may jump to it."""
    laid = LaidText(text, SECTION, width)
    return Block(height=laid.height, paint=laid.paint, gap=gap, bookmark=text if bookmark else "")


def paragraph(text: str, style: TextStyle, width: float, *, gap: float = 2.0) -> list[Block]:
    """A piece a line, so that a page can end within it."""
    laid = LaidText(text, style, width)
    return [_line(laid, number, gap if number == 0 else 0.0) for number in range(laid.count)]


def _line(laid: LaidText, number: int, gap: float) -> Block:
    def paint(painter: QPainter, left: float, top: float) -> None:
        laid.paint_line(painter, number, left, top)

    return Block(height=laid.line_height, paint=paint, gap=gap)


def labelled(
    line: Line, width: float, label_style: TextStyle, style: TextStyle, column: float
) -> list[Block]:
    """A label in its column, the text beside it, line by line."""
    named = LaidText(line.label, label_style, column - LABEL_GAP)
    laid = LaidText(line.text, style, width - column)
    return [
        _labelled_line(named, laid, column, number, style.size / 3 if number == 0 else 0.0)
        for number in range(max(named.count, laid.count))
    ]


def _labelled_line(
    named: LaidText, laid: LaidText, column: float, number: int, gap: float
) -> Block:
    def paint(painter: QPainter, left: float, top: float) -> None:
        if number < named.count:
            named.paint_line(painter, number, left, top)
        if number < laid.count:
            laid.paint_line(painter, number, left + column, top)

    return Block(height=max(named.line_height, laid.line_height), paint=paint, gap=gap)


def label_column(labels: Sequence[str], style: TextStyle) -> float:
    """Wide enough for most labels on one line, never more than a third of a page."""
    widest = max((text_width(label, style) for label in labels), default=0.0)
    return max(LABEL_COLUMN, min(widest + LABEL_GAP + 1, LABEL_COLUMN * 2))


def after_gap(pieces: Sequence[Block], gap: float) -> list[Block]:
    """The same pieces with another space above the first."""
    return [replace(piece, gap=gap) if piece is pieces[0] else piece for piece in pieces]


BANNER_PAD = 15.0
BANNER_GLYPH = 40.0
BANNER_TEXT_LEFT = 72.0
BANNER_LINE = 1.3
CARD_GLYPH = 20.0
CARD_TEXT_LEFT = 44.0
CARD_PAD = 8.8
CARD_LINE = 0.75
RADIUS = 6.0
FACT_SHARES = (0.30, 0.31, 0.22, 0.17)
FACT_GAP = 8.0
BOX_PAD = 12.0

CARD_TITLE = TextStyle(SIZE_LEAD, LIGHT.text, SEMIBOLD)
OWNER = TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD)
FACT = TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD)
TEXT = TextStyle(SIZE_BODY, LIGHT.text)


def banner(headline: Banner, width: float) -> Block:
    """Soft ground, coloured border and glyph: spares ink, and tells on a grey printer too."""
    colours = LIGHT.status(headline.status)
    room = width - BANNER_TEXT_LEFT - BANNER_PAD
    title = LaidText(headline.title, TextStyle(SIZE_VERDICT, colours.foreground, BOLD), room)
    sentence = LaidText(headline.sentence, TextStyle(SIZE_LEAD, LIGHT.text), room)
    height = title.height + sentence.height + 2 * BANNER_PAD

    def paint(painter: QPainter, left: float, top: float) -> None:
        _frame(painter, QRectF(left, top, width, height), colours.foreground, colours.soft,
               BANNER_LINE)  # fmt: skip
        glyph = QRectF(
            left + (BANNER_TEXT_LEFT - BANNER_GLYPH) / 2,
            top + (height - BANNER_GLYPH) / 2,
            BANNER_GLYPH,
            BANNER_GLYPH,
        )
        paint_status(painter, glyph, headline.status, LIGHT)
        title.paint(painter, left + BANNER_TEXT_LEFT, top + BANNER_PAD)
        sentence.paint(painter, left + BANNER_TEXT_LEFT, top + BANNER_PAD + title.height)

    return Block(height=height, paint=paint, bookmark=headline.title)


def facts_row(facts: Sequence[Line], width: float) -> Block:
    """Four short facts side by side: a small name above each."""
    cells = []
    offset = 0.0
    for fact, share in zip(facts, FACT_SHARES, strict=True):
        room = width * share - FACT_GAP
        cells.append((offset, LaidText(fact.label, META, room), LaidText(fact.text, FACT, room)))
        offset += width * share
    name_height = max(name.height for _offset, name, _text in cells)
    height = name_height + max(text.height for _offset, _name, text in cells)

    def paint(painter: QPainter, left: float, top: float) -> None:
        for start, name, text in cells:
            name.paint(painter, left + start, top)
            text.paint(painter, left + start, top + name_height)

    return Block(height=height, paint=paint, gap=12)


def fix_card(card: Card, width: float, *, gap: float) -> Block:
    """One thing to fix: what is wrong, what to do, and at the right who does it."""
    natural = max(text_width(card.owner, OWNER), text_width(card.acts, SOFT)) + 1
    owner_room = min(natural, width * 0.28)
    room = width - CARD_TEXT_LEFT - owner_room - 2 * CARD_PAD - 16
    title = LaidText(card.title, CARD_TITLE, room)
    remedy = LaidText(card.text, SOFT, room) if card.text else None
    owner_laid = LaidText(card.owner, OWNER, owner_room)
    acts_laid = LaidText(card.acts, SOFT, owner_room)
    text_height = title.height + (remedy.height + 1.5 if remedy is not None else 0.0)
    height = max(text_height, owner_laid.height + acts_laid.height) + 2 * CARD_PAD

    def paint(painter: QPainter, left: float, top: float) -> None:
        _frame(painter, QRectF(left, top, width, height), LIGHT.line, LIGHT.surface, CARD_LINE)
        glyph_left = left + (CARD_TEXT_LEFT - CARD_GLYPH) / 2
        glyph = QRectF(glyph_left, top + (height - CARD_GLYPH) / 2, CARD_GLYPH, CARD_GLYPH)
        paint_status(painter, glyph, card.status, LIGHT)
        title.paint(painter, left + CARD_TEXT_LEFT, top + CARD_PAD)
        if remedy is not None:
            remedy.paint(painter, left + CARD_TEXT_LEFT, top + CARD_PAD + title.height + 1.5)
        _paint_right(painter, owner_laid, left + width - CARD_PAD, top + CARD_PAD)
        below = top + CARD_PAD + owner_laid.height
        _paint_right(painter, acts_laid, left + width - CARD_PAD, below)

    return Block(height=height, paint=paint, gap=gap)


def request_box(text: str, width: float, *, gap: float) -> list[Block]:
    """A text to paste on a sunken ground; a page may end within it."""
    laid = LaidText(text, TEXT, width - 2 * BOX_PAD)
    return [
        _box_line(laid, number, width, gap=gap if number == 0 else 0.0)
        for number in range(laid.count)
    ]


def _box_line(laid: LaidText, number: int, width: float, *, gap: float) -> Block:
    above = BOX_PAD * 0.8 if number == 0 else 0.0
    below = BOX_PAD * 0.8 if number == laid.count - 1 else 0.0
    height = above + laid.line_height + below

    def paint(painter: QPainter, left: float, top: float) -> None:
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        box = QRectF(left, top, width, height)
        if above or below:
            path.addRoundedRect(box, RADIUS, RADIUS)
        # square where the ground goes on in the next line
        path.addRect(box.adjusted(0, RADIUS if above else 0, 0, -RADIUS if below else 0.3))
        painter.fillPath(path, QColor(LIGHT.sunken))
        laid.paint_line(painter, number, left + BOX_PAD, top + above)

    return Block(height=height, paint=paint, gap=gap)


def _paint_right(painter: QPainter, laid: LaidText, right: float, top: float) -> None:
    """Short lines at the right edge; one that wraps stays left-aligned in its column."""
    laid.paint(painter, right - laid.width, top)


def _frame(painter: QPainter, box: QRectF, line: str, palette: str, thickness: float) -> None:
    painter.setPen(QPen(QColor(line), thickness))
    painter.setBrush(QColor(palette))
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    painter.setBrush(Qt.BrushStyle.NoBrush)


GLYPH = 12.0
GLYPH_GAP = 5.8
PAD_ABOVE = 2.9
PAD_BELOW = 3.1
RULE = 0.5
HEAD_RULE = 0.8
COLUMN_GAP = 10.0

HEAD = TextStyle(SIZE_META, LIGHT.text_2, SEMIBOLD)


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edges and widths, from the left margin."""

    lefts: tuple[float, ...]
    widths: tuple[float, ...]


def columns_for(table: Table, width: float) -> Columns:
    """As wide as their shares; a column without one is as wide as its longest cell.

    A column that needs less than its share leaves it to those that need more.
    """
    natural = [_natural_width(table, place) for place in range(len(table.columns))]
    given = [column.share for column in table.columns]
    fixed = sum(want for want, share in zip(natural, given, strict=True) if not share)
    rest = width - fixed - COLUMN_GAP * (len(natural) - 1)
    shares = [rest * share or want for want, share in zip(natural, given, strict=True)]
    widths = _fitted(natural, shares)
    lefts = [0.0]
    for column in widths[:-1]:
        lefts.append(lefts[-1] + column + COLUMN_GAP)
    return Columns(tuple(lefts), tuple(widths))


def _fitted(natural: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Move what some columns can spare to those that lack it, in proportion to their lack."""
    lacks = [max(0.0, want - share) for want, share in zip(natural, shares, strict=True)]
    spares = [max(0.0, share - want) for want, share in zip(natural, shares, strict=True)]
    moved = min(sum(lacks), sum(spares))
    if not moved:
        return list(shares)
    return [
        share + moved * (lack / sum(lacks) - spare / sum(spares))
        for share, lack, spare in zip(shares, lacks, spares, strict=True)
    ]


def _natural_width(table: Table, place: int) -> float:
    """Of a column's widest cell if nothing wrapped."""
    cells = [(row.cells[place], _glyph_room(row) if place == 0 else 0.0) for row in table.rows]
    widest = max((text_width(text, LABEL) + room for text, room in cells), default=0.0)
    return max(widest, text_width(table.columns[place].title, HEAD)) + 1


def _glyph_room(row: Row) -> float:
    return GLYPH + GLYPH_GAP if row.status is not None else 0.0


def table_head(table: Table, columns: Columns, width: float) -> Block:
    """Names of the columns over a firm line."""
    cells = [LaidText(column.title, HEAD, room)
             for column, room in zip(table.columns, columns.widths, strict=True)]  # fmt: skip
    height = max(cell.height for cell in cells) + 5

    def paint(painter: QPainter, left: float, top: float) -> None:
        _paint_cells(painter, cells, table, columns, left, top)
        _paint_rule(painter, left, top + height, width, HEAD_RULE, LIGHT.text_3)

    return Block(height=height, paint=paint, gap=4)


def table_row(row: Row, table: Table, columns: Columns, width: float) -> Block:
    """Glyph and word, then the other cells; long ones wrap."""
    room = _glyph_room(row)
    rooms = (columns.widths[0] - room, *columns.widths[1:])
    cells = [
        LaidText(text, _cell_style(row, column, place), cell_room)
        for place, (text, column, cell_room) in enumerate(
            zip(row.cells, table.columns, rooms, strict=True)
        )
    ]
    height = max(cell.height for cell in cells) + PAD_ABOVE + PAD_BELOW

    def paint(painter: QPainter, left: float, top: float) -> None:
        if row.status is not None:
            middle = top + PAD_ABOVE + cells[0].line_height / 2
            box = QRectF(left, middle - GLYPH / 2, GLYPH, GLYPH)
            paint_status(painter, box, row.status, LIGHT)
        _paint_cells(painter, cells, table, columns, left, top + PAD_ABOVE, first=room)
        _paint_rule(painter, left, top + height, width, RULE, LIGHT.line)

    return Block(height=height, paint=paint)


def _cell_style(row: Row, column: Column, place: int) -> TextStyle:
    if row.status is not None and place == 0:
        return TextStyle(SIZE_BODY, LIGHT.status(row.status).foreground, SEMIBOLD)
    if row.strong or (row.status is Status.FAIL and place == 1):
        return LABEL
    return SOFT if column.soft else BODY


def _paint_cells(
    painter: QPainter,
    cells: Sequence[LaidText],
    table: Table,
    columns: Columns,
    left: float,
    top: float,
    *,
    first: float = 0.0,
) -> None:
    """Amounts stand at the right of their column; `first` is what a glyph takes of the row."""
    for place, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
        start = left + columns.lefts[place] + (first if place == 0 else 0.0)
        if column.amount:
            start += columns.widths[place] - cell.width
        cell.paint(painter, start, top)


def _paint_rule(
    painter: QPainter, left: float, y: float, width: float, thickness: float, colour: str
) -> None:
    painter.setPen(QPen(QColor(colour), thickness))
    painter.drawLine(QPointF(left, y), QPointF(left + width, y))


CHART_HEIGHT = 126.0
# Charts are drawn in the window's pixels, 96 to the inch, so lines and crosses keep their weight.
PX = 0.75
META_PX = 11
STAGE_GLYPH = 13.0
STAGE_TEXT_LEFT = 20.0
STAGE_GAP = 8.0
STAGES_A_ROW = 4
BAR_SIZES = BarSizes(text=SIZE_BODY, bar=15.0, factor=0.75)
TICK_BOX = 10.0
OWNER_SHARE = 0.24

NAME = TextStyle(SIZE_NAME, LIGHT.text, SEMIBOLD)
TOPIC = TextStyle(SIZE_LEAD, LIGHT.text, SEMIBOLD)


def chart_block(chart: Chart, width: float) -> Block:
    """The chart as vectors, without its own heading."""

    def paint(painter: QPainter, left: float, top: float) -> None:
        painter.translate(left, top)
        painter.scale(PX, PX)
        box = QRectF(0, 0, width / PX, CHART_HEIGHT / PX)
        paint_chart(painter, box, chart, LIGHT, font(SIZE_BODY), meta_px=META_PX, heading=False)

    return Block(height=CHART_HEIGHT, paint=paint, gap=8)


def finding_title(text: str, status: Status, width: float, *, gap: float) -> Block:
    """A finding's glyph, its check, and its sentence."""
    laid = LaidText(text, NAME, width - STAGE_TEXT_LEFT)

    def paint(painter: QPainter, left: float, top: float) -> None:
        middle = top + laid.line_height / 2
        box = QRectF(left, middle - STAGE_GLYPH / 2, STAGE_GLYPH, STAGE_GLYPH)
        paint_status(painter, box, status, LIGHT)
        laid.paint(painter, left + STAGE_TEXT_LEFT, top)

    return Block(height=laid.height, paint=paint, gap=gap)


def stage_strip(stages: Sequence[Stage], width: float) -> list[Block]:
    """How far a connection came, four stages a row."""
    return [
        _stage_row(stages[start : start + STAGES_A_ROW], width)
        for start in range(0, len(stages), STAGES_A_ROW)
    ]


def _stage_row(stages: Sequence[Stage], width: float) -> Block:
    column = width / STAGES_A_ROW
    room = column - STAGE_TEXT_LEFT - STAGE_GAP
    cells = []
    for stage in stages:
        loud = stage.status in {Status.FAIL, Status.WARN, Status.BORDERLINE}
        colour = LIGHT.status(stage.status).foreground if loud else LIGHT.text_2
        text = LaidText(stage.text, TextStyle(SIZE_BODY, colour), room)
        cells.append((stage.status, LaidText(stage.name, NAME, room), text))
    height = max(name.height + text.height for _status, name, text in cells)

    def paint(painter: QPainter, left: float, top: float) -> None:
        for number, (status, name, text) in enumerate(cells):
            start = left + number * column
            middle = top + name.line_height / 2
            box = QRectF(start, middle - STAGE_GLYPH / 2, STAGE_GLYPH, STAGE_GLYPH)
            paint_status(painter, box, status, LIGHT)
            name.paint(painter, start + STAGE_TEXT_LEFT, top)
            text.paint(painter, start + STAGE_TEXT_LEFT, top + name.height)

    return Block(height=height, paint=paint, gap=5)


def bar_block(bar: Bar, width: float) -> Block:
    """The stacked bar as vectors."""
    height = breakdown_height(bar.breakdown, BAR_SIZES)

    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left, top, width, height)
        paint_breakdown(painter, box, bar.breakdown, LIGHT, font(SIZE_BODY), BAR_SIZES,
                        shares=bar.shares)  # fmt: skip

    return Block(height=height, paint=paint, gap=10)


def point_block(point: Point, width: float) -> Block:
    """A box, empty to tick with a pen or with the glyph of the answer; who can settle it."""
    owner_left = width * (1 - OWNER_SHARE)
    room = owner_left - STAGE_TEXT_LEFT - STAGE_GAP
    text = LaidText(point.text, BODY, room)
    answer = LaidText(point.answer, META, room) if point.answer else None
    owner = LaidText(point.owner, SOFT, width * OWNER_SHARE)
    height = max(text.height + (answer.height if answer is not None else 0.0), owner.height)

    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left, top + (text.line_height - TICK_BOX) / 2, TICK_BOX, TICK_BOX)
        if point.status is None:
            painter.setPen(QPen(QColor(LIGHT.control), HEAD_RULE))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 2, 2)
        else:
            paint_status(painter, box.adjusted(-1.5, -1.5, 1.5, 1.5), point.status, LIGHT)
        text.paint(painter, left + STAGE_TEXT_LEFT, top)
        if answer is not None:
            answer.paint(painter, left + STAGE_TEXT_LEFT, top + text.height)
        owner.paint(painter, left + owner_left, top)

    return Block(height=height, paint=paint, gap=5)

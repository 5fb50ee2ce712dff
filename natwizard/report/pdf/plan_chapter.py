"""The org's plan and its checklist as a chapter: tables, stacked bars, sources, boxes to tick."""

from collections.abc import Sequence

from msgspec import structs
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from natwizard.drawing.breakdown import BarSizes, breakdown_height, paint_breakdown
from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.breakdown import Breakdown
from natwizard.model.checklist import ChecklistItem
from natwizard.model.confirmation import Reply
from natwizard.model.finding import Source, Status
from natwizard.model.language import _
from natwizard.model.plan import BandwidthPlan, OrgPlan, Part, Plan
from natwizard.model.quantity import Unit
from natwizard.report.checklist_words import answer_words, checklist_line
from natwizard.report.facts import moment_words
from natwizard.report.pdf.blocks import BODY, LABEL, META, SOFT, heading, lines_of, paragraph
from natwizard.report.pdf.flow import Flow, Piece
from natwizard.report.pdf.fonts import SEMIBOLD, font
from natwizard.report.pdf.sheet import SIZE_BODY, SIZE_LEAD, SIZE_META
from natwizard.report.pdf.text import LaidText, Style
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

SIZES = BarSizes(text=SIZE_BODY, bar=15.0, factor=0.75)
PAD = 3.4
RULE = 0.5
HEAD_RULE = 0.8
GAP = 8.0
# name, how, a day, a month, a year
SHARES = (0.25, 0.33, 0.14, 0.14, 0.14)
BOX = 10.0
TEXT_LEFT = 20.0
OWNER_SHARE = 0.24
LONGEST = 300

HEAD = Style(SIZE_META, LIGHT.text_2, SEMIBOLD)
TOPIC = Style(SIZE_LEAD, LIGHT.text, SEMIBOLD)


def _short(text: str) -> str:
    """A plan may come out of anybody's file."""
    return shortened(plain(text), LONGEST)


def chapter_head(plan: OrgPlan, width: float) -> list[Piece]:
    """What begins here, within the report of a workstation."""
    text = _("Worked out on {moment} from what was entered, not measured.")
    return [
        heading(_("Plan for the org"), width),
        *paragraph(plain(text.format(moment=moment_words(plan.made_at))), SOFT, width),
    ]


def add_plan(flow: Flow, plan: OrgPlan, width: float) -> None:
    """Each plan that was made: table, picture, what it means, where its rules are from."""
    for single in plan.plans:
        more = together_words(plan) if single is plan.insight or not plan.insight else ""
        flow.add([*_table(single, width), *_below(single, more, width)], together=True)
    if plan.bandwidth is not None:
        flow.add(_bandwidth(plan.bandwidth, width))


def add_checklist(flow: Flow, items: Sequence[ChecklistItem], width: float) -> None:
    """Boxes by topic: ticked, crossed or empty, with who answered."""
    topic = ""
    for number, item in enumerate(items):
        head = _checklist_head(items, width) if number == 0 else []
        if item.topic != topic:
            topic = item.topic
            head += paragraph(_short(topic), TOPIC, width, gap=4 if number == 0 else 10)
        flow.add([*head, _item(item, width)])


def _checklist_head(items: Sequence[ChecklistItem], width: float) -> list[Piece]:
    line = _("What only people can settle: {line}.").format(line=checklist_line(items))
    return [heading(_("Checklist"), width), *paragraph(line, SOFT, width)]


def _table(plan: Plan, width: float) -> list[Piece]:
    names = ("", _("How"), _("Per day"), _("Per month"), _("Per year"))
    rows = [
        heading(_short(plan.title), width),
        *paragraph(plain(_inputs_words(plan)), SOFT, width),
        _row(names, width, HEAD, HEAD_RULE, gap=6),
    ]
    rows += [_row(_cells(part, plan.unit), width, BODY, RULE) for part in plan.parts]
    return [*rows, _row(_cells(plan.total, plan.unit), width, LABEL, RULE)]


def _inputs_words(plan: Plan) -> str:
    """What the plan was made of, in its own terms: the rows' arithmetic tells the rest."""
    if not plan.once:
        return _("Worked out from what was entered; a month is a twelfth of a year.")
    return _("Once, at the start: {amount}. A month is a twelfth of a year.").format(
        amount=amount_words(plan.once, plan.unit)
    )


def _cells(part: Part, unit: Unit) -> tuple[str, ...]:
    amounts = (part.per_day, part.per_month, part.per_year)
    return (part.title, part.how, *(amount_words(amount, unit) for amount in amounts))


def _row(
    texts: Sequence[str], width: float, style: Style, rule: float, *, gap: float = 0.0
) -> Piece:
    """One line of the table; the amounts stand at the right of their columns."""
    widths = [width * share - GAP for share in SHARES]
    cells = [LaidText(_short(text), style, room) for text, room in zip(texts, widths, strict=True)]
    height = max(cell.height for cell in cells) + 2 * PAD
    colour = LIGHT.text_3 if rule == HEAD_RULE else LIGHT.line

    def paint(painter: QPainter, left: float, top: float) -> None:
        x = left
        for number, (cell, share) in enumerate(zip(cells, SHARES, strict=True)):
            is_amount = number > 1
            start = x + width * share - cell.width if is_amount else x
            cell.paint(painter, start, top + PAD)
            x += width * share
        painter.setPen(QPen(QColor(colour), rule))
        painter.drawLine(QPointF(left, top + height), QPointF(left + width, top + height))

    return Piece(height=height, paint=paint, gap=gap)


def _below(plan: Plan, more: str, width: float) -> list[Piece]:
    pieces = [breakdown_piece(breakdown_of(plan), width)]
    if plan.allowance is not None:
        words = allowance_words(plan.allowance, plan.unit)
        pieces += paragraph(plain(words), LABEL, width, gap=6)
    if more:
        pieces += paragraph(plain(more), LABEL, width, gap=3)
    pieces += lines_of([paragraph(_short(note.text), META, width, gap=4) for note in plan.notes])
    return [*pieces, *_source(plan.source, width)]


def _bandwidth(plan: BandwidthPlan, width: float) -> list[Piece]:
    needed, carried = bandwidth_words(plan)
    pieces = [
        heading(_("Bandwidth of the site"), width),
        *paragraph(plain(needed), LABEL, width),
        breakdown_piece(bandwidth_breakdown(plan), width),
    ]
    if carried:
        pieces += paragraph(plain(carried), LABEL, width, gap=6)
    pieces += paragraph(bandwidth_note(), META, width, gap=4)
    return [*pieces, *_source(plan.source, width)]


def _source(source: Source, width: float) -> list[Piece]:
    return paragraph(_short(plan_source_words(source)), META, width, gap=4)


def breakdown_piece(breakdown: Breakdown, width: float) -> Piece:
    """The stacked bar as vectors."""
    named = (structs.replace(piece, title=_short(piece.title)) for piece in breakdown.slices)
    breakdown = structs.replace(breakdown, slices=tuple(named))
    shares = tuple(share_words(breakdown.share(piece)) for piece in breakdown.slices)

    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left, top, width, breakdown_height(breakdown, SIZES))
        paint_breakdown(painter, box, breakdown, LIGHT, font(SIZE_BODY), SIZES, shares=shares)

    return Piece(height=breakdown_height(breakdown, SIZES), paint=paint, gap=10)


def _item(item: ChecklistItem, width: float) -> Piece:
    room = width * (1 - OWNER_SHARE) - TEXT_LEFT - GAP
    text = LaidText(_short(item.text), BODY, room)
    told = answer_words(item.answer) if item.answer is not None else ""
    said = LaidText(_short(told), META, room) if told else None
    owner = LaidText(owner_name(item.owner), SOFT, width * OWNER_SHARE)
    height = max(text.height + (said.height if said is not None else 0.0), owner.height)

    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left, top + (text.line_height - BOX) / 2, BOX, BOX)
        _paint_box(painter, box, item)
        text.paint(painter, left + TEXT_LEFT, top)
        if said is not None:
            said.paint(painter, left + TEXT_LEFT, top + text.height)
        owner.paint(painter, left + width * (1 - OWNER_SHARE), top)

    return Piece(height=height, paint=paint, gap=5)


def _paint_box(painter: QPainter, box: QRectF, item: ChecklistItem) -> None:
    """Empty to tick with a pen, else the glyph of the answer."""
    if item.answer is None:
        painter.setPen(QPen(QColor(LIGHT.control), HEAD_RULE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 2, 2)
        return
    status = Status.PASS if item.answer.reply is Reply.YES else Status.WARN
    paint_status(painter, box.adjusted(-1.5, -1.5, 1.5, 1.5), status, LIGHT)

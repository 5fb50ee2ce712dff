"""What the PDF of a watch says: the answer, the chart, the bad moments, how it was measured."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from natwizard.drawing.chart_scale import chart_sentence
from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.language import _
from natwizard.model.watch import BadMoment, WatchRecord
from natwizard.report.open_report import WATCH_NAME
from natwizard.report.pdf.blocks import (
    BODY,
    LABEL,
    META,
    SOFT,
    banner,
    facts_row,
    heading,
    lines_of,
    paragraph,
)
from natwizard.report.pdf.draw import PageFrameTexts, PdfFile
from natwizard.report.pdf.flow import Block, Flow
from natwizard.report.pdf.pictures import chart_piece
from natwizard.report.pdf.text import LaidText, PageGeometry, face, require_application
from natwizard.report.plain import plain
from natwizard.report.watch_files import watch_json
from natwizard.report.watch_words import (
    STATUSES,
    moment_clock,
    moment_detail,
    moment_span,
    moment_word,
    watch_answer,
    watch_chart,
    watch_facts,
    watch_methods,
)
from natwizard.report.words import DOT

GLYPH = 12.0
SHARES = (0.04, 0.14, 0.38, 0.15, 0.29)
PAD = 3.5
RULE = 0.5


def draw_watch_pdf(record: WatchRecord, sheet: PageGeometry) -> bytes:
    """The whole document. Raises NoFonts."""
    require_application()
    face()
    masking = _("names and addresses masked") if record.redacted else ""
    foot = (f"natwizard {record.app_version}", record.profile, masking)
    texts = PageFrameTexts(
        title=_("Connection watch"),
        right=_("Run code  {code}").format(code=plain(record.run_code)),
        foot=plain(DOT.join(filter(None, foot))),
    )
    file = PdfFile(sheet, f"{texts.title}: {plain(record.run_code)}", plain(record.app_version))
    file.attach(WATCH_NAME, watch_json(record))
    return file.drawn(lay_out_watch(record, sheet), texts)


def lay_out_watch(record: WatchRecord, sheet: PageGeometry) -> Flow:
    """All of it, distributed over pages."""
    flow, width = Flow(sheet), sheet.content_width
    answer = watch_answer(record)
    flow.add([banner(answer, width)])
    flow.add([facts_row(tuple((n, plain(v)) for n, v in watch_facts(record)), width)])
    chart = watch_chart(record)
    text = _("{title}. Line: median. Band: fastest to slowest. Cross: lost.")
    if chart.columns:
        flow.add(
            [
                heading(_("The test call"), width),
                *paragraph(text.format(title=chart_sentence(chart).rstrip(".")), SOFT, width),
                chart_piece(chart, width),
            ]
        )
    _add_moments(flow, record, width)
    flow.add([heading(_("How this was measured"), width), *_methods(record, width)])
    return flow


def _add_moments(flow: Flow, record: WatchRecord, width: float) -> None:
    if not record.moments:
        return

    def goes_on(page: int) -> Block:
        return paragraph(_("Continued on page {page}.").format(page=page), META, width, gap=7)[0]

    flow.add_table(
        heading(_("Bad moments"), width),
        _row(("", _("Time"), _("What"), _("How long"), _("How much")), width),
        [_moment_row(record, moment, width) for moment in record.moments],
        again=heading(_("Bad moments, continued"), width, bookmark=False),
        goes_on=goes_on,
    )


def _moment_row(record: WatchRecord, moment: BadMoment, width: float) -> Block:
    cells = (
        "",
        moment_clock(record, moment),
        moment_word(moment.kind),
        moment_span(moment),
        moment_detail(moment),
    )
    row = _row(cells, width, head=False)

    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left, top + PAD, GLYPH, GLYPH)
        paint_status(painter, box, STATUSES[moment.kind], LIGHT)
        row.paint(painter, left, top)

    return Block(height=row.height, paint=paint)


def _row(cells: tuple[str, ...], width: float, *, head: bool = True) -> Block:
    style = LABEL if head else BODY
    laid = [
        LaidText(plain(cell), style, width * share - 6)
        for cell, share in zip(cells, SHARES, strict=True)
    ]
    height = max(cell.height for cell in laid) + 2 * PAD

    def paint(painter: QPainter, left: float, top: float) -> None:
        x = left
        for cell, share in zip(laid, SHARES, strict=True):
            cell.paint(painter, x, top + PAD)
            x += width * share
        painter.setPen(QPen(QColor(LIGHT.text_3 if head else LIGHT.line), RULE))
        painter.drawLine(QPointF(left, top + height), QPointF(left + width, top + height))

    return Block(height=height, paint=paint, gap=4 if head else 0)


def _methods(record: WatchRecord, width: float) -> list[Block]:
    return lines_of([paragraph(plain(text), BODY, width, gap=3) for text in watch_methods(record)])

"""Draws a laid-out report with Qt: vectors and selectable text, the JSON attached inside."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from natwizard.model.report import Report
from natwizard.report.as_json import report_json
from natwizard.report.facts import report_facts
from natwizard.report.open_report import ATTACHMENT_NAME
from natwizard.report.pdf.contents import lay_out
from natwizard.report.pdf.finish import Bookmark, finished
from natwizard.report.pdf.flow import Flow, Placed
from natwizard.report.pdf.fonts import face, require_application
from natwizard.report.pdf.page_frame import paint_frame, report_title
from natwizard.report.pdf.sheet import Sheet
from natwizard.report.plain import plain, shortened
from natwizard.report.words import language_tag

DPI = 1200
POINTS_PER_INCH = 72
LONGEST_BOOKMARK = 120


def draw_pdf(report: Report, sheet: Sheet) -> bytes:
    """The whole document. Raises NoFonts where no text could be drawn."""
    require_application()
    face()
    flow = lay_out(report, sheet)
    drawn = _draw(report, flow, sheet)
    return finished(drawn, _bookmarks(flow, sheet), language_tag())


def _draw(report: Report, flow: Flow, sheet: Sheet) -> bytes:
    storage = QByteArray()
    buffer = QBuffer(storage)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setTitle(f"{report_title()}: {plain(report.run_code)}")
    writer.setCreator(f"natwizard {plain(report.app_version)}")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QSizeF(sheet.width, sheet.height), QPageSize.Unit.Point),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    writer.addFileAttachment(ATTACHMENT_NAME, QByteArray(report_json(report)), "application/json")
    foot = report_facts(report).foot
    painter = QPainter(writer)
    try:
        painter.scale(DPI / POINTS_PER_INCH, DPI / POINTS_PER_INCH)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, page in enumerate(flow.pages, 1):
            if number > 1:
                writer.newPage()
            paint_frame(painter, sheet, plain(report.run_code), foot, number, len(flow.pages))
            _paint_page(painter, page, sheet)
    finally:
        painter.end()
        buffer.close()
    return bytes(storage.data())


def _paint_page(painter: QPainter, page: list[Placed], sheet: Sheet) -> None:
    for placed in page:
        painter.save()
        placed.piece.paint(painter, sheet.left, placed.top)
        painter.restore()


def _bookmarks(flow: Flow, sheet: Sheet) -> list[Bookmark]:
    return [
        Bookmark(
            title=shortened(placed.piece.bookmark, LONGEST_BOOKMARK),
            page=number,
            above_foot=sheet.height - placed.top,
        )
        for number, page in enumerate(flow.pages)
        for placed in page
        if placed.piece.bookmark
    ]

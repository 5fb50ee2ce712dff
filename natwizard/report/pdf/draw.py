"""Draws a laid-out report with Qt: vectors and selectable text, the JSON attached inside."""

from collections.abc import Callable

from msgspec import Struct
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


class Paper(Struct, frozen=True, kw_only=True):
    """What stands around the content of a document.

    Attributes:
        title: on every page and in the file's properties.
        attached: name and content of the file inside.
    """

    title: str
    run_code: str
    program: str
    foot: str
    attached: tuple[str, bytes]


def draw_pdf(report: Report, sheet: Sheet) -> bytes:
    """The whole document. Raises NoFonts where no text could be drawn."""
    paper = Paper(
        title=report_title(),
        run_code=plain(report.run_code),
        program=f"natwizard {plain(report.app_version)}",
        foot=report_facts(report).foot,
        attached=(ATTACHMENT_NAME, report_json(report)),
    )
    return draw_flow(lambda: lay_out(report, sheet), sheet, paper)


def draw_flow(lay: Callable[[], Flow], sheet: Sheet, paper: Paper) -> bytes:
    """Any document; `lay` is called once there are fonts. Raises NoFonts."""
    require_application()
    face()
    flow = lay()
    return finished(_draw(flow, sheet, paper), _bookmarks(flow, sheet), language_tag())


def _draw(flow: Flow, sheet: Sheet, paper: Paper) -> bytes:
    storage = QByteArray()
    buffer = QBuffer(storage)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setTitle(f"{paper.title}: {paper.run_code}")
    writer.setCreator(paper.program)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QSizeF(sheet.width, sheet.height), QPageSize.Unit.Point),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    name, content = paper.attached
    writer.addFileAttachment(name, QByteArray(content), "application/json")
    painter = QPainter(writer)
    try:
        painter.scale(DPI / POINTS_PER_INCH, DPI / POINTS_PER_INCH)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, page in enumerate(flow.pages, 1):
            if number > 1:
                writer.newPage()
            paint_frame(
                painter, sheet, (paper.title, paper.run_code, paper.foot), number, len(flow.pages)
            )
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

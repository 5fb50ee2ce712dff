"""Draws a laid-out document with Qt: vectors and selectable text, its JSON attached inside."""

from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from natwizard.model.checklist import ChecklistItem
from natwizard.model.language import _
from natwizard.model.plan import OrgPlan
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.as_json import report_json
from natwizard.report.attachment import REPORT_NAME
from natwizard.report.facts import moment_words, report_facts
from natwizard.report.pdf.contents import lay_out, lay_out_plan
from natwizard.report.pdf.finish import Bookmark, finished
from natwizard.report.pdf.flow import Flow, Placed
from natwizard.report.pdf.fonts import face, require_application
from natwizard.report.pdf.page_frame import FrameTexts, paint_frame
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
    texts = FrameTexts(
        title=_("Webphone readiness report"),
        right=_("Run code  {code}").format(code=plain(report.run_code)),
        foot=report_facts(report).foot,
    )
    name = labelled(texts.title, plain(report.run_code))
    writer = PdfFile(sheet, name, plain(report.app_version))
    writer.attach(REPORT_NAME, report_json(report))
    return writer.drawn(lay_out(report, sheet), texts)


def draw_plan_pdf(
    plan: OrgPlan, items: Sequence[ChecklistItem], sheet: Sheet, app_version: str
) -> bytes:
    """A plan without a report. Raises NoFonts where no text could be drawn."""
    require_application()
    face()
    program = f"natwizard {app_version}"
    texts = FrameTexts(
        title=_("Plan for the org"), right=plain(moment_words(plan.made_at)), foot=program
    )
    return PdfFile(sheet, texts.title, app_version).drawn(lay_out_plan(plan, items, sheet), texts)


class PdfFile:
    """One PDF in memory."""

    def __init__(self, sheet: Sheet, name: str, app_version: str) -> None:
        self._sheet = sheet
        self._storage = QByteArray()
        self._buffer = QBuffer(self._storage)
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._pdf = QPdfWriter(self._buffer)
        self._pdf.setResolution(DPI)
        self._pdf.setTitle(name)
        self._pdf.setCreator(f"natwizard {app_version}")
        self._pdf.setPageLayout(
            QPageLayout(
                QPageSize(QSizeF(sheet.width, sheet.height), QPageSize.Unit.Point),
                QPageLayout.Orientation.Portrait,
                QMarginsF(0, 0, 0, 0),
            )
        )

    def attach(self, name: str, content: bytes) -> None:
        """Put a JSON file inside."""
        self._pdf.addFileAttachment(name, QByteArray(content), "application/json")

    def drawn(self, flow: Flow, texts: FrameTexts) -> bytes:
        """Every page, with bookmarks and language."""
        painter = QPainter(self._pdf)
        try:
            painter.scale(DPI / POINTS_PER_INCH, DPI / POINTS_PER_INCH)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number, page in enumerate(flow.pages, 1):
                if number > 1:
                    self._pdf.newPage()
                paint_frame(painter, self._sheet, texts, number, len(flow.pages))
                _paint_page(painter, page, self._sheet)
        finally:
            painter.end()
            self._buffer.close()
        content = bytes(self._storage.data())
        return finished(content, _bookmarks(flow, self._sheet), language_tag())


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

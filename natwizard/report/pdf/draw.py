"""Draws a laid-out document with Qt: vectors and selectable text, its JSON attached inside."""

import io
import re
from collections.abc import Sequence

from msgspec import Struct
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    Fit,
    FloatObject,
    NameObject,
    NullObject,
    StreamObject,
    TextStringObject,
)
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from natwizard.drawing.mark import paint_mark
from natwizard.drawing.tokens import LIGHT
from natwizard.languages import language_of
from natwizard.model.language import _
from natwizard.report.document import Document
from natwizard.report.pdf.contents import lay_out
from natwizard.report.pdf.flow import Flow, PlacedBlock
from natwizard.report.pdf.text import (
    BOLD,
    FOOT_RULE_ABOVE_EDGE,
    HEAD_RULE,
    HEAD_TOP,
    SEMIBOLD,
    SIZE_LEAD,
    SIZE_META,
    SIZE_NAME,
    LaidText,
    PageGeometry,
    TextStyle,
    elided,
    face,
    require_application,
    text_width,
)
from natwizard.report.plain import plain, shortened

# Attachments and the title in the window bar are of PDF 1.4; Qt writes for it, and says so.
PDF_VERSION = "%PDF-1.4"
BRACKETED = re.compile(rb"\[[^\]]*\]")


class Bookmark(Struct, frozen=True, kw_only=True):
    """A place to jump to: page from 0, distance of its upper edge from the page's foot."""

    title: str
    page: int
    above_foot: float


class PageLink(Struct, frozen=True, kw_only=True):
    """A rectangle on a page (left, bottom, right, top, from its lower left corner) and its target.

    Attributes:
        url: of a web page; where it is empty, it leads to a page of this document.
        to_page, above_foot: page from 0, and how far its upper edge is from the page's foot.
    """

    page: int
    box: tuple[float, float, float, float]
    url: str = ""
    to_page: int = 0
    above_foot: float = 0.0


def finished(
    content: bytes, bookmarks: Sequence[Bookmark], links: Sequence[PageLink], language: str
) -> bytes:
    """The same document with an outline, links, its language, and its title shown by readers."""
    writer = PdfWriter(clone_from=io.BytesIO(content))
    _mend_spaces(writer)
    _add_links(writer, links)
    for bookmark in bookmarks:
        fit = Fit.xyz(left=0, top=bookmark.above_foot, zoom=None)
        writer.add_outline_item(title=bookmark.title, page_number=bookmark.page, fit=fit)
    writer.pdf_header = PDF_VERSION
    root = writer.root_object
    root[NameObject("/Lang")] = TextStringObject(language)
    shown = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(value=True)})
    root[NameObject("/ViewerPreferences")] = shown
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _add_links(writer: PdfWriter, links: Sequence[PageLink]) -> None:
    """Link annotations without a frame (ISO 32000-1, section 12.5.6.5)."""
    added: dict[int, ArrayObject] = {}
    for link in links:
        entry = DictionaryObject({
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject(map(FloatObject, link.box)),
            NameObject("/Border"): ArrayObject(map(FloatObject, (0, 0, 0))),
        })  # fmt: skip
        if link.url:
            entry[NameObject("/A")] = DictionaryObject({
                NameObject("/S"): NameObject("/URI"),
                NameObject("/URI"): TextStringObject(link.url),
            })  # fmt: skip
        else:
            page = writer.pages[link.to_page].indirect_reference
            place = (NameObject("/XYZ"), FloatObject(0), FloatObject(link.above_foot), NullObject())
            entry[NameObject("/Dest")] = ArrayObject((page, *place))
        added.setdefault(link.page, ArrayObject()).append(entry)
    for number, annotations in added.items():
        writer.pages[number][NameObject("/Annots")] = annotations


def _mend_spaces(writer: PdfWriter) -> None:
    """Copied text has spaces, not tabs.

    Some fonts draw tab and space with one glyph, and Qt writes down the first character it
    finds for a glyph (ISO 32000-1, section 9.10.3: ToUnicode).
    """
    mended: set[int] = set()
    for page in writer.pages:
        resources = page.get("/Resources", {}).get_object()
        for font in resources.get("/Font", {}).values():
            characters = font.get_object().get("/ToUnicode", None)
            stream = characters.get_object() if characters is not None else None
            if isinstance(stream, StreamObject) and id(stream) not in mended:
                mended.add(id(stream))
                stream.set_data(BRACKETED.sub(_tab_to_space, stream.get_data()))


def _tab_to_space(characters: re.Match[bytes]) -> bytes:
    return characters.group().replace(b"<0009>", b"<0020>")


MARK = 18.5
RULE = 0.5

TITLE = TextStyle(SIZE_LEAD, LIGHT.text, BOLD)
CODE = TextStyle(SIZE_NAME, LIGHT.text, SEMIBOLD)
FOOT = TextStyle(SIZE_META, LIGHT.text_2)


def paint_frame(
    painter: QPainter, sheet: PageGeometry, texts: Document, page: int, pages: int
) -> None:
    """Draw head and foot of one page; `page` counts from 1."""
    _paint_head(painter, sheet, texts)
    _paint_foot(painter, sheet, texts.foot, page, pages)


def _paint_head(painter: QPainter, sheet: PageGeometry, texts: Document) -> None:
    box = QRectF(sheet.left, HEAD_TOP, MARK, MARK)
    paint_mark(painter, box, LIGHT.accent, LIGHT.on_accent)
    code = texts.code
    width = min(text_width(code, CODE), sheet.content_width / 2)
    middle = box.center().y()
    _paint_middle(painter, elided(code, CODE, width + 1), CODE, sheet.right - width, middle)
    _paint_middle(painter, texts.title, TITLE, box.right() + 8, middle)
    _paint_rule(painter, sheet, HEAD_RULE)


def _paint_foot(painter: QPainter, sheet: PageGeometry, foot: str, page: int, pages: int) -> None:
    top = sheet.height - FOOT_RULE_ABOVE_EDGE
    _paint_rule(painter, sheet, top)
    number = _("Page {page} of {pages}").format(page=page, pages=pages)
    width = text_width(number, FOOT)
    middle = top + 12
    room = sheet.content_width - width - 16
    _paint_middle(painter, elided(foot, FOOT, room), FOOT, sheet.left, middle)
    _paint_middle(painter, number, FOOT, sheet.right - width, middle)


def _paint_middle(
    painter: QPainter, text: str, style: TextStyle, left: float, middle: float
) -> None:
    laid = LaidText(text, style, 10_000)
    laid.paint(painter, left, middle - laid.height / 2)


def _paint_rule(painter: QPainter, sheet: PageGeometry, y: float) -> None:
    painter.setPen(QPen(QColor(LIGHT.line), RULE))
    painter.drawLine(QPointF(sheet.left, y), QPointF(sheet.right, y))


DPI = 1200
POINTS_PER_INCH = 72
LONGEST_BOOKMARK = 120


def draw_pdf(
    document: Document, sheet: PageGeometry, app_version: str, attached: tuple[str, bytes] | None
) -> bytes:
    """The whole document, with a JSON file inside. Raises NoFonts where no text could be drawn."""
    require_application()
    face()
    with language_of(document.language):
        file = PdfFile(sheet, document, plain(app_version))
        if attached is not None:
            file.attach(*attached)
        return file.drawn(lay_out(document, sheet))


class PdfFile:
    """One PDF in memory."""

    def __init__(self, sheet: PageGeometry, document: Document, app_version: str) -> None:
        self._document = document
        self._storage = QByteArray()
        self._buffer = QBuffer(self._storage)
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._pdf = QPdfWriter(self._buffer)
        self._pdf.setResolution(DPI)
        self._pdf.setTitle(document.name)
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

    def drawn(self, flow: Flow) -> bytes:
        """Every page, with bookmarks and language."""
        painter = QPainter(self._pdf)
        try:
            painter.scale(DPI / POINTS_PER_INCH, DPI / POINTS_PER_INCH)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number, page in enumerate(flow.pages, 1):
                if number > 1:
                    self._pdf.newPage()
                paint_frame(painter, flow.sheet, self._document, number, len(flow.pages))
                _paint_page(painter, page, flow.sheet)
        finally:
            painter.end()
            self._buffer.close()
        content = bytes(self._storage.data())
        bookmarks, links = _bookmarks(flow, flow.sheet), _links(flow, flow.sheet)
        return finished(content, bookmarks, links, self._document.language)


def _paint_page(painter: QPainter, page: list[PlacedBlock], sheet: PageGeometry) -> None:
    for placed in page:
        painter.save()
        placed.piece.paint(painter, sheet.left, placed.top)
        painter.restore()


def _bookmarks(flow: Flow, sheet: PageGeometry) -> list[Bookmark]:
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


def _links(flow: Flow, sheet: PageGeometry) -> list[PageLink]:
    """Those whose target is somewhere in the document, and those to the web."""
    places: dict[str, tuple[int, float]] = {}
    for number, page in enumerate(flow.pages):
        for placed in page:
            for anchor in placed.piece.anchors:
                places.setdefault(anchor, (number, sheet.height - placed.top))
    links = []
    for number, page in enumerate(flow.pages):
        for placed in page:
            for area in placed.piece.links:
                left, top = sheet.left + area.left, sheet.height - placed.top - area.top
                box = (left, top - area.height, left + area.width, top)
                if area.url:
                    links.append(PageLink(page=number, box=box, url=area.url))
                elif (place := places.get(area.anchor)) is not None:
                    to_page, above_foot = place
                    links.append(
                        PageLink(page=number, box=box, to_page=to_page, above_foot=above_foot)
                    )
    return links

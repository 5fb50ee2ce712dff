"""What Qt cannot put into a PDF: language, bookmarks, the title in the window bar."""

import io
from collections.abc import Sequence

from msgspec import Struct
from pypdf import PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, Fit, NameObject, TextStringObject

# Attachments and the title in the window bar are of PDF 1.4; Qt writes for it, and says so.
PDF_VERSION = "%PDF-1.4"


class Bookmark(Struct, frozen=True, kw_only=True):
    """A place to jump to: page from 0, distance of its upper edge from the page's foot."""

    title: str
    page: int
    above_foot: float


def finished(content: bytes, bookmarks: Sequence[Bookmark], language: str) -> bytes:
    """The same document with an outline, its language, and its title shown by readers."""
    writer = PdfWriter(clone_from=io.BytesIO(content))
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

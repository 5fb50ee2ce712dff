"""What Qt cannot put into a PDF: language, bookmarks, the title in the window bar, real spaces."""

import io
import re
from collections.abc import Sequence

from msgspec import Struct
from pypdf import PdfWriter
from pypdf.generic import (
    BooleanObject,
    DictionaryObject,
    Fit,
    NameObject,
    StreamObject,
    TextStringObject,
)

# Attachments and the title in the window bar are of PDF 1.4; Qt writes for it, and says so.
PDF_VERSION = "%PDF-1.4"
BRACKETED = re.compile(rb"\[[^\]]*\]")


class Bookmark(Struct, frozen=True, kw_only=True):
    """A place to jump to: page from 0, distance of its upper edge from the page's foot."""

    title: str
    page: int
    above_foot: float


def finished(content: bytes, bookmarks: Sequence[Bookmark], language: str) -> bytes:
    """The same document with an outline, its language, and its title shown by readers."""
    writer = PdfWriter(clone_from=io.BytesIO(content))
    _mend_spaces(writer)
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

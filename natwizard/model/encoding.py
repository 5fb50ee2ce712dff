"""Text files: the forms that editors leave them in, and what spreadsheets run of them."""

import codecs
from typing import Final

MARKS: Final = (
    # the marks of UTF-32 begin as those of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

FORMULA_SIGNS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""A cell that begins with one of them may run in a spreadsheet; the full-width forms do so, too."""


def as_utf8(content: bytes) -> bytes:
    """A text file as UTF-8 without a mark, whatever Notepad or PowerShell made of it.

    Set-Content and Out-File write UTF-16 or a byte order mark. Without a mark UTF-16 is told by
    the zero that it has beside every sign of ASCII, such as the first of JSON or TOML. What is no
    text stays as it is.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _encoded(content[len(mark) :], encoding) or content
    if len(content) > 1 and content[0] and not content[1]:
        return _encoded(content, "utf-16-le") or content
    if len(content) > 1 and content[1] and not content[0]:
        return _encoded(content, "utf-16-be") or content
    return content


def _encoded(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except UnicodeError:
        return b""

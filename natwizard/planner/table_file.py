"""Reads and writes CSV files of any length, a row at a time: encoding, separator, bounds."""

import codecs
import csv
import io
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import BinaryIO

from charset_normalizer import from_bytes
from charset_normalizer.utils import is_multi_byte_encoding
from msgspec import Struct, structs

from natwizard.model.encoding import MARKS
from natwizard.model.language import _
from natwizard.model.writing import number

LARGEST_BYTES = 4_000_000_000
# A row is held in memory: a file without line ends would be one row
LONGEST_ROW_CHARACTERS = 100_000
# Guessing an encoding looks at every byte, so a file of gigabytes is guessed by its beginning
SAMPLE_BYTES = 64 * 1024
SAMPLE_ROWS = 200
CHUNK_BYTES = 1 << 20
# The likeliest first, which is taken where several cut a text equally well
SEPARATORS = (",", ";", "\t", "|")
WESTERN = "cp1252"
ANY_BYTES = "iso-8859-1"
"""Takes every byte and gives it back: what no guess explains keeps its bytes, and its numbers."""
FOREIGN_SHARE = 0.25
"""Of letters beyond ASCII; Western texts have less, and what they are guessed to be is noise."""
CONTROL_SHARE = 0.01
"""Of all bytes: a text has hardly any but tabs and line ends, a program's own format has many."""
# What is picked in place of a CSV: a workbook (ZIP, or Office's older compound file), a PDF
OTHER_FORMATS = (
    (b"PK\x03\x04", "Excel"),
    (b"\xd0\xcf\x11\xe0", "Excel"),
    (b"%PDF", "PDF"),
)


class TableTrouble(Exception):
    """A file is no table that we can read; `str()` says where and why in one line."""


class TableForm(Struct, frozen=True, kw_only=True):
    """How a CSV file is written.

    Attributes:
        mark: the byte order mark at its start, or nothing.
        separator: one character.
        line_end: what the first line ends with.
        preamble: rows before the table: 1 where Excel's "sep=;" stands there.
        sample: its first rows (at most SAMPLE_ROWS), without the preamble.
    """

    encoding: str
    mark: bytes
    separator: str
    line_end: str
    preamble: int
    size_bytes: int
    sample: tuple[tuple[str, ...], ...]


class TableRow(Struct, frozen=True):
    """One row: the line of the file in which it ends, and its cells."""

    line: int
    cells: list[str]


def recognise(source: BinaryIO, *, encoding: str = "", separator: str = "") -> TableForm:
    """See how a file is written; what is given is not guessed. Raises TableTrouble.

    Reads the file once to its end, so that nothing has been written when a byte turns out
    to be no text.
    """
    size_bytes = source.seek(0, os.SEEK_END)
    if size_bytes > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1_000_000_000
        raise TableTrouble(_("larger than {size} GB").format(size=limit))
    source.seek(0)
    head = source.read(SAMPLE_BYTES)
    if not head:
        raise TableTrouble(_("the file is empty"))
    encoding, mark = _encoding(source, head, encoding)
    text = codecs.getincrementaldecoder(encoding)().decode(head[len(mark) :])
    told, text_rows = _told_separator(text)
    separator = separator or told or _separator(text_rows, whole=size_bytes <= len(head))
    form = TableForm(
        encoding=encoding,
        mark=mark,
        separator=separator,
        line_end=_line_end(text),
        preamble=1 if told == separator else 0,
        size_bytes=size_bytes,
        sample=(),
    )
    last = form.preamble + SAMPLE_ROWS
    with closing(rows(source, form)) as every_row:
        sample = tuple(tuple(row.cells) for row in islice(every_row, form.preamble, last))
    return structs.replace(form, sample=sample)


def rows(source: BinaryIO, form: TableForm) -> Generator[TableRow, None, None]:
    """Every row from the start of the file; a blank line has no cells. Raises TableTrouble.

    Close it before the source, which it leaves open.
    """
    source.seek(len(form.mark))
    text = io.TextIOWrapper(source, encoding=form.encoding, newline="")
    lines = _BoundedLines(text)
    reader = csv.reader(lines, delimiter=form.separator, strict=True)
    try:
        for cells in reader:
            lines.row_characters = 0
            yield TableRow(reader.line_num, cells)
    except csv.Error as error:
        raise TableTrouble(
            _("line {line}: a quotation mark is out of place").format(line=reader.line_num)
        ) from error
    except UnicodeDecodeError as error:
        raise TableTrouble(_("the file changed while it was read")) from error
    finally:
        text.detach()


class TableWriter:
    """Writes rows in the form of another table. Close it to get the last of them out."""

    def __init__(self, sink: BinaryIO, form: TableForm) -> None:
        sink.write(form.mark)
        self._text = io.TextIOWrapper(sink, encoding=form.encoding, newline="")
        # the csv module quotes a lone return only where the line end holds one
        target = self._text if form.line_end == "\r\n" else _OtherLineEnd(self._text, form)
        self._writer = csv.writer(target, delimiter=form.separator, lineterminator="\r\n")

    def write(self, cells: Sequence[str]) -> None:
        """Write one row; a row without cells is a blank line."""
        self._writer.writerow(cells)

    def close(self) -> None:
        """Hand the rest over to the sink, which stays open."""
        self._text.flush()
        self._text.detach()


class _OtherLineEnd:
    """Passes rows on with the line end that the table has."""

    def __init__(self, text: io.TextIOWrapper, form: TableForm) -> None:
        self._text = text
        self._line_end = form.line_end

    def write(self, row: str) -> int:
        return self._text.write(row[:-2] + self._line_end)


class _BoundedLines:
    """Lines of a file whose rows may span some lines, but not without end."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._line = 0
        self.row_characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_ROW_CHARACTERS + 1)
        if not line:
            raise StopIteration
        self._line += 1
        self.row_characters += len(line)
        if self.row_characters > LONGEST_ROW_CHARACTERS:
            raise TableTrouble(
                _("line {line}: a row of more than {limit} characters").format(
                    line=self._line, limit=number(LONGEST_ROW_CHARACTERS)
                )
            )
        return line


def _encoding(source: BinaryIO, head: bytes, wanted: str) -> tuple[str, bytes]:
    for signature, name in OTHER_FORMATS:
        if head.startswith(signature):
            raise TableTrouble(
                _("this is a file in {format} format; save it as CSV").format(format=name)
            )
    wanted = codec_name(wanted) if wanted else ""
    for mark, encoding in MARKS:
        if head.startswith(mark) and (not wanted or encoding.startswith(wanted)):
            _require_text(source, encoding, mark)
            return encoding, mark
    if wanted:
        _require_text(source, wanted, b"")
        return wanted, b""
    guess = _utf_16_without_mark(head)
    if guess:
        _require_text(source, guess, b"")
        return guess, b""
    for encoding in ("utf-8", *_code_pages(head)):
        if _bad_byte(source, encoding, b"") is None:
            return encoding, b""
    raise TableTrouble(_("this is not text; give its --encoding if it is"))


OTHER_NAMES = {"windows-31j": "cp932", "ansi": "cp1252", "unicode": "utf-16"}
"""What Excel, Notepad and the IANA call encodings, and Python does not."""
# Python counts them among the encodings of text; no file is written in them
NO_FILES = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})


def codec_name(text: str) -> str:
    """Python's name of a text encoding ("sjis" is "shift_jis"). Raises TableTrouble."""
    try:
        codec = codecs.lookup(OTHER_NAMES.get(text.lower(), text))
        if codec.name in NO_FILES:
            raise LookupError(codec.name)
        codec.incrementaldecoder("strict").decode(b"", final=True)
        "a".encode(codec.name)
    except (LookupError, TypeError, ValueError) as error:
        trouble = _("there is no encoding {name}; cp1250, cp932 and utf-16 are some")
        raise TableTrouble(trouble.format(name=text[:40])) from error
    # the mark is kept and written by ourselves
    return {"utf-8-sig": "utf-8", "utf_8_sig": "utf-8"}.get(codec.name, codec.name)


def _code_pages(head: bytes) -> Iterator[str]:
    """What text with bytes beyond ASCII may be in, most likely first.

    Code pages of one byte are taken for Western where letters are few: numbers are ASCII in all
    of them, and cells are written back byte by byte. Those of two bytes must be known, for their
    second bytes look like ASCII.
    """
    high = sum(byte > ASCII for byte in head)
    letters = sum(LETTERS[0] <= byte | 0x20 <= LETTERS[1] for byte in head if byte <= ASCII)
    control = sum(byte < SPACE and byte not in b"\t\r\n" for byte in head)
    is_western = high < FOREIGN_SHARE * (high + letters)
    if is_western:
        yield WESTERN
    guess = _guessed(head)
    if guess is not None and not (is_western and is_multi_byte_encoding(guess)):
        yield guess
    yield WESTERN
    if control < CONTROL_SHARE * len(head):
        yield ANY_BYTES


ASCII, SPACE, LETTERS = 0x7F, 0x20, (ord("a"), ord("z"))


def _guessed(head: bytes) -> str | None:
    """By charset-normalizer, of whole lines."""
    lines = head[: head.rfind(b"\n") + 1] or head
    best = from_bytes(lines).best()
    return best.encoding if best is not None else None


def _require_text(source: BinaryIO, encoding: str, mark: bytes) -> None:
    place = _bad_byte(source, encoding, mark)
    if place is not None:
        raise TableTrouble(
            _("not {encoding} text: byte {place} is wrong").format(
                encoding=encoding.upper(), place=number(place)
            )
        )


def _bad_byte(source: BinaryIO, encoding: str, mark: bytes) -> int | None:
    """About where the first byte is that is no text; None where all of it is."""
    decoder = codecs.getincrementaldecoder(encoding)()
    place = source.seek(len(mark))
    while True:
        chunk = source.read(CHUNK_BYTES)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return place + error.start
        if "\0" in text:
            return place
        if not chunk:
            return None
        place += len(chunk)


def _utf_16_without_mark(head: bytes) -> str:
    """Western text in UTF-16 has a zero in every other byte."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 4 and not even:
        return "utf-16-le"
    if even > len(head) // 4 and not odd:
        return "utf-16-be"
    return ""


def _line_end(text: str) -> str:
    first = next((place for place, sign in enumerate(text) if sign in "\r\n"), None)
    if first is None:
        return "\r\n"
    return "\r\n" if text[first : first + 2] == "\r\n" else text[first]


def _told_separator(text: str) -> tuple[str, str]:
    """Excel's own first line, "sep=;", and the text without it."""
    first, _end, rest = text.partition("\n")
    first = first.rstrip("\r")
    if len(first) == 5 and first.lower().startswith("sep="):
        return first[4], rest
    return "", text


def _separator(text: str, *, whole: bool) -> str:
    """The one that cuts the most rows into the same number of cells, more than one."""
    return max(SEPARATORS, key=lambda separator: _evenness(text, separator, whole=whole))


def _evenness(text: str, separator: str, *, whole: bool) -> tuple[float, int]:
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        widths = [len(cells) for cells in read if cells]
    except csv.Error:
        return 0.0, 0
    if not whole and len(widths) > 1:
        widths.pop()  # cut off by the end of the sample
    if not widths:
        return 0.0, 0
    width = max(set(widths), key=widths.count)
    return (widths.count(width) / len(widths) if width > 1 else 0.0), width

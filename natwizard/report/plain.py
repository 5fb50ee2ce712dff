"""Makes text from the network or a file safe to show: nothing in it can steer a terminal."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import ClassVar, Protocol

from msgspec import Struct, structs

# Control, format (invisible, may reorder what is read), surrogates, separators that break lines,
# and private use: no font has a sign for it, and `cli.text` keeps two of them for itself.
UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Drawn as nothing though they count as letters or marks, so two names that look equal may differ
# (Unicode 15.0, DerivedCoreProperties: Default_Ignorable_Code_Point, without Cf), and the blank
# Braille cell.
INVISIBLE = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800),
    (0x2065, 0x2065), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)  # fmt: skip
# The range of noncharacters in the middle of plane 0; the others are the last two of each plane.
NONCHARACTERS = (0xFDD0, 0xFDEF)
# First Strong Isolate and Pop Directional Isolate (UAX #9, "Explicit Directional Isolates")
FSI, PDI = "\u2068", "\u2069"
RIGHT_TO_LEFT = {"R", "AL", "AN"}
"""Bidi_Class of letters of Hebrew, of Arabic, and of digits that are written with the latter."""
_ISOLATE = re.compile("\u2068([^\u2066-\u2069]*)\u2069")


class Sanitised(Struct, frozen=True, kw_only=True):
    """A value for people: every text in it is `plain` from the moment it exists.

    Texts within tuples and other values are made plain too, wherever they came from, so no view
    has to ask again. Attributes named in `UNTOUCHED` stay as they are.

    Attributes:
        LONGEST: texts are cut to this many characters, with an ellipsis; 0 is as they come.
        UNCUT: attributes that keep their whole length.
    """

    LONGEST: ClassVar[int] = 0
    UNCUT: ClassVar[tuple[str, ...]] = ()
    UNTOUCHED: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name in self.UNTOUCHED:
                continue
            safe = _safe(value, 0 if name in self.UNCUT else self.LONGEST)
            if safe is not value:
                structs.force_setattr(self, name, safe)


def _safe(value: object, longest: int) -> object:
    """The same object where nothing in it had to change."""
    if type(value) is str:  # an enum's member is ours already
        text = plain(value)
        return shortened(text, longest) if longest else text
    if isinstance(value, tuple):
        items = tuple(_safe(item, longest) for item in value)
        changed = any(new is not old for new, old in zip(items, value, strict=True))
        return items if changed else value
    if isinstance(value, Struct) and not isinstance(value, Sanitised):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        safe = {name: _safe(field, longest) for name, field in fields.items()}
        changes = {name: field for name, field in safe.items() if field is not fields[name]}
        return structs.replace(value, **changes) if changes else value
    return value


def plain(text: str) -> str:
    """One line: control and invisible characters become visible escapes such as \\x1b.

    What `isolated` made stays: an isolate orders nothing but what is in it, whoever wrote it.
    """
    if text.isascii() and text.isprintable():
        return text
    if FSI not in text:
        return "".join(map(_shown, text))
    parts = _ISOLATE.split(text)  # every second one stood in an isolate
    return "".join(
        f"{FSI}{_escaped(part)}{PDI}"
        if place % 2 and _reorders(part)
        else _escaped(f"{FSI}{part}{PDI}" if place % 2 else part)
        for place, part in enumerate(parts)
    )


def isolated(name: str) -> str:
    """A name as `plain`, for a place beside other words and figures.

    Letters that are written right to left would take the figures and brackets behind them along:
    "3, 9:05" after a Hebrew name is shown before it, and the other way round. In an isolate the
    name is ordered by itself (UAX #9). Not for files that programs read.
    """
    safe = without_isolates(plain(name))
    return f"{FSI}{safe}{PDI}" if _reorders(safe) else safe


def without_isolates(text: str) -> str:
    """A text with names that `isolated` made, for files that programs read."""
    return text.replace(FSI, "").replace(PDI, "")


def cut_isolates(lines: Iterable[str]) -> Iterator[tuple[bool, bool]]:
    """Of each line of a text that was broken into lines: whether an isolate begins before it, and
    whether one goes on behind it. Beside other columns, each line has to have its own.
    """
    inside = False
    for line in lines:
        begun = inside
        for sign in line:
            inside = sign == FSI or (inside and sign != PDI)
        yield begun, inside


class TerminalLine(Protocol):
    """A line of a terminal, as rich has them."""

    @property
    def plain(self) -> str: ...
    def pad_left(self, count: int, character: str) -> None: ...
    def append(self, text: str) -> object: ...


def close_isolates(lines: Iterable[TerminalLine]) -> None:
    """Give each line of a text that was broken into lines isolates of its own."""
    broken = list(lines)
    cut = cut_isolates([line.plain for line in broken])
    for line, (begun, is_open) in zip(broken, cut, strict=True):
        if begun:
            line.pad_left(1, FSI)
        if is_open:
            line.append(PDI)


def _reorders(text: str) -> bool:
    return not text.isascii() and any(
        unicodedata.bidirectional(sign) in RIGHT_TO_LEFT for sign in text
    )


def _escaped(text: str) -> str:
    return "".join(map(_shown, text))


def plain_paragraphs(text: str) -> str:
    """As `plain`, but line breaks stay."""
    return "\n".join(plain(line) for line in text.replace("\r\n", "\n").split("\n"))


def shortened(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis, at most `length` characters long."""
    if len(text) <= length:
        return text
    kept = text[: max(0, length - 1)].rstrip()
    ((_begun, is_open),) = cut_isolates([kept])
    return f"{kept}{PDI if is_open else ''}…"


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    code = ord(character)
    hidden = (
        unicodedata.category(character) in UNSAFE_CATEGORIES
        or code & 0xFFFE == 0xFFFE  # XML forbids these
        or any(first <= code <= last for first, last in (*INVISIBLE, NONCHARACTERS))
    )
    if not hidden:
        return character
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

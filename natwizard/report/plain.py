"""Makes text from the network or a file safe to show: nothing in it can steer a terminal."""

import unicodedata
from functools import lru_cache
from typing import ClassVar

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
    """One line: control and invisible characters become visible escapes such as \\x1b."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def plain_paragraphs(text: str) -> str:
    """As `plain`, but line breaks stay."""
    return "\n".join(plain(line) for line in text.replace("\r\n", "\n").split("\n"))


def shortened(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis, at most `length` characters long."""
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


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

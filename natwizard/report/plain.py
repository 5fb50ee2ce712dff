"""Makes text from the network or a file safe to show: nothing in it can steer a terminal."""

import unicodedata
from functools import lru_cache

# Control, format (invisible, may reorder what is read), surrogates, separators that break lines.
UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def plain(text: str) -> str:
    """One line: control and invisible characters become visible escapes such as \\x1b."""
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def plain_paragraphs(text: str) -> str:
    """As `plain`, but line breaks stay."""
    return "\n".join(plain(line) for line in text.replace("\r\n", "\n").split("\n"))


def shortened(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis, at most `length` characters long."""
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


@lru_cache(maxsize=1024)
def _shown(character: str) -> str:
    is_nothing = ord(character) & 0xFFFE == 0xFFFE  # noncharacters, which XML forbids
    if not is_nothing and unicodedata.category(character) not in UNSAFE_CATEGORIES:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

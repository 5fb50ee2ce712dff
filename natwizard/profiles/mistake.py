"""A mistake in a profile, told by file, line, key and what was expected; where each key stands.

tomllib keeps no positions. It also takes minutes for a key of a hundred thousand parts, and a
profile is a short text: what has more parts than any profile is refused before it is parsed.
Source: TOML 1.0.0 (toml.io).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_STEP = re.compile(r"\.(?P<key>[^.\[\]`]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")


# Lines in a terminal or a window; the rest is counted
SHOWN_AT_MOST = 20
# A key of a hostile profile may be as long as the profile
LONGEST_KEY = 80


class ProfileMistake(Exception):
    """A profile that cannot be used. `str()` is one clear line for a person, one for each mistake.

    Attributes:
        more: further mistakes of the same profile; location, line, key and problem are the first's.
    """

    def __init__(
        self,
        location: str,
        problem: str,
        *,
        line: int = 0,
        key: str = "",
        more: "Sequence[ProfileMistake]" = (),
    ) -> None:
        where = f"{location}:{line}" if line else location
        first = f"{where}: {key}: {problem}" if key else f"{where}: {problem}"
        shown = [first, *(str(each) for each in more[: SHOWN_AT_MOST - 1])]
        if len(more) >= SHOWN_AT_MOST:
            shown.append(f"{location}: and {len(more) + 1 - SHOWN_AT_MOST} more")
        super().__init__("\n".join(shown))
        self.location = location
        self.line = line
        self.key = key
        self.problem = problem
        self.more = tuple(more)


def together(mistakes: "Sequence[ProfileMistake]") -> ProfileMistake:
    """All of them as one; at least one, in the order of their lines."""
    first, *more = sorted(mistakes, key=lambda each: each.line)
    return ProfileMistake(first.location, first.problem, line=first.line, key=first.key, more=more)


def parse_key_path(text: str) -> KeyPath:
    """Read msgspec's "$.requirements[3].limits" as ("requirements", 3, "limits")."""
    return tuple(
        int(step["index"]) if step["index"] else step["key"]
        for step in _STEP.finditer(text)
        if step["index"] or step["key"]
    )


def key_text(path: KeyPath) -> str:
    """A path as a person reads it: requirements[3].limits."""
    text = ""
    for step in path:
        name = step if isinstance(step, int) else step[:LONGEST_KEY]
        text += f"[{name}]" if isinstance(name, int) else f".{name}" if text else name
    return text


TOKENS_AT_MOST: Final = 100_000
"""The shipped profile has 4,000; as many as this are read in half a second."""
DEEPEST_KEY: Final = 32
"""tomllib's time grows much faster than the parts of a key (decision 104)."""

# A text that is never closed is one token, to the end of its line or of the file: looked for anew
# behind each of its escaped quotes, the end would cost the square of its length.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\\?\Z)|\'\'\'.*?(?:\'\'\'|\Z)'
    r'|"(?:\\.|[^"\\\n])*+"?|\'[^\'\n]*+\'?|#[^\n]*|\n|[\[\]{}=,.]|[^\s"\'#\[\]{}=,.]+',
    re.DOTALL,
)
_ESCAPED = re.compile(r'\\(["\\])')


class TooComplicated(ValueError):
    """More parts, or deeper ones, than any profile has."""


def key_lines(toml: str) -> dict[KeyPath, int]:
    """Each key's path with the line, from 1, on which it is set; entries of lists as well.

    Of a text that is no TOML the part before the trouble is right. Raises TooComplicated.
    """
    return _Walk(toml).walked()


class _Walk:
    """Reads tokens as the grammar nests them, without recursion."""

    def __init__(self, toml: str) -> None:
        self._tokens = _tokens(toml)
        self._lines: dict[KeyPath, int] = {}
        self._table: KeyPath = ()
        self._lists: dict[KeyPath, int] = {}
        self._nested: list[tuple[str, KeyPath, int]] = []
        """Brackets that are open: which, the path of what they hold, and the place in a list."""

    def walked(self) -> dict[KeyPath, int]:
        """Statement after statement."""
        for piece, line in self._tokens:
            if piece == "[":
                self._header(line)
            elif piece != "\n":
                self._statement(piece, line)
        return self._lines

    def _header(self, line: int) -> None:
        """`[a.b]` or `[[a.b]]`, which begins the next entry of a list."""
        keys: list[str] = []
        is_list = False
        for piece, _line in self._tokens:
            if piece == "[" and not keys:
                is_list = True
            elif piece == "\n":
                break
            elif piece not in (".", "[", "]"):
                keys.append(_key(piece))
                _require_shallow(keys)
        path = self._resolved(tuple(keys[:-1])) + tuple(keys[-1:])
        for count in range(1, len(path)):
            self._note(path[:count], line)
        if is_list:
            place = self._lists.get(path, -1) + 1
            self._lists[path] = place
            self._note(path, line)
            path = (*path, place)
        self._table = path
        self._note(path, line)

    def _resolved(self, keys: tuple[str, ...]) -> KeyPath:
        """Through a list of tables a key means its last entry."""
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            if path in self._lists:
                path = (*path, self._lists[path])
        if path in self._lists:
            path = (*path, self._lists[path])
        return path

    def _statement(self, first: str, line: int) -> None:
        path = self._key_path(self._table, first, line)
        self._value(path)

    def _key_path(self, base: KeyPath, first: str, line: int) -> KeyPath:
        """The dotted key up to its `=`; every part of it is noted."""
        keys = [_key(first)]
        for piece, _line in self._tokens:
            if piece in ("=", "\n", "}"):
                break
            if piece != ".":
                keys.append(_key(piece))
                _require_shallow(keys)
        for count in range(1, len(keys) + 1):
            self._note((*base, *keys[:count]), line)
        return (*base, *keys)

    def _value(self, path: KeyPath) -> None:
        """Up to the end of the line, or of the brackets that it opens."""
        for piece, line in self._tokens:
            if piece == "[":
                self._note(path, line)
                self._open("[", path)
                path = (*path, 0)
            elif piece == "{":
                self._note(path, line)
                self._open("{", path)
            elif piece in ("]", "}"):
                path = self._nested.pop()[1] if self._nested else path
            elif piece == "\n":
                if not self._nested:
                    return
            elif piece == ",":
                path = self._after_comma(path)
            elif self._nested and self._nested[-1][0] == "{" and path == self._nested[-1][1]:
                path = self._key_path(path, piece, line)
            else:
                self._note(path, line)

    def _after_comma(self, path: KeyPath) -> KeyPath:
        if not self._nested:
            return path
        bracket, holder, place = self._nested[-1]
        if bracket == "{":
            return holder
        self._nested[-1] = (bracket, holder, place + 1)
        return (*holder, place + 1)

    def _open(self, bracket: str, path: KeyPath) -> None:
        self._nested.append((bracket, path, 0))
        _require_shallow(self._nested)

    def _note(self, path: KeyPath, line: int) -> None:
        self._lines.setdefault(path, line)


def _require_shallow(parts: list[str] | list[tuple[str, KeyPath, int]]) -> None:
    if len(parts) > DEEPEST_KEY:
        raise TooComplicated(f"more than {DEEPEST_KEY} levels deep")


def _tokens(toml: str) -> Iterator[tuple[str, int]]:
    """Each with its line; comments are left out, and so is what is no TOML at all."""
    line = 1
    for count, match in enumerate(_TOKEN.finditer(toml)):
        if count >= TOKENS_AT_MOST:
            raise TooComplicated(f"more than {TOKENS_AT_MOST:,} words and signs")
        piece = match[0]
        if not piece.startswith("#"):
            yield piece, line
        line += piece.count("\n")


def _key(piece: str) -> str:
    """Without its quotes; escapes beyond quotes are in no key of ours."""
    if piece.startswith('"'):
        return _ESCAPED.sub(r"\1", piece[1:-1])
    return piece[1:-1] if piece.startswith("'") else piece

"""A mistake in a profile, told by file, line, key and what was expected."""

import re
import tomllib
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_STEP = re.compile(r"\.(?P<key>[^.\[\]`]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")


class ProfileMistake(Exception):
    """A profile that cannot be used. `str()` is one clear line for a person."""

    def __init__(self, location: str, problem: str, *, line: int = 0, key: str = "") -> None:
        where = f"{location}:{line}" if line else location
        super().__init__(f"{where}: {key}: {problem}" if key else f"{where}: {problem}")
        self.location = location
        self.line = line
        self.key = key
        self.problem = problem


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
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def line_of(toml: str, path: KeyPath) -> int:
    """The line (from 1) where a key is set, or 0 if it cannot be found.

    tomllib keeps no positions; but the key's line is the first one with which the text,
    cut off there, already holds the key. Cuts inside a value do not parse: the longest
    text before the cut that does parse stands in, which keeps the search monotone.
    """
    lines = toml.splitlines()
    low, high = 1, len(lines)
    if not _holds(lines, high, path):
        return 0
    while low < high:
        middle = (low + high) // 2
        if _holds(lines, middle, path):
            high = middle
        else:
            low = middle + 1
    return low


def _holds(lines: list[str], count: int, path: KeyPath) -> bool:
    for cut in range(count, 0, -1):
        try:
            value: object = tomllib.loads("\n".join(lines[:cut]))
        except tomllib.TOMLDecodeError:
            continue
        return _has(value, path)
    return False


def _has(value: object, path: KeyPath) -> bool:
    for step in path:
        match value, step:
            case dict(), str() if step in value:
                value = value[step]
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return False
    return True

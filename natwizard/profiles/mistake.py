"""A mistake in a profile, told by file, line, key and what was expected."""

import re
from collections.abc import Sequence
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_STEP = re.compile(r"\.(?P<key>[^.\[\]`]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")


SHOWN_AT_MOST = 20
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

"""Four plain words for a run, to read over the telephone: "maple river copper lamp"."""

import uuid
from functools import cache

from natwizard.assets import asset

WORDS_PER_CODE = 4
BITS_PER_WORD = 8


@cache
def _words() -> tuple[str, ...]:
    return tuple(asset("run-code-words.txt").read_text("ascii").split())


def run_code(run_id: uuid.UUID) -> str:
    """The code of a run: one word of 256 for each of its first four bytes."""
    return " ".join(_words()[byte] for byte in run_id.bytes[:WORDS_PER_CODE])

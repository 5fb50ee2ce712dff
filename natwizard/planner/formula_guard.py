"""Keeps a spreadsheet from running the text of a CSV cell as a formula.

A cell that begins with = + - @, a tab or a return is taken for a formula (OWASP, "CSV
Injection"). A text after an apostrophe is not. A sign with nothing but digits and a telephone
number's punctuation behind it can at most be calculated, never call anything: it stays as it
is, because an E.164 number has to begin with its plus.
"""

import re

FIRST_SIGNS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # also the full-width forms
HARMLESS = re.compile(r"[+-][0-9 ().,-]*")


def is_formula(cell: str) -> bool:
    """Would a spreadsheet run this cell?"""
    return bool(cell) and cell[0] in FIRST_SIGNS and not HARMLESS.fullmatch(cell)


def guarded(cell: str) -> str:
    """The cell as a text that no spreadsheet runs; anything harmless stays as it is."""
    return f"'{cell}" if is_formula(cell) else cell

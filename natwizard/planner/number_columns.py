"""Finds the columns of a CSV file that hold telephone numbers."""

import re
from collections.abc import Sequence

from msgspec import Struct

from natwizard.model.language import _
from natwizard.planner.numbers import NumberChecker, NumberState
from natwizard.planner.table_file import TableForm, TableTrouble

MOST_NAMES_SHOWN = 12
PHONE_NAME = re.compile(
    r"phone|mobile|cell|\btel|telef|t[eé]l[eé]ph|fax|handy|rufnummer|m[oó]vil|number|numm?er",
    re.IGNORECASE,
)
READABLE = {NumberState.VALID, NumberState.CORRECTABLE}


class NumberColumns(Struct, frozen=True, kw_only=True):
    """Which columns of a file hold numbers, counted from 0, and whether row 1 names them."""

    places: tuple[int, ...]
    names: tuple[str, ...]
    has_header: bool
    width: int


def find_columns(
    form: TableForm, checker: NumberChecker, wanted: Sequence[str] = (), *, header: bool | None
) -> NumberColumns:
    """Which columns to check: those that were asked for, else the one that holds numbers.

    `wanted` are names of the header or numbers from 1; `header` None means: see for yourself.
    Raises TableTrouble.
    """
    sample = [row for row in form.sample if row]
    if not sample:
        raise TableTrouble(_("the file holds no row"))
    first = sample[0]
    if header is None:
        header = any(first) and not any(_is_readable(checker, cell) for cell in first)
    names = first if header else ()
    body = sample[1:] if header else sample
    width = len(first)
    if wanted:
        places = tuple(_place(name, names, width) for name in wanted)
    else:
        places = (_likeliest(names, body, width, checker),)
    return NumberColumns(
        places=places,
        names=tuple(_name(place, names) for place in places),
        has_header=header,
        width=width,
    )


def _is_readable(checker: NumberChecker, cell: str) -> bool:
    return checker.check(cell).state in READABLE


def _name(place: int, names: tuple[str, ...]) -> str:
    return (names[place] if names else "") or f"column{place + 1}"


def _place(wanted: str, names: tuple[str, ...], width: int) -> int:
    """Where the column is that was asked for."""
    hits = [place for place, name in enumerate(names) if name.strip() == wanted.strip()]
    if len(hits) == 1:
        return hits[0]
    if len(hits) > 1:
        raise TableTrouble(
            _("{count} columns are called {name}: give the number of one").format(
                count=len(hits), name=wanted
            )
        )
    if wanted.isascii() and wanted.isdecimal() and 1 <= int(wanted[:9]) <= width:
        return int(wanted) - 1
    raise TableTrouble(
        _("there is no column {name} (there are: {names})").format(
            name=wanted, names=_shown(names, width)
        )
    )


def _likeliest(
    names: tuple[str, ...], body: list[tuple[str, ...]], width: int, checker: NumberChecker
) -> int:
    """The one column that holds numbers; where several do, the one that is called so."""
    if width == 1:
        return 0
    holding = [place for place in range(width) if _holds_numbers(place, body, checker)]
    called = [place for place, name in enumerate(names) if PHONE_NAME.search(name)]
    both = [place for place in holding if place in called]
    for places in (both, holding, called):
        if len(places) == 1:
            return places[0]
        if places:
            break
    raise TableTrouble(
        _("choose the column with the numbers (there are: {names})").format(
            names=_shown(names, width)
        )
    )


def _holds_numbers(place: int, body: list[tuple[str, ...]], checker: NumberChecker) -> bool:
    cells = [row[place] for row in body if place < len(row) and row[place].strip()]
    readable = sum(_is_readable(checker, cell) for cell in cells)
    return 2 * readable > len(cells)


def _shown(names: tuple[str, ...], width: int) -> str:
    """The columns as a list for one line."""
    shown = [_name(place, names)[:40] for place in range(min(width, MOST_NAMES_SHOWN))]
    return ", ".join(shown) + (", ..." if width > len(shown) else "")

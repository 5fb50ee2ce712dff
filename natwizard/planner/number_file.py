"""Checks the telephone numbers of a whole CSV file, a row at a time, in constant memory."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from typing import BinaryIO, TypeAlias

from msgspec import Struct

from natwizard.model.encoding import FORMULA_SIGNS
from natwizard.model.language import _
from natwizard.planner.numbers import (
    NumberChecker,
    NumberKind,
    NumberProblem,
    NumberResult,
    NumberState,
    reason_words,
)
from natwizard.planner.table_file import TableForm, TableRow, TableTrouble, TableWriter, rows

HARMLESS = re.compile(r"[+-][0-9 ().,-]*")


def is_formula(cell: str) -> bool:
    """Would a spreadsheet run this cell?"""
    return bool(cell) and cell[0] in FORMULA_SIGNS and not HARMLESS.fullmatch(cell)


def guarded(cell: str) -> str:
    """The cell as a text that no spreadsheet runs; anything harmless stays as it is."""
    return f"'{cell}" if is_formula(cell) else cell


MOST_NAMES_SHOWN = 12
# Exports put titles and dates above the headings; further down, rows are the table's own
TITLE_ROWS_AT_MOST = 30
PHONE_NAME = re.compile(
    r"phone|mobile|cell|\btel|telef|t[eé]l[eé]ph|fax|handy|rufnummer|m[oó]vil|number|numm?er",
    re.IGNORECASE,
)
READABLE = {NumberState.VALID, NumberState.CORRECTABLE}


class NumberColumns(Struct, frozen=True, kw_only=True):
    """Which columns of a file hold numbers, counted from 0, and whether a row names them.

    Attributes:
        title_rows: rows between the form's preamble and the table, blank ones too.
    """

    places: tuple[int, ...]
    names: tuple[str, ...]
    has_header: bool
    width: int
    title_rows: int = 0


def find_columns(
    form: TableForm, checker: NumberChecker, wanted: Sequence[str] = (), *, header: bool | None
) -> NumberColumns:
    """Which columns to check: those that were asked for, else the one that holds numbers.

    `wanted` are names of the header or numbers from 1; `header` None means: see for yourself.
    Raises TableTrouble.
    """
    titles = _title_rows(form.sample, checker)
    sample = [row for row in form.sample[titles:] if row]
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
        title_rows=titles,
    )


def _title_rows(sample: Sequence[tuple[str, ...]], checker: NumberChecker) -> int:
    """How many rows stand above the table: a report's title, who made it, blank lines.

    Such a row is narrower than the table, or has one cell filled; none holds a number or names a
    column of numbers. Where all rows are alike, the table begins with the first.
    """
    widths = [len(row) for row in sample if len(row) > 1]
    if not widths:
        return 0
    width = max(sorted(set(widths), reverse=True), key=widths.count)
    for count, row in enumerate(sample[:TITLE_ROWS_AT_MOST]):
        filled = [cell for cell in row if cell.strip()]
        is_table = len(row) >= width and len(filled) > 1
        if is_table or any(_belongs_to_numbers(checker, cell) for cell in filled):
            return count
    return 0


def _belongs_to_numbers(checker: NumberChecker, cell: str) -> bool:
    return _is_readable(checker, cell) or PHONE_NAME.fullmatch(cell.strip()) is not None


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
    # a number of nine digits: Python reads none of more than 4,300
    if re.fullmatch(r"[0-9]{1,9}", wanted) and 1 <= int(wanted) <= width:
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


# So often progress is told, and a person who presses Stop is heeded
ROWS_A_STEP = 5_000
MOST_EXAMPLES = 10
# A cell may hold 100,000 characters; an example is one line
LONGEST_EXAMPLE = 60
ADDED = ("valid", "reason", "e164", "country", "type")
Progress: TypeAlias = Callable[[int, int], None]
"""Called now and then with the bytes read so far and the rows checked so far."""


class Example(Struct, frozen=True, kw_only=True):
    """A number that is not valid, and the line of the file that it ends in."""

    line: int
    column: str
    text: str
    reason: NumberProblem
    e164: str


class Count(Struct, frozen=True, kw_only=True):
    """How often something was seen."""

    name: str
    count: int


class NumbersSummary(Struct, frozen=True, kw_only=True):
    """What a file holds.

    Attributes:
        rows: rows with at least one cell, without the header.
        numbers: cells that were checked; valid, correctable, invalid and empty add up to it.
        reasons, countries, kinds: most frequent first.
        examples: the first MOST_EXAMPLES that are not valid.
        formula_cells: cells of the file's own that a spreadsheet would run as a formula.
    """

    rows: int
    numbers: int
    valid: int
    correctable: int
    invalid: int
    empty: int
    reasons: tuple[Count, ...]
    countries: tuple[Count, ...]
    kinds: tuple[Count, ...]
    examples: tuple[Example, ...]
    formula_cells: int


def check_file(
    source: BinaryIO,
    sink: BinaryIO | None,
    form: TableForm,
    columns: NumberColumns,
    checker: NumberChecker,
    *,
    guard_all: bool = False,
    progress: Progress | None = None,
) -> NumbersSummary:
    """Check every row; with a sink, write it again with our columns added. Raises TableTrouble.

    The cells that were there keep their text; `guard_all` puts an apostrophe before those
    that a spreadsheet would run. Rows shorter than the first are filled up, so that the
    added columns stand below each other.
    """
    tally = _Tally()
    words = {reason: reason_words(reason) for reason in NumberProblem}
    with ExitStack() as stack:
        every_row = stack.enter_context(closing(rows(source, form)))
        writer = None
        if sink is not None:
            writer = stack.enter_context(closing(TableWriter(sink, form)))
        for cells in _preface(every_row, form, columns):
            if writer is not None:
                writer.write(cells)
        for row in every_row:
            cells = row.cells
            if cells:
                results = [
                    checker.check(cells[place] if place < len(cells) else "")
                    for place in columns.places
                ]
                tally.add(row, results, columns)
                if progress is not None and tally.rows % ROWS_A_STEP == 0:
                    progress(source.tell(), tally.rows)
                cells = _written(cells, results, columns.width, words, guard_all=guard_all)
            if writer is not None:
                writer.write(cells)
    if progress is not None:
        progress(form.size_bytes, tally.rows)
    return tally.summary()


def _preface(
    every_row: Iterator[TableRow], form: TableForm, columns: NumberColumns
) -> Iterator[Sequence[str]]:
    """What stands above the numbers: "sep=;", blank lines, the header with our names added."""
    for row in islice(every_row, form.preamble + columns.title_rows):
        yield row.cells
    if not columns.has_header:
        return
    for row in every_row:
        if row.cells:
            yield (*row.cells, *_added_names(columns))
            return
        yield row.cells


def _written(
    cells: list[str],
    results: Sequence[NumberResult],
    width: int,
    words: Mapping[NumberProblem, str],
    *,
    guard_all: bool,
) -> list[str]:
    kept = [guarded(cell) for cell in cells] if guard_all else cells
    added: list[str] = []
    for found in results:
        added += (
            "true" if found.state is NumberState.VALID else "false",
            words[found.reason] if found.reason is not None else "",
            found.e164,
            found.country,
            found.kind or "",
        )
    if len(kept) == width:
        return kept + added
    filling = [""] * (width - len(kept))
    return [*kept[:width], *filling, *added, *kept[width:]]


def _added_names(columns: NumberColumns) -> tuple[str, ...]:
    return tuple(guarded(f"{name}_{added}") for name in columns.names for added in ADDED)


class _Tally:
    """Counts while the rows go by."""

    def __init__(self) -> None:
        self.rows = 0
        self._formula_cells = 0
        self._states: Counter[NumberState] = Counter()
        self._reasons: Counter[NumberProblem] = Counter()
        self._places: Counter[tuple[str, NumberKind | None]] = Counter()
        self._examples: list[Example] = []

    def add(self, row: TableRow, results: Sequence[NumberResult], columns: NumberColumns) -> None:
        self.rows += 1
        for cell in row.cells:
            # the sign alone settles it for most cells
            if cell[:1] in FORMULA_SIGNS and is_formula(cell):
                self._formula_cells += 1
        for found, name in zip(results, columns.names, strict=True):
            self._states[found.state] += 1
            if found.country:
                self._places[found.country, found.kind] += 1
            if found.reason is None:
                continue
            self._reasons[found.reason] += 1
            if len(self._examples) < MOST_EXAMPLES and found.reason is not NumberProblem.EMPTY:
                self._examples.append(
                    Example(
                        line=row.line,
                        column=name,
                        text=found.text[:LONGEST_EXAMPLE],
                        reason=found.reason,
                        e164=found.e164,
                    )
                )

    def summary(self) -> NumbersSummary:
        countries: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        for (country, kind), count in self._places.items():
            countries[country] += count
            if kind is not None:
                kinds[kind.value] += count
        return NumbersSummary(
            rows=self.rows,
            numbers=self._states.total(),
            valid=self._states[NumberState.VALID],
            correctable=self._states[NumberState.CORRECTABLE],
            invalid=self._states[NumberState.INVALID],
            empty=self._states[NumberState.EMPTY],
            reasons=_counts({reason.value: seen for reason, seen in self._reasons.items()}),
            countries=_counts(countries),
            kinds=_counts(kinds),
            examples=tuple(self._examples),
            formula_cells=self._formula_cells,
        )


def _counts(seen: Mapping[str, int]) -> tuple[Count, ...]:
    ordered = sorted(seen.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(name=name, count=count) for name, count in ordered)

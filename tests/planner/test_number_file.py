"""Whole files of numbers: what is added, what stays, what is counted, how much memory."""

import csv
import io
import tracemalloc
from itertools import chain, repeat

import pytest

from natwizard.planner.number_file import NumbersSummary, check_file, find_columns
from natwizard.planner.numbers import NumberChecker, NumberProblem
from natwizard.planner.table_file import TableTrouble, recognise

CHECKER = NumberChecker("GB")
CONTACTS = (
    "Id,Name,Phone\r\n"
    "1,Desk A,+442079460958\r\n"
    '2,"Desk B, ""J""",020 7946 0958\r\n'
    "3,=1+cmd|' /C calc'!A0,hello\r\n"
    '4,"two\nlines",\r\n'
)


def checked(
    text: str | bytes,
    *wanted: str,
    header: bool | None = None,
    guard_all: bool = False,
) -> tuple[NumbersSummary, bytes]:
    source = io.BytesIO(text.encode() if isinstance(text, str) else text)
    sink = io.BytesIO()
    form = recognise(source)
    columns = find_columns(form, CHECKER, wanted, header=header)
    summary = check_file(source, sink, form, columns, CHECKER, guard_all=guard_all)
    return summary, sink.getvalue()


def table(content: bytes, encoding: str = "utf-8", separator: str = ",") -> list[list[str]]:
    text = io.StringIO(content.decode(encoding), newline="")
    return list(csv.reader(text, delimiter=separator))


def test_five_columns_are_added_and_the_others_stay_as_they_were() -> None:
    summary, content = checked(CONTACTS)
    before, after = table(CONTACTS.encode()), table(content)
    assert [row[:3] for row in after] == before
    assert [row[3:] for row in after] == [
        ["Phone_valid", "Phone_reason", "Phone_e164", "Phone_country", "Phone_type"],
        ["true", "", "+442079460958", "GB", "fixed_line"],
        ["false", "The country code is missing.", "+442079460958", "GB", "fixed_line"],
        ["false", "This is not a telephone number.", "", "", ""],
        ["false", "There is no number.", "", "", ""],
    ]
    assert (summary.rows, summary.numbers) == (4, 4)
    assert (summary.valid, summary.correctable, summary.invalid, summary.empty) == (1, 1, 1, 1)
    assert summary.formula_cells == 1
    assert [(example.line, example.reason) for example in summary.examples] == [
        (3, NumberProblem.COUNTRY_CODE_MISSING),
        (4, NumberProblem.NOT_A_NUMBER),
    ]
    assert {seen.name: seen.count for seen in summary.countries} == {"GB": 2}


def test_formulas_of_the_file_itself_are_made_harmless_on_request() -> None:
    _summary, content = checked(CONTACTS, guard_all=True)
    after = table(content)
    assert after[3][1] == "'=1+cmd|' /C calc'!A0"
    assert after[1][2] == "+442079460958"  # the plus of a number stays usable


def test_a_formula_in_a_column_name_is_never_copied_into_a_name_of_ours() -> None:
    _summary, content = checked("=cmd()|x\r\n+442079460958\r\n", header=True)
    assert table(content)[0] == ["=cmd()|x"] + [
        f"'=cmd()|x_{name}" for name in ("valid", "reason", "e164", "country", "type")
    ]


def test_short_and_long_rows_keep_our_columns_below_each_other() -> None:
    text = "Name,Phone\n+1,+442079460958,more,cells\nshort\n\nlast,020 7946 0958\n"
    _summary, content = checked(text, "Phone")
    after = table(content)
    assert after[1] == ["+1", "+442079460958", "true", "", "+442079460958", "GB", "fixed_line",
                        "more", "cells"]  # fmt: skip
    assert after[2] == ["short", "", "false", "There is no number.", "", "", ""]
    assert after[3] == []
    assert after[4][:3] == ["last", "020 7946 0958", "false"]
    assert b"\r" not in content


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"),
     ("cp1252", b"")],
)  # fmt: skip
def test_a_file_is_written_in_the_encoding_that_it_came_in(encoding: str, mark: bytes) -> None:
    text = "Name;Téléphone\r\nZoë;020 7946 0958\r\n"
    _summary, content = checked(mark + text.encode(encoding))
    assert content.startswith(mark)
    after = table(content[len(mark) :], encoding, ";")
    assert after[1][:5] == ["Zoë", "020 7946 0958", "false", "The country code is missing.",
                            "+442079460958"]  # fmt: skip


def test_excels_own_first_line_stays_the_first() -> None:
    _summary, content = checked("sep=;\r\nName;Phone\r\nA;+442079460958\r\n")
    lines = content.decode().split("\r\n")
    assert lines[0] == "sep=;"
    assert lines[1] == "Name;Phone;Phone_valid;Phone_reason;Phone_e164;Phone_country;Phone_type"


def test_a_file_without_a_header_gets_none() -> None:
    summary, content = checked("1,+442079460958\n2,020 7946 0958\n")
    assert summary.rows == 2
    assert table(content)[0] == ["1", "+442079460958", "true", "", "+442079460958", "GB",
                                 "fixed_line"]  # fmt: skip


def test_several_columns_are_checked_in_one_go() -> None:
    text = "Phone,Name,Mobile\n+442079460958,A,07911 123456\n"
    summary, content = checked(text, "Phone", "3")
    assert (summary.rows, summary.numbers) == (1, 2)
    names = table(content)[0]
    assert names[3] == "Phone_valid"
    assert names[8] == "Mobile_valid"
    assert table(content)[1][10] == "+447911123456"


@pytest.mark.parametrize(
    ("text", "wanted", "place"),
    [
        ("Id,Phone\n12345678901,+442079460958\n", (), 1),
        ("Order,Contact\nx,+442079460958\n", (), 1),
        ("Phone,Mobile\n+442079460958,x\n", (), 0),
        ("anything\n+442079460958\n", (), 0),
        ("Phone,x\n,\n", (), 0),
        ("a,b,c\n1,2,3\n", ("2",), 1),
        ("a,2,c\n1,2,3\n", ("2",), 1),
        ("a, b ,c\n1,2,3\n", ("b",), 1),
    ],
)
def test_the_column_with_the_numbers_is_found(
    text: str, wanted: tuple[str, ...], place: int
) -> None:
    form = recognise(io.BytesIO(text.encode()))
    assert find_columns(form, CHECKER, wanted, header=None).places == (place,)


@pytest.mark.parametrize(
    ("text", "wanted", "told"),
    [
        ("Phone,Mobile\n+442079460958,+442079460958\n", (), "choose the column"),
        ("a,b\nx,y\n", (), "choose the column"),
        ("a,b\nx,y\n", ("c",), "there is no column c (there are: a, b)"),
        ("a,b\nx,y\n", ("3",), "there is no column 3"),
        ("a,b\nx,y\n", ("0",), "there is no column 0"),
        ("a,b\nx,y\n", ("0000000012",), "there is no column"),
        ("a,b\nx,y\n", ("0" * 5000,), "there is no column"),
        ("a,b\nx,y\n", ("\u00b2",), "there is no column"),
        ("a,a\nx,y\n", ("a",), "2 columns are called a"),
        ("\n\n", (), "no row"),
    ],
)
def test_a_column_that_cannot_be_told_is_asked_for(
    text: str, wanted: tuple[str, ...], told: str
) -> None:
    form = recognise(io.BytesIO(text.encode()))
    with pytest.raises(TableTrouble) as trouble:
        find_columns(form, CHECKER, wanted, header=None)
    assert told in str(trouble.value)


class EndlessRows(io.RawIOBase):
    """A file of a given number of equal rows that is never in memory."""

    HEAD, ROW = b"Id,Name,Phone\n", b"1,Desk A,+442079460958\n"

    def __init__(self, count: int) -> None:
        self._size = len(self.HEAD) + count * len(self.ROW)
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = (0, self._place, self._size)[whence] + offset
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._place)
        content = bytearray()
        if self._place < len(self.HEAD):
            content += self.HEAD[self._place :]
        start = (self._place + len(content) - len(self.HEAD)) % len(self.ROW)
        parts = chain([self.ROW[start:]], repeat(self.ROW))
        while len(content) < wanted:
            content += next(parts)
        buffer[:wanted] = content[:wanted]
        self._place += wanted
        return wanted


class Nowhere(io.RawIOBase):
    """Takes whatever is written and keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        assert isinstance(content, bytes | bytearray | memoryview)
        return len(content)


def test_memory_stays_the_same_however_long_the_file() -> None:
    def peak_bytes(count: int) -> int:
        source = io.BufferedReader(EndlessRows(count))
        form = recognise(source)
        columns = find_columns(form, CHECKER, header=None)
        tracemalloc.start()
        with io.BufferedWriter(Nowhere()) as sink:
            assert check_file(source, sink, form, columns, CHECKER).valid == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(100)
    assert peak_bytes(30_000) < peak_bytes(1_000) + 100_000


def test_progress_is_told_up_to_the_end() -> None:
    text = "Phone\n" + "+442079460958\n" * 12_000
    source = io.BytesIO(text.encode())
    form = recognise(source)
    columns = find_columns(form, CHECKER, header=None)
    told: list[tuple[int, int]] = []
    check_file(source, None, form, columns, CHECKER, progress=lambda *step: told.append(step))
    assert [rows for _bytes, rows in told] == [5_000, 10_000, 12_000]
    assert told == sorted(told)
    assert told[-1][0] == len(text)


TITLED = {
    "a report's title": "Contact list export\r\nGenerated by: Sam Example\r\n\r\n",
    "one line": "Contacts\r\n",
    "padded by Excel": "Contacts,,\r\n,,\r\n",
    "keys and values": "Report,Contacts\r\nCreated,2026-11-30\r\n\r\n",
    "blank lines": "\r\n\r\n",
    "none": "",
}
TABLE = "Name,Account,Phone\r\nAnn,Acme,+442079460958\r\nBob,Acme,020 7946 0959\r\n"


@pytest.mark.parametrize("titles", TITLED)
def test_a_table_may_begin_below_a_title(titles: str) -> None:
    source = io.BytesIO((TITLED[titles] + TABLE).encode())
    form = recognise(source)
    columns = find_columns(form, CHECKER, header=None)
    assert (columns.names, columns.has_header) == (("Phone",), True)
    out = io.BytesIO()
    summary = check_file(source, out, form, columns, CHECKER)
    assert (summary.rows, summary.valid, summary.correctable) == (2, 1, 1)
    text = out.getvalue().decode()
    assert text.startswith(TITLED[titles])
    lines = text.removeprefix(TITLED[titles]).splitlines()
    assert lines[0].startswith("Name,Account,Phone,Phone_valid")
    assert lines[1].startswith("Ann,Acme,+442079460958,true")


@pytest.mark.parametrize(
    "table",
    [
        "Ann,+442079460958\r\nBob,020 7946 0959,x\r\nCarl,020 7946 0957,y\r\n",
        ",Phone\r\nAnn,+442079460958\r\nBob,020 7946 0959\r\nCarl,020 7946 0957\r\n",
    ],
)
def test_a_short_first_row_is_no_title(table: str) -> None:
    columns = find_columns(recognise(io.BytesIO(table.encode())), CHECKER, ["2"], header=None)
    assert columns.title_rows == 0

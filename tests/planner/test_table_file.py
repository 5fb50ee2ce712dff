"""CSV files as people have them: encodings, separators, line ends, and broken ones."""

import csv
import io
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from natwizard.planner import table_file
from natwizard.planner.table_file import (
    LONGEST_ROW_CHARACTERS,
    TableTrouble,
    TableWriter,
    recognise,
    rows,
)

TABLE = [["Name", "Phone"], ["Zoë, Ltd", "+442079460958"], ['a "b"\nc', "020 7946 0958"]]


def written(table: list[list[str]], separator: str = ",", line_end: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=line_end).writerows(table)
    return text.getvalue()


def read(content: bytes) -> list[list[str]]:
    source = io.BytesIO(content)
    return [row.cells for row in rows(source, recognise(source))]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
    ],
)
def test_encoding_separator_and_line_end_are_recognised(
    encoding: str, mark: bytes, line_end: str, separator: str
) -> None:
    content = mark + written(TABLE, separator, line_end).encode(encoding)
    form = recognise(io.BytesIO(content))
    assert (form.encoding, form.mark) == (encoding, mark)
    assert (form.separator, form.line_end) == (separator, line_end)
    assert read(content) == TABLE


def test_excels_own_first_line_names_the_separator() -> None:
    content = b"sep=;\r\nName;Phone\r\na,b,c;1\r\n"
    form = recognise(io.BytesIO(content))
    assert (form.separator, form.preamble) == (";", 1)
    assert form.sample[0] == ("Name", "Phone")


def test_a_letter_far_behind_the_sample_still_decides_the_encoding() -> None:
    content = b"Name,Phone\n" + b"Desk A,1\n" * 200_000 + "Müller,1\n".encode("cp1252")
    assert recognise(io.BytesIO(content)).encoding == "cp1252"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest of a workbook", "Excel"),
        (b"\xd0\xcf\x11\xe0old workbook", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"Name,Phone\n\0\0\0\0,1\n", "not text"),
        (bytes(range(1, 256)) * 9, "not text"),
        (b"\xef\xbb\xbfName\xff,Phone\n", "byte 7 is wrong"),
        (b"\xff\xfea\0b", "not UTF-16-LE text"),
        (b'Name,Phone\n"Desk A,1\nDesk B,2\n', "line 3: a quotation mark"),
        (b'Name,Phone\n"Desk A" x,1\n', "line 2: a quotation mark"),
        (b"a" * (LONGEST_ROW_CHARACTERS + 1), "line 1: a row of more than 100,000"),
        (b'a,b\n"' + b"x,\n" * LONGEST_ROW_CHARACTERS, "a row of more than 100,000"),
    ],
)
def test_a_broken_file_is_told_in_one_line(content: bytes, told: str) -> None:
    with pytest.raises(TableTrouble) as trouble:
        read(content)
    assert told in str(trouble.value)
    assert "\n" not in str(trouble.value)


def test_a_huge_file_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_file, "LARGEST_BYTES", 10)
    with pytest.raises(TableTrouble, match="larger than"):
        recognise(io.BytesIO(b"x" * 11))


def test_a_given_encoding_is_not_guessed() -> None:
    content = "Zoë,1\n".encode("cp1252")
    with pytest.raises(TableTrouble, match="not UTF-8 text: byte 2 is wrong"):
        recognise(io.BytesIO(content), encoding="utf-8")
    assert recognise(io.BytesIO(content), encoding="cp1252").encoding == "cp1252"


cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12
)
tables = st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=6)


@settings(deadline=None)
@given(
    tables,
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
)
def test_what_is_written_is_read_again_cell_by_cell(
    table: list[list[str]], separator: str, line_end: str, encoding: str
) -> None:
    form = table_file.TableForm(
        encoding=encoding, mark=b"", separator=separator, line_end=line_end,
        preamble=0, size_bytes=0, sample=(),
    )  # fmt: skip
    sink = io.BytesIO()
    writer = TableWriter(sink, form)
    for row in table:
        writer.write(row)
    writer.close()
    assert [row.cells for row in rows(sink, form)] == table


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.text(',;"\n\r\tab+1=', max_size=100).map(str.encode))
def test_any_bytes_are_a_table_or_one_clear_line(content: bytes) -> None:
    try:
        table = read(content)
    except TableTrouble as trouble:
        table = [[str(trouble)]]
        told_in_lines = len(str(trouble).splitlines())
    else:
        told_in_lines = 1
    assert told_in_lines == 1
    assert all(isinstance(cell, str) for row in table for cell in row)


PAGES = {
    "cp932": "氏名,電話番号\r\n山田 太郎,03-1234-5678\r\nソ能 次郎,+81312345679\r\n",
    "cp1250": "Jméno;Telefon\r\nPavel Kuťák;+420 601 123 456\r\n",
    "cp1251": "Имя;Телефон\r\nИван Петров;+7 495 123-45-67\r\n",  # noqa: RUF001
    "cp1253": "Όνομα;Τηλέφωνο\r\nΓιώργος;+30 21 0123 4567\r\n",  # noqa: RUF001
    "big5": "姓名,電話\r\n王小明,02-12345678\r\n",
    "cp949": "이름,전화번호\r\n김철수,02-123-4567\r\n",
    "cp1252": "Nom;Téléphone\r\nFrançois Lefèvre;+33 1 23 45 67 89\r\n",
    "utf-8": "氏名,電話番号\r\n山田 太郎,03-1234-5678\r\n",
}


@pytest.mark.parametrize("page", PAGES)
def test_code_pages_of_other_excels_are_recognised(page: str) -> None:
    content = PAGES[page].encode(page)
    form = recognise(io.BytesIO(content))
    assert content.decode(form.encoding) == PAGES[page]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("cp850", "Name;Telefon\r\nJürgen Müller;+49 30 123456\r\n"),
        ("mac_roman", "Nom;Téléphone\r\nFrançois Lefèvre;+33 1 23 45 67 89\r\n"),
        ("cp1257", "Vārds;Tālrunis\r\nJānis Bērziņš;+371 67 123456\r\n"),
        ("cp1254", "Ad;Telefon\r\nİbrahim Şahin;+90 212 123 4567\r\n"),
        ("koi8_r", "Имя;Телефон\r\nИван Петров;+7 495 123-45-67\r\n"),  # noqa: RUF001
    ],
)
def test_what_is_guessed_wrong_keeps_its_numbers_and_its_bytes(page: str, text: str) -> None:
    content = text.encode(page)
    form = recognise(io.BytesIO(content))
    assert text.splitlines()[1].partition(";")[2] == form.sample[1][1]
    out = io.BytesIO()
    with (
        closing(TableWriter(out, form)) as writer,
        closing(rows(io.BytesIO(content), form)) as all_,
    ):
        for row in all_:
            writer.write(row.cells)
    assert out.getvalue() == content


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("cp1250", "cp1250"),
        ("sjis", "shift_jis"),
        ("windows-31j", "cp932"),
        ("latin1", "cp1252"),
        ("UTF8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf_16_be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("koi8-r", "koi8-r"),
        ("euc-jp", "euc-jp"),
        ("iso2022_jp", "iso2022_jp"),
    ],
)
def test_any_encoding_that_python_knows_can_be_said(name: str, page: str) -> None:
    content = "Name,Phone\r\nAnn,+442079460958\r\n".encode(page)
    form = recognise(io.BytesIO(content), encoding=name)
    assert form.sample == (("Name", "Phone"), ("Ann", "+442079460958"))


@pytest.mark.parametrize(
    "name", ["nonsense", "base64", "rot13", "hex", "undefined", "idna", "zlib"]
)
def test_what_is_no_encoding_of_text_is_told(name: str) -> None:
    with pytest.raises(TableTrouble):
        recognise(io.BytesIO(b"Name,Phone\r\nAnn,1\r\n"), encoding=name)

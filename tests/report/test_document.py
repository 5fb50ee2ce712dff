"""One document, many views: each shows every text in order, and none lets a control through."""

import io
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct, structs
from pypdf import PdfReader
from PySide6.QtWidgets import QApplication
from report.samples import not_ready, overlong, ready
from report.test_plan_views import org_report
from report.views import TEXT_VIEWS, pdf_pages, squeezed, terminal_text
from report.watch_samples import watch
from rich.console import Console

from natwizard.cli.comparison_table import print_comparison
from natwizard.cli.table import print_report
from natwizard.model.report import Report, RootCause
from natwizard.report.as_html import report_html
from natwizard.report.as_junit import report_junit
from natwizard.report.as_pdf import write_pdf
from natwizard.report.as_text import copy_for_helpdesk
from natwizard.report.compare import compare
from natwizard.report.comparison_words import comparison_text
from natwizard.report.details import fixes_of
from natwizard.report.document import (
    Document,
    Line,
    Paragraph,
    Row,
    Section,
    plan_document,
    report_document,
)
from natwizard.report.facts import report_facts
from natwizard.report.headline import report_headline
from natwizard.report.plain import INVISIBLE
from natwizard.report.request import copy_for_it
from natwizard.report.watch_words import watch_document, watch_text

ORG = org_report()
assert ORG.plan is not None
DOCUMENTS = {
    "not_ready": report_document(not_ready()),
    "ready": report_document(ready()),
    "overlong": report_document(overlong()),
    "org": report_document(ORG),
    "plan": plan_document(ORG.plan, ORG.checklist, "1.0"),
    "watch": watch_document(watch(5)),
}


def out_of_order(document: Document, shown: str) -> list[str]:
    """Texts of the document that a view does not show, or not after those before them."""
    missing, reached = [], 0
    view = squeezed(shown)
    for text in document.texts():
        wanted = squeezed(text)
        found = view.find(wanted, reached)
        if found < 0:
            missing.append(text)
        else:
            reached = found + len(wanted)
    return missing


def unnamed(document: Document) -> Document:
    """Without what it is called."""
    return structs.replace(document, title="", code="")


WIDE = 5_000
"""Columns of a terminal in which no cell is broken into lines beside its neighbours."""


@pytest.mark.parametrize("view", TEXT_VIEWS.values(), ids=TEXT_VIEWS)
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_view_says_every_text_in_the_same_order(
    document: Document, view: Callable[[Document], str]
) -> None:
    """What a report is called frames it: a terminal has the answer in its first line, before it."""
    assert len(list(document.texts())) > 40
    shown = view(document)
    assert out_of_order(unnamed(document), shown) == []
    assert squeezed(document.title) in squeezed(shown)
    assert squeezed(document.code) in squeezed(shown)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "overlong"])
def test_the_pdf_says_every_text_in_the_same_order(
    name: str, qapp: QApplication, tmp_path: Path
) -> None:
    """Head and foot stand on every page; what is between them is read page after page.

    Labels that need several lines stand beside their texts line by line: not in the overlong one.
    """
    assert qapp
    document = DOCUMENTS[name]
    frame = structs.replace(document, sections=(), facts=(), banner=None)
    pages = pdf_pages(document, tmp_path)
    for text in frame.texts():
        assert all(squeezed(text) in squeezed(page) for page in pages)
    body = structs.replace(document, title="", code="", foot="")
    whole = "".join(after_frame(squeezed(page), f"{n}of{len(pages)}")
                    for n, page in enumerate(pages, 1))  # fmt: skip
    assert out_of_order(body, whole) == []


def after_frame(page: str, number: str) -> str:
    """A page without what stands on every page, and without where its table goes on."""
    return page.partition(f"Page{number}")[2].partition("Continuedonpage")[0]


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_summary_is_the_same_with_less(document: Document) -> None:
    texts, whole = list(document.summary().texts()), iter(document.texts())
    assert all(text in whole for text in texts)
    assert out_of_order(unnamed(document.summary()), terminal_text(document.summary(), WIDE)) == []


def test_the_window_has_the_banner_and_the_fixes_of_the_document() -> None:
    document, headline = DOCUMENTS["not_ready"], report_headline(not_ready())
    assert document.banner is not None
    assert (document.banner.title, document.banner.sentence) == (headline.title, headline.sentence)
    texts = list(document.texts())
    for number, fix in enumerate(headline.fix_first, 1):
        assert f"{number}. {fix.title}" in texts
        assert fix.text in texts
    facts = report_facts(not_ready())
    assert {facts.workstation, facts.tested, facts.role, facts.took} <= set(texts)


@pytest.mark.parametrize("report", [not_ready(), ready()], ids=["not ready", "ready"])
def test_the_first_line_in_a_terminal_is_the_answer(report: Report) -> None:
    first, *_rest = terminal_text(report_document(report), 80).strip().splitlines()
    assert first.endswith(report_headline(report).title)


# ---- what steers a terminal, reorders what is read, or is not seen at all

CONTROLS = (
    "\x1b[31m\x1b]0;title\x07\x9b2J\x00\r\n\t\x7f\x85"
    "\u200b\u200d\u2060\ufeff\u00ad\u202e\u2066\u2069\u200f\u2028\u2029\u061c"
    "\ue000\ue001\uf8ff\U000f0000\U0010fffd\ufff9\ufffe\ufdd0\U000e0041\u034f\u3164\ufe0f\u180e"
)
ALLOWED = {"\n", "\u00a0", "\u202f"}
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def planted(value: object) -> object:
    """The same value with controls in each of its texts; numbers, enums and evidence stay."""
    if type(value) is str:
        return f"{value}{CONTROLS}x"
    if isinstance(value, tuple):
        return tuple(map(planted, value))
    if isinstance(value, Struct):
        kept = {"language"} if isinstance(value, Report) else set()
        return structs.replace(value, **{
            name: planted(getattr(value, name)) for name in value.__struct_fields__
            if name not in kept
        })  # fmt: skip
    return value


def hostile(report: Report) -> Report:
    """Every text field of a report: names, findings, plan, checklist, cause."""
    cause = RootCause(code="x", summary="One cause", explains=(report.findings[0].check,))
    made = planted(structs.replace(report, root_cause=cause))
    assert isinstance(made, Report)
    return made


def bad_characters(text: str) -> set[str]:
    return {
        character
        for character in text
        if character not in ALLOWED
        and (
            unicodedata.category(character) in HIDDEN
            or any(first <= ord(character) <= last for first, last in INVISIBLE)
        )
    }


HOSTILE = {"not_ready": hostile(not_ready()), "org": hostile(ORG)}


def texts_in(value: object) -> Iterator[str]:
    if type(value) is str:
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from texts_in(getattr(value, name))


def test_the_planting_reaches_every_text_field() -> None:
    for report in HOSTILE.values():
        texts = [text for text in texts_in(report) if text != report.language]
        assert len(texts) > 300
        assert all(CONTROLS in text for text in texts)


@pytest.mark.parametrize("report", HOSTILE.values(), ids=HOSTILE)
def test_no_view_of_a_report_lets_a_control_through(report: Report, qapp: QApplication) -> None:
    assert qapp
    document = report_document(report)
    assert bad_characters("".join(document.texts())) == set()
    for name, view in TEXT_VIEWS.items():
        assert bad_characters(view(document)) == set(), name
    assert bad_characters(report_html(report)) == set()
    assert bad_characters(copy_for_helpdesk(report)) == set()
    assert bad_characters(report_junit(report).decode()) == set()
    for finding in report.findings:
        assert bad_characters(copy_for_it(finding, report)) == set()


@pytest.mark.parametrize("whole", [False, True])
def test_a_received_report_steers_no_terminal(
    capsys: pytest.CaptureFixture[str], whole: bool
) -> None:
    """Colours are the only escapes, and without a terminal there are none."""
    print_report(HOSTILE["not_ready"], whole=whole)
    shown = capsys.readouterr().out
    assert "\\x1b[31m" in shown
    assert bad_characters(shown) == set()


def test_neither_do_two_that_are_compared() -> None:
    comparison = compare(HOSTILE["not_ready"], hostile(ready()))
    stream = io.StringIO()
    print_comparison(comparison, everything=True, console=Console(file=stream, width=200))
    for shown in (stream.getvalue(), comparison_text(comparison)):
        assert "\\x1b[31m" in shown
        assert bad_characters(shown) == set()


def test_neither_does_a_received_watch() -> None:
    record = planted(watch(5))
    assert bad_characters(watch_text(record)) == set()  # type: ignore[arg-type]


@pytest.mark.parametrize("report", HOSTILE.values(), ids=HOSTILE)
def test_the_text_of_the_pdf_holds_none(report: Report, qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    path = tmp_path / "hostile.pdf"
    write_pdf(report, path)
    reader = PdfReader(path)
    text = "".join(page.extract_text() for page in reader.pages)
    assert "\\x1b[31m" in text
    assert bad_characters(text) == set()
    assert reader.metadata is not None
    outline = [str(entry["/Title"]) for entry in reader.outline if isinstance(entry, dict)]
    assert len(outline) > 4
    for title in (*outline, *map(str, reader.metadata.values())):
        assert bad_characters(title) == set()


def test_values_for_the_window_are_safe_too() -> None:
    report = HOSTILE["not_ready"]
    headline = report_headline(report)
    for fix in (*headline.fix_first, *headline.fix_later, *fixes_of(report)):
        assert bad_characters("".join((fix.title, fix.text, *fix.also))) == set()
    assert bad_characters("".join(texts_in(report_facts(report)))) == set()


def test_a_block_is_safe_however_it_is_made() -> None:
    line = Line(label="a\x1bb", text="c\u202ed")
    assert (line.label, line.text) == ("a\\x1bb", "c\\u202ed")
    again = structs.replace(line, text="\x9b")
    decoded = msgspec.json.decode(b'{"label": "\\u001b", "text": ""}', type=Line)
    assert (again.text, decoded.label) == ("\\x9b", "\\x1b")
    section = Section(heading="x\ny", blocks=(Paragraph(text="\ue000"),))
    assert list(section.texts()) == ["x\\x0ay", "\\ue000"]
    assert len(Row(cells=("x" * 900,), sentence="y" * 900).cells[0]) == 160

"""What is handed over: where rows lead, whose report it is, and whether it is all of a run."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from msgspec import structs
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from PySide6.QtWidgets import QApplication
from report.samples import not_ready, overlong, ready
from report.views import html_text, squeezed, terminal_text

import natwizard.checks
import natwizard.probes
from natwizard.checks.catalogue import CHECKS
from natwizard.checks.shared.number_format import OPERATION_WORDS, operation_words
from natwizard.model.finding import (
    AttemptLine,
    Detail,
    Finding,
    Owner,
    PathStop,
    Remedy,
    Source,
    Status,
)
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.report import LeftOut, Readiness, Report
from natwizard.profiles.read import shipped_profile
from natwizard.report.as_html import report_html
from natwizard.report.as_json import report_json
from natwizard.report.as_pdf import write_pdf
from natwizard.report.as_text import document_text
from natwizard.report.document import Lines, Row, Table, report_document, source_url
from natwizard.report.open_report import open_report
from natwizard.report.redact import redact
from natwizard.report.request import copy_all_for_it, copy_for_it

REPORTS = {"not_ready": not_ready(), "ready": ready(), "overlong": overlong()}
SOURCE = Source(title="Prerequisites", url="", read_on="2024-11-07")


def links(path: Path) -> list[tuple[int, DictionaryObject]]:
    """The annotations of a PDF, each with its page."""
    pages = PdfReader(path).pages
    return [
        (number, annotation.get_object())
        for number, page in enumerate(pages)
        for annotation in page.get("/Annots", [])
    ]


# ---- where rows lead


def test_rows_of_the_pdf_lead_to_what_is_told_of_them(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    write_pdf(not_ready(), tmp_path / "r.pdf")
    found = [link for _page, link in links(tmp_path / "r.pdf")]
    inside = [link for link in found if "/Dest" in link]
    outside = {str(link["/A"]["/URI"]) for link in found if "/A" in link}
    # all that is not in order or has a method: its detail, its question or how it was measured
    assert len(inside) > 5
    assert outside == {"https://docs.example.com/prerequisites"}
    # what is not needed needs nothing
    needed = [row for row in rows(not_ready()) if row.cells[-1]]
    assert len(found) - len(inside) == len(needed) >= len(rows(not_ready())) - 2
    pages = PdfReader(tmp_path / "r.pdf").pages
    numbers = [each.indirect_reference.idnum for each in pages]
    for link in inside:
        page, kind, _left, top, _zoom = link["/Dest"]
        assert page.idnum in numbers
        assert kind == "/XYZ"
        assert 0 < float(top) < float(pages[0].mediabox.height)
    for link in found:
        left, bottom, right, top = map(float, link["/Rect"])
        assert 0 < left < right < 612
        assert 0 < bottom < top < 842


def rows(report: Report) -> list[Row]:
    """Of the table of results."""
    document = report_document(report)
    (table,) = (block for section in document.sections for block in section.blocks
                if isinstance(block, Table) and block.again)  # fmt: skip
    return list(table.rows)


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_row_of_the_page_leads_to_its_paragraph(report: Report) -> None:
    page = report_html(report)
    targets = re.findall(r'href="#([^"]+)"', page)
    places = re.findall(r' id="([^"]+)"', page)
    assert len(places) == len(set(places)) == len(report.findings)
    assert set(targets) == set(places)


def test_the_page_says_what_a_row_means_and_what_to_do() -> None:
    check = next(each for each in CHECKS if each.name == "quality.jitter")
    changed = tuple(
        structs.replace(each, meaning=check.meaning) if each.check == check.name else each
        for each in not_ready().findings
    )
    report = structs.replace(not_ready(), findings=changed)
    told = squeezed(html_text(report_document(report, with_guide=True)))
    assert squeezed(check.meaning) in told
    for finding in report.findings:
        assert finding.remedy is None or squeezed(finding.remedy.text) in told


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "https://", "//example.com",
     "https://exam ple.com/", "https://example.com/\x1b[31m", "https://[::1", "natwizard",
     "https://example.com/" + "x" * 2_000],
)  # fmt: skip
def test_a_hostile_address_is_no_link(url: str, qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    source = structs.replace(SOURCE, url=url, section_url=url)
    assert source_url(source) == ""
    findings = tuple(structs.replace(each, source=source) for each in not_ready().findings)
    report = structs.replace(not_ready(), findings=findings)
    assert re.findall(r'href="([^#"][^"]*)"', report_html(report)) == []
    write_pdf(report, tmp_path / "r.pdf")
    assert not any("/A" in link for _page, link in links(tmp_path / "r.pdf"))


def test_every_check_says_what_it_means() -> None:
    """A sentence or two that do not only repeat the title."""
    for check in CHECKS:
        assert 40 < len(check.meaning) < 260, check.name
        assert check.meaning.endswith("."), check.name


# ---- one cause is one row


def unknown(finding: Finding, observed: str, status: Status = Status.UNKNOWN) -> Finding:
    return structs.replace(finding, status=status, observed=observed, details=(), remedy=None)


def test_what_was_not_measured_for_one_reason_is_one_row() -> None:
    first, second, third, *others = ready().findings
    cut = (unknown(first, "no call"), second, unknown(third, "no call"), *others)
    report = structs.replace(ready(), findings=cut)
    together, *rest = rows(report)
    assert together.cells[1] == f"{first.title}, {third.title}"
    assert len(rest) == len(rows(ready())) - 2
    # what failed is a row of its own, however alike
    failed = tuple(structs.replace(each, status=Status.FAIL, observed="no") for each in cut[:3])
    assert len(rows(structs.replace(ready(), findings=(*failed, *others)))) == len(rows(ready()))


def test_a_row_holds_as_many_titles_as_it_can_show() -> None:
    many = tuple(unknown(each, "no time") for each in overlong().findings)
    report = structs.replace(overlong(), findings=many)
    shown = ", ".join(row.cells[1] for row in rows(report))
    assert all(finding.title in shown for finding in many)


# ---- the way of the test call


def test_the_way_stands_below_the_chart_in_every_view() -> None:
    path = (
        PathStop(name="This computer", at="", figures=""),
        PathStop(name="Router here", at="192.168.1.1", figures="1.2 ms"),
        PathStop(name="Far end", at="evil\x1b[31m.example", figures="34 ms, 1 of 9 lost"),
    )
    report = not_ready()
    with_chart = next(each for each in report.findings if each.chart is not None)
    findings = tuple(
        structs.replace(each, path=path) if each is with_chart else each for each in report.findings
    )
    document = report_document(structs.replace(report, findings=findings))
    for view in (html_text, terminal_text, document_text):
        shown = squeezed(view(document))
        assert "evil\\x1b[31m.example" in shown
        assert squeezed("34 ms, 1 of 9 lost") in shown
        assert shown.index("Thetestcall") < shown.index("Routerhere") < shown.index("Problem1")
    assert "Router here" not in terminal_text(document.summary())


# ---- whose it is, and whether it is all


def test_the_name_stands_on_paper_and_in_the_page(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    report = structs.replace(not_ready(), reference="INC-20417 \x1b[31m")
    write_pdf(report, tmp_path / "r.pdf")
    first = PdfReader(tmp_path / "r.pdf").pages[0].extract_text()
    for shown in (first, report_html(report)):
        assert "INC-20417 \\x1b[31m" in shown
        assert "Name or ticket" in shown
    assert "Name or ticket" not in report_html(not_ready())
    assert open_report(tmp_path / "r.pdf").reference == report.reference


def test_masking_takes_the_name_off() -> None:
    masked = redact(structs.replace(not_ready(), reference="Robin Example"))
    assert b"Robin" not in report_json(masked)


def test_a_part_of_a_run_says_so_on_every_page(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    report = not_ready()
    left_out = tuple(LeftOut(check=each.check, title=each.title, page=each.page)
                     for each in report.findings[5:])  # fmt: skip
    part = structs.replace(report, findings=report.findings[:5], left_out=left_out)
    stopped = structs.replace(
        report,
        outcomes=tuple(
            structs.replace(each, failure=Failure(code=FailureCode.STOPPED, operation="run"))
            for each in report.outcomes
        ),
    )
    for changed, words in ((part, "(part of a run)"), (stopped, "(stopped early)")):
        write_pdf(changed, tmp_path / "r.pdf")
        pages = [page.extract_text() for page in PdfReader(tmp_path / "r.pdf").pages]
        assert all(words in page for page in pages)
        assert words in report_html(changed)
    whole = report_html(report)
    assert "(part of a run)" not in whole
    assert "(stopped early)" not in whole


def test_a_row_leads_to_the_section_that_asks_for_it_and_else_to_the_page() -> None:
    page = structs.replace(SOURCE, url="https://example.com/page")
    assert source_url(page) == "https://example.com/page"
    section = structs.replace(page, section_url="https://example.com/page#network")
    assert source_url(section) == "https://example.com/page#network"
    assert source_url(structs.replace(page, section_url="javascript:alert(1)")) == page.url


def test_every_section_of_the_shipped_profile_is_one_of_its_own_page() -> None:
    profile = shipped_profile()
    rows = [row for row in profile.requirements if row.section_url]
    assert len(rows) > 10
    for row in rows:
        source = profile.sources[row.source]
        assert row.section_url.startswith(f"{source.url}#"), row.id
        _page, _hash, heading = row.section_url.partition("#:~:text=")
        assert not heading or unquote(heading) == row.section, row.id


# ---- tries, without the names that programs use


def operations() -> set[str]:
    """What attempts are called, wherever a probe names one as a plain text."""
    found = set()
    for path in Path(natwizard.probes.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in {"attempt", "attempt_opening", "by_udp", "by_tcp", "echo"}:
                texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
                found.update(text for text in texts if isinstance(text, str))
    return found


def test_every_operation_of_a_probe_has_words() -> None:
    named = operations()
    assert len(named) > 20
    assert named - set(OPERATION_WORDS) == set()
    for operation in (*named, "sip_udp", "ask_stun_by eth0"):
        assert "_" not in operation_words(operation, "192.0.2.1:1")
    assert operation_words("of_another_version", "192.0.2.1:1") == "192.0.2.1:1"


def test_no_rule_writes_the_name_of_an_operation_where_people_read() -> None:
    """In a check an operation is an argument or a key of its own, and never part of a sentence."""
    names = {name for name in OPERATION_WORDS if "_" in name}
    for path in sorted(Path(natwizard.checks.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = node.value.split()
                assert len(words) < 2 or words[0] not in names, f"{path.name}: {words}"
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                first = str(node.values[0].value).split()[:1]
                assert not set(first) & names, f"{path.name}: {first}"


def changed(check: str, **fields: object) -> Report:
    findings = tuple(structs.replace(each, **fields) if each.check == check else each
                     for each in not_ready().findings)  # fmt: skip
    return structs.replace(not_ready(), findings=findings)


def test_where_some_tries_failed_those_are_the_proof() -> None:
    tried = tuple(
        AttemptLine(
            started_s=number,
            duration_s=1,
            target=f"server {number}",
            result="turned away" if number % 2 else "answered in 4 ms",
            failed=number % 2 > 0,
        )
        for number in range(4)
    )
    told = html_text(report_document(changed("port.webphone", tried=tried)))
    assert "server 1, turned away" in told
    assert "answered in 4 ms" not in told


def test_what_was_told_further_up_is_not_told_again() -> None:
    same = Detail(label="Tested in", text="Firefox 153 on this computer")
    own = Detail(label="Why we say so", text="it is slow")
    report = not_ready()
    ill = [each.check for each in report.findings if each.status is Status.FAIL][:2]
    findings = tuple(
        structs.replace(each, details=(same, own)) if each.check in ill else each
        for each in report.findings
    )
    told = html_text(report_document(structs.replace(report, findings=findings)))
    assert told.count(same.text) == 1
    twice = structs.replace(own, text="it is slow too")
    findings = tuple(structs.replace(each, details=(twice,)) if each.check == ill[1] else each
                     for each in findings)  # fmt: skip
    told = html_text(report_document(structs.replace(report, findings=findings)))
    assert "it is slow too" in told


def test_what_could_not_be_told_for_one_reason_is_one_part_whatever_its_figures() -> None:
    names = ("quality.latency", "quality.jitter", "quality.bandwidth")
    busy = [each for each in ready().findings if each.check in names]
    remedy = Remedy(text="Close programs.", owner=Owner.AGENT)
    unknown = tuple(
        structs.replace(
            each, status=Status.UNKNOWN, observed="too busy", remedy=remedy, tried=(), stages=(),
            depends_on="", details=(Detail(label="Why we say so", text=f"{number} ms late"),),
        )
        for number, each in enumerate(busy)
    )  # fmt: skip
    headings = [section.heading for section in
                report_document(structs.replace(ready(), findings=unknown)).sections]  # fmt: skip
    assert len([each for each in headings if busy[0].title in each]) == 1
    assert not [each for each in headings if busy[1].title in each or busy[2].title in each]


def test_several_matters_for_one_person_say_once_how_to_check_again() -> None:
    remedy = Remedy(text="Allow it.", owner=Owner.NETWORK_TEAM, request="Please allow it.")
    matters = [structs.replace(each, remedy=remedy) for each in not_ready().findings
               if each.status is Status.FAIL][:2]  # fmt: skip
    texts = copy_all_for_it(matters, not_ready())
    assert len(texts) == 3
    assert "".join(texts).count(not_ready().run_code) == 1
    assert all(f"--only {each.check}" in texts[-1] for each in matters)
    assert copy_all_for_it(matters[:1], not_ready()) == (copy_for_it(matters[0], not_ready()),)


def test_equal_tries_are_one_line() -> None:
    tried = tuple(AttemptLine(started_s=number, duration_s=3, target=f"server {number % 2}",
                              result="no answer in 3.0 s", failed=True)
                  for number in range(6))  # fmt: skip
    findings = tuple(
        structs.replace(each, tried=tried) if each.check == "port.webphone" else each
        for each in not_ready().findings
    )
    told = html_text(report_document(structs.replace(not_ready(), findings=findings)))
    assert told.count("server 0, no answer in 3.0 s (3 times)") == 1
    assert told.count("server 1, no answer in 3.0 s (3 times)") == 1


def test_tries_that_began_together_and_came_out_the_same_are_one_line() -> None:
    tried = tuple(
        AttemptLine(started_s=began, duration_s=2, target=target, result=result, failed=True)
        for began, target, result in (
            (1, "lookup one", "no answer"),
            (1, "lookup two", "no answer"),
            (1, "lookup three", "refused"),
            (2, "lookup four", "refused"),
        )
    )
    told = html_text(report_document(changed("port.webphone", tried=tried)))
    assert "lookup one; lookup two: no answer" in told
    assert "lookup three, refused" in told
    assert "lookup four, refused" in told


def test_tries_that_went_well_prove_nothing() -> None:
    fine = (AttemptLine(started_s=1, duration_s=1, target="server 1", result="answered in 4 ms"),)
    why = (Detail(label="Why we say so", text="it is unsteady"),)
    told = html_text(report_document(changed("port.webphone", tried=fine, details=why)))
    assert "it is unsteady" in told
    assert "answered in 4 ms" not in told
    # but where nothing else says why, they do
    told = html_text(report_document(changed("port.webphone", tried=fine, details=())))
    assert "answered in 4 ms" in told


def test_what_follows_each_other_under_one_label_is_one_line() -> None:
    asked = tuple(
        Detail(label=label, text=text)
        for label, text in (("one", "a."), ("one", "b"), ("two", "c."), ("one", "d"))
    )
    document = report_document(changed("port.webphone", details=asked, tried=()))
    lines = [
        (line.label, line.text)
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Lines)
        for line in block.lines
    ]
    at = lines.index(("one", "a; b"))
    assert lines[at : at + 3] == [("one", "a; b"), ("two", "c."), ("one", "d")]


def test_what_nobody_set_up_has_its_sentence_in_the_summary_too() -> None:
    """ "1 more below, with what to do" has to be true in the terminal, which shows no proof."""
    first, *others = ready().findings
    to_do = Remedy(text="Give this computer a profile.", owner=Owner.HELPDESK, request="Please do.")
    unset = structs.replace(first, status=Status.NOT_SET_UP, summary="Not set up.", remedy=to_do)
    worse = tuple(
        structs.replace(
            each, status=Status.FAIL, remedy=Remedy(text=f"Mend {each.check}.", owner=Owner.AGENT)
        )
        for each in others[:3]
    )
    report = structs.replace(
        ready(), findings=(unset, *worse, *others[3:]), verdict=Readiness.NOT_READY
    )
    told = " ".join(terminal_text(report_document(report).summary()).split())
    assert "1 more below, with what to do." in told
    assert "Not set up. Helpdesk: Give this computer a profile." in told
    [text] = copy_all_for_it((unset,), report)
    assert text == f"Please do. Run code: {report.run_code}.", "nothing was measured yet"

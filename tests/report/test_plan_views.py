"""Plan and checklist in every view of a report; files with impossible plans."""

import io
import re
import tempfile
from pathlib import Path

import msgspec
import pytest
from cases.plan_cases import NO, YES, example_plan, with_questions
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from pypdf import PdfReader
from PySide6.QtWidgets import QApplication
from report.samples import ready
from report.schema_check import mismatches
from report.views import report_text, squeezed
from rich.console import Console

from natwizard.cli.table import print_report
from natwizard.model.report import Report
from natwizard.planner.attach import attached
from natwizard.planner.checklist import checklist, with_answers_to
from natwizard.profiles.find import find_profile
from natwizard.report.as_html import report_html
from natwizard.report.as_json import report_json
from natwizard.report.as_junit import report_junit
from natwizard.report.as_pdf import write_pdf, write_plan_pdf
from natwizard.report.files import UnreadableReport
from natwizard.report.open_report import open_plan, open_report
from natwizard.report.pdf.text import PageSize
from natwizard.report.redact import redact
from natwizard.report.schema import report_schema


def org_report() -> Report:
    """A workstation's report with the org's beside it."""
    items = with_answers_to(
        checklist(find_profile().profile),
        {"nat.static_address": YES, "plan.ott.voicemail": NO},
    )
    report = with_questions(ready(), "nat.static_address", "plan.ott")
    return attached(report, example_plan(), items, whole=True)


SAID = (
    "Confirmed", "Plan for the org", "Data storage", "406.37 MB", "Insight storage",
    "8 GB free lasts 598 days", "Call records and Insight together", "the page prints 8.16 MB",
    "11,050 of 100,000 a day: 11 %.", "carries 40 calls: not enough", "Checklist",
    "1 of 19 confirmed, 1 not so", "Confirmed on 25 Nov 2026 by the site office.",
    "Not so, on 24 Nov 2026. ticket 12", "Technical Prerequisites",
)  # fmt: skip


@pytest.mark.parametrize("size", PageSize)
def test_the_org_is_in_the_same_pdf_as_the_workstation(
    size: PageSize, qapp: QApplication, tmp_path: Path
) -> None:
    assert qapp
    path = tmp_path / "org.pdf"
    write_pdf(org_report(), path, page_size=size)
    reader = PdfReader(path)
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    assert [words for words in SAID if squeezed(words) not in text] == []
    outline = {str(entry["/Title"]) for entry in reader.outline if isinstance(entry, dict)}
    assert {"Plan for the org", "Data storage", "API calls", "Checklist"} <= outline
    again = open_report(path)
    assert again.plan == org_report().plan
    assert again.checklist == org_report().checklist


def test_html_says_the_same() -> None:
    text = re.sub(r"<[^>]+>", "", report_html(org_report())).replace("&#x27;", "'")
    assert [words for words in SAID if squeezed(words) not in squeezed(text)] == []


def test_text_and_junit_know_who_confirmed() -> None:
    text = report_text(org_report())
    for words in ("Confirmed", "Plan for the org", "13.36", "[x]", "[!]", "[ ]", "ticket 12"):
        assert words in text
    assert b"Confirmed: A fixed public address" in report_junit(org_report())


def test_a_plan_without_a_report_is_a_pdf_too(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    path = tmp_path / "plan.pdf"
    report = org_report()
    write_plan_pdf(example_plan(), report.checklist, path, app_version="1.0")
    text = squeezed("".join(page.extract_text() for page in PdfReader(path).pages))
    for words in ("Plan for the org", "25 Nov 2026, 22:15 (UTC)", "natwizard 1.0", *SAID[2:]):
        assert squeezed(words) in text, words


def test_the_report_keeps_to_its_schema_and_masks_no_amount() -> None:
    schema = msgspec.json.decode(report_schema())
    for report in (org_report(), redact(org_report())):
        assert list(mismatches(msgspec.json.decode(report_json(report)), schema, schema)) == []
    assert redact(org_report()).plan == org_report().plan
    assert redact(redact(org_report())) == redact(org_report())


def test_a_report_of_before_opens_still(tmp_path: Path) -> None:
    value = msgspec.json.decode(report_json(ready()))
    for name in ("plan", "checklist"):
        del value[name]
    for finding in value["findings"]:
        del finding["answer"]
    path = tmp_path / "old.json"
    path.write_bytes(msgspec.json.encode(value))
    assert open_report(path).plan is None
    assert open_report(path).findings == ready().findings


def test_a_plan_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(msgspec.json.encode(example_plan()))
    assert open_plan(path) == example_plan()


def hostile() -> Report:
    """What somebody could write into a file: endless, steering, and with markup."""
    plan, report = example_plan(), org_report()
    assert plan.storage is not None
    text = "\x1b[31m[bold]<script>&" + "x" * 20_000
    part = structs.replace(plan.storage.parts[0], title=text, how=text)
    storage = structs.replace(plan.storage, title=text, parts=(part,) * 20)
    items = [structs.replace(item, topic=text, text=text) for item in report.checklist]
    return structs.replace(
        report, plan=structs.replace(plan, storage=storage), checklist=tuple(items)
    )


def test_a_hostile_plan_steers_nothing(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    write_pdf(hostile(), tmp_path / "hostile.pdf")
    assert len(PdfReader(tmp_path / "hostile.pdf").pages) < 40
    assert open_report(tmp_path / "hostile.pdf").plan is not None
    stream = io.StringIO()
    print_report(hostile(), Console(file=stream, width=80))
    assert "\x1b" not in stream.getvalue()
    assert "[bold]" in stream.getvalue()
    assert "\x1b" not in report_text(hostile())
    assert "<script>" not in report_html(hostile())


@pytest.mark.parametrize("amount", [-1.0, 1e300])
def test_amounts_that_no_input_can_bring_are_refused(amount: float, tmp_path: Path) -> None:
    plan = example_plan()
    assert plan.storage is not None
    total = structs.replace(plan.storage.total, per_month=amount)
    bad = structs.replace(plan, storage=structs.replace(plan.storage, total=total))
    path = tmp_path / "plan.json"
    path.write_bytes(msgspec.json.encode(bad))
    with pytest.raises(UnreadableReport, match="values that no input can bring"):
        open_plan(path)
    path.write_bytes(report_json(structs.replace(org_report(), plan=bad)))
    with pytest.raises(UnreadableReport, match="values that no run can bring"):
        open_report(path)


@given(st.binary(max_size=60) | st.just(b'{"made_at": "x", "storage": 7}'))
def test_any_file_is_answered_with_one_line(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plan.json")
        path.write_bytes(content)
        with pytest.raises(UnreadableReport) as refused:
            open_plan(path)
    assert "\n" not in str(refused.value)

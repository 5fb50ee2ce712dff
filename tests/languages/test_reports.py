"""Reports in four languages: the file says which, and its letters can be copied out again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs
from pypdf import PdfReader
from PySide6.QtWidgets import QApplication
from report.samples import not_ready
from report.views import report_text

from natwizard.languages import NAMES, use_language
from natwizard.model.finding import Status
from natwizard.model.report import Report
from natwizard.report.as_html import report_html
from natwizard.report.as_json import write_json
from natwizard.report.as_pdf import write_pdf
from natwizard.report.as_text import copy_for_helpdesk
from natwizard.report.open_report import open_report

LETTERS = {
    "en": "We couldn\u2019t see whether \u201ccalls\u201d work.",
    "de": "Größere Prüfungen über „UDP“ müssen ankommen; Straße, ÄÖÜ.",
    "fr": "L\u2019ordinateur reçoit déjà «\u00a0où\u00a0», cœur, Noël, ÉÈÀÇ.",
    "es": "¿Señal pequeña? ¡Año, corazón, pingüino, camión, Ñandú!",
}


def report_in(code: str) -> Report:
    """A report whose problems all speak with every letter of a language."""
    told = tuple(
        structs.replace(finding, summary=LETTERS[code])
        if finding.status is Status.FAIL
        else finding
        for finding in not_ready().findings
    )
    return structs.replace(not_ready(), language=code, findings=told, root_cause=None)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("code", NAMES)
def test_a_pdf_says_its_language_and_gives_its_letters_back(code: str, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    use_language("de" if code != "de" else "fr")  # the reader's language is another
    write_pdf(report_in(code), path)
    reader = PdfReader(path)
    assert reader.trailer["/Root"]["/Lang"] == code
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert "".join(LETTERS[code].split()) in text.replace("\u00a0", "")


@pytest.mark.parametrize("code", NAMES)
def test_a_page_says_its_language(code: str) -> None:
    page = report_html(report_in(code))
    assert f'<html lang="{code}">' in page


@pytest.mark.parametrize("code", NAMES)
def test_the_language_comes_back_from_the_file(code: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(report_in(code), path)
    assert open_report(path).language == code


@pytest.mark.parametrize("view", [report_text, copy_for_helpdesk, report_html])
@pytest.mark.parametrize("spoken", ["en", "de", "fr", "es"])
def test_what_a_report_says_does_not_depend_on_who_reads_it(
    view: Callable[[Report], str], spoken: str
) -> None:
    before = view(not_ready())
    use_language(spoken)
    assert view(not_ready()) == before


def test_a_report_of_an_earlier_version_is_english(tmp_path: Path, qapp: QApplication) -> None:
    assert qapp is not None
    path = tmp_path / "report.json"
    write_json(not_ready(), path)
    path.write_text(path.read_text("utf-8").replace('  "language": "en"', '  "later": 1'), "utf-8")
    assert open_report(path).language == "en"

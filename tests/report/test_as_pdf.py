"""The report as PDF: complete, readable, selectable, and our own program opens it again."""

import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QApplication
from report.samples import not_ready, overlong, ready

from natwizard.model.report import Report
from natwizard.report.as_json import report_json
from natwizard.report.as_pdf import write_pdf
from natwizard.report.document import LONGEST_CELL, TRIED_SHOWN
from natwizard.report.files import CannotWrite
from natwizard.report.open_report import open_report
from natwizard.report.pdf.text import PageSize
from natwizard.report.plain import plain, shortened
from natwizard.report.redact import redact

REPORTS = {"not_ready": redact(not_ready()), "ready": ready(), "overlong": overlong()}
LARGEST_BYTES = {"not_ready": 300_000, "ready": 300_000, "overlong": 500_000}
POPPLER = shutil.which("pdftotext") and shutil.which("pdftoppm")


@dataclass(frozen=True, slots=True)
class Printed:
    """A report on paper, and what another program reads on each page, without white space."""

    report: Report
    path: Path
    size: PageSize
    pages: tuple[str, ...]

    @property
    def text(self) -> str:
        """Of all pages, without what stands on every page."""
        return "".join(re.sub(r"^.*?Page\d+of\d+", "", page) for page in self.pages)


@pytest.fixture(scope="module", params=[(name, size) for name in REPORTS for size in PageSize])
def printed(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Printed:
    """Each report on each paper."""
    assert qapp is not None
    name, size = request.param
    path = tmp_path_factory.mktemp("pdf") / f"{name}.pdf"
    write_pdf(REPORTS[name], path, page_size=size)
    pages = tuple(squeezed(page.extract_text()) for page in PdfReader(path).pages)
    return Printed(REPORTS[name], path, size, pages)


def squeezed(text: str) -> str:
    """Without white space, as lines break where they must."""
    return "".join(text.split())


def wanted_texts(report: Report) -> list[str]:
    """What must be readable somewhere in the document."""
    texts = []
    for finding in report.findings:
        needs = finding.expected if finding.status != "not_applicable" else ""
        cells = (finding.title, finding.observed, needs)
        texts += [shortened(plain(cell), LONGEST_CELL) for cell in cells]
    for finding in report.findings:
        if finding.status in {"fail", "unknown", "borderline", "warn"}:
            texts += [plain(detail.text) for detail in finding.details]
            failed = [plain(line.target) for line in finding.tried if line.failed]
            texts += failed[:TRIED_SHOWN]
            texts += [plain(finding.remedy.text)] if finding.remedy else []
    return texts


def test_the_program_opens_its_own_pdf(printed: Printed) -> None:
    assert report_json(open_report(printed.path)) == report_json(printed.report)


def test_every_text_can_be_selected(printed: Printed) -> None:
    missing = [text for text in wanted_texts(printed.report) if squeezed(text) not in printed.text]
    assert missing == []


@pytest.mark.skipif(not POPPLER, reason="needs poppler-utils")
def test_another_reader_finds_the_texts_too(printed: Printed) -> None:
    done = subprocess.run(["pdftotext", "-raw", printed.path, "-"], capture_output=True, check=True)
    raw = done.stdout.decode()
    whole = squeezed(raw)
    titles = [plain(finding.title) for finding in printed.report.findings]
    assert [title for title in titles if squeezed(title) not in whole] == []
    for sign in "+:()./,-·":
        assert sign in whole


def test_copied_words_are_parted_by_spaces(printed: Printed) -> None:
    text = PdfReader(printed.path).pages[0].extract_text()
    assert f"Run code  {printed.report.run_code}" in text
    assert "\t" not in text


def test_every_page_names_the_run_and_counts(printed: Printed) -> None:
    for number, text in enumerate(printed.pages, 1):
        assert squeezed(printed.report.run_code) in text
        assert f"Page{number}of{len(printed.pages)}" in text
        assert squeezed("Webphone readiness report") in text


def test_the_first_page_answers_alone(printed: Printed) -> None:
    verdict = "Ready" if printed.report.verdict == "ready" else "Notready"
    for part in (verdict, "Workstation", "Tested", "Role", "Took", "Allresults", "ResultCheck"):
        assert part in printed.pages[0]
    assert ("Fixfirst" in printed.pages[0]) is (printed.report.verdict != "ready")


def test_the_table_repeats_its_head(printed: Printed) -> None:
    continued = [text for text in printed.pages if "Allresults,continued" in text]
    going_on = [text for text in printed.pages if "Continuedonpage" in text]
    assert len(continued) == len(going_on)
    assert all("ResultCheckMeasuredNeeded" in text for text in continued)


def test_it_is_small_on_the_right_paper_and_introduces_itself(printed: Printed) -> None:
    reader = PdfReader(printed.path)
    assert printed.path.stat().st_size < LARGEST_BYTES[printed.path.stem]
    box = reader.pages[0].mediabox
    expected = {PageSize.A4: (595, 842), PageSize.LETTER: (612, 792)}[printed.size]
    assert (round(box.width), round(box.height)) == expected
    assert reader.metadata is not None
    assert reader.metadata.title == f"Webphone readiness report: {printed.report.run_code}"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]
    titles = [item["/Title"] for item in reader.outline if not isinstance(item, list)]
    assert "All results" in titles
    assert "How this was measured" in titles


def test_fonts_are_embedded_with_their_characters(printed: Printed) -> None:
    for page in PdfReader(printed.path).pages:
        fonts = page["/Resources"]["/Font"]
        assert fonts
        assert all("/ToUnicode" in font.get_object() for font in fonts.values())


@pytest.mark.skipif(not POPPLER, reason="needs poppler-utils")
def test_nothing_is_drawn_on_the_margins(printed: Printed, tmp_path: Path) -> None:
    subprocess.run(["pdftoppm", "-r", "72", "-gray", printed.path, tmp_path / "page"], check=True)
    pictures = sorted(tmp_path.iterdir())
    assert pictures
    for picture in pictures:
        content = picture.read_bytes()
        header = content.split(b"\n", 3)
        width, height = map(int, header[1].split())
        rows = [header[3][width * row : width * (row + 1)] for row in range(height)]
        for row in rows:
            assert min(row[:42]) == min(row[-42:]) == 255
        for row in (*rows[:30], *rows[-26:]):
            assert min(row) == 255


def test_texts_to_paste_keep_their_lines(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp is not None
    write_pdf(not_ready(), tmp_path / "report.pdf")
    text = "\n".join(page.extract_text() for page in PdfReader(tmp_path / "report.pdf").pages)
    assert re.search(r"copper lamp\.\s*\n\s*Please see to this: Exempt", text)


def test_a_folder_is_no_place_for_a_pdf(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp is not None
    with pytest.raises(CannotWrite, match="folder"):
        write_pdf(ready(), tmp_path)
    assert list(tmp_path.iterdir()) == []


HEADLESS = """
import sys
from pathlib import Path
from report.samples import not_ready
from natwizard.report.as_pdf import write_pdf
from natwizard.report.files import CannotWrite
try:
    for number in (1, 2):
        write_pdf(not_ready(), Path(sys.argv[1]))
except CannotWrite as told:
    print(told)
"""


def in_a_process_of_its_own(path: Path, **more: str) -> str:
    """Without display and without Qt settings, as on a server."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment["PYTHONPATH"] = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", HEADLESS, str(path)],
        env=environment | more, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="a display is always there")
def test_it_needs_no_display_and_no_application(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    assert in_a_process_of_its_own(path) == ""
    assert "Not ready" in PdfReader(io.BytesIO(path.read_bytes())).pages[0].extract_text()


@pytest.mark.skipif(sys.platform != "linux", reason="fonts come with the system")
def test_without_any_font_it_says_so(tmp_path: Path) -> None:
    settings = tmp_path / "fonts.conf"
    settings.write_text(
        '<?xml version="1.0"?><fontconfig><dir>/nonexistent</dir>'
        f"<cachedir>{tmp_path}/cache</cachedir></fontconfig>"
    )
    path = tmp_path / "report.pdf"
    told = in_a_process_of_its_own(path, FONTCONFIG_FILE=str(settings))
    assert "this computer has no fonts" in told
    assert not path.exists()

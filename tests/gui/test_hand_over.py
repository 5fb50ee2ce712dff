"""From a row to its paragraph in the guide, and a name on what is saved."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.example_run import bad_findings, example_profile, finished, report_of
from msgspec import structs
from pypdf import PdfReader
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from natwizard.checks.catalogue import CHECKS
from natwizard.gui.actions import Command
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY
from natwizard.gui.widgets.buttons import LinkButton
from natwizard.gui.wizard import Wizard
from natwizard.model.finding import Page
from natwizard.model.profile import Answers
from natwizard.profiles.find import SHIPPED_PLACE
from natwizard.profiles.read import shipped_profile
from natwizard.report.as_json import write_json
from natwizard.report.open_report import open_report
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def wizard(qapp: QApplication) -> Iterator[Wizard]:
    control = RunControl(real_environment)
    made = Wizard(Appearance(qapp), control, example_profile(), "example", Answers())
    made.show()
    for event in finished(bad_findings()):
        control.model.apply(event, control.now_s())
    made.refresh()
    yield made
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def settle() -> None:
    for _round in range(8):
        QApplication.processEvents()


@pytest.mark.parametrize("check", ["port.webphone", "quality.jitter", "filter.tls_interception"])
def test_a_row_leads_to_its_paragraph(wizard: Wizard, check: str) -> None:
    page = next(each.page for each in CHECKS if each.name == check)
    wizard.profile_choice.use(shipped_profile(), SHIPPED_PLACE)
    wizard.go_to(PAGE_IDS[page])
    rows = wizard.check_pages[page].rows
    if rows.open_check != check:  # what is wrong is open already
        rows.open_row(check, animated=False)
    panel = rows.rows[check].panel
    assert panel is not None
    (link,) = (each for each in panel.findChildren(QPushButton)
               if each.text() == "What this row means")  # fmt: skip
    link.click()
    settle()
    from natwizard.gui.guide_window import GuideWindow

    guide = wizard.findChild(GuideWindow)
    assert guide is not None
    heading = guide.places[check]
    top = heading.mapTo(guide.area.viewport(), heading.rect().topLeft()).y()
    bar = guide.area.verticalScrollBar()
    assert 0 <= top < 60 or bar.value() == bar.maximum()
    assert 0 <= top < guide.area.viewport().height()
    told = [each.text() for each in guide.findChildren(QLabel)]
    assert next(each.meaning for each in CHECKS if each.name == check) in told
    guide.close()


def test_the_guide_has_every_row_and_nothing_is_cut(wizard: Wizard) -> None:
    wizard.profile_choice.use(shipped_profile(), SHIPPED_PLACE)
    wizard.session.actions[Command.GUIDE].trigger()
    settle()
    from natwizard.gui.guide_window import GuideWindow

    guide = wizard.findChild(GuideWindow)
    assert guide is not None
    assert {each.id for each in shipped_profile().requirements} == set(guide.places)
    wide = guide.area.viewport().width()
    for text in guide.area.findChildren(QLabel):
        assert text.mapTo(guide.area.viewport(), text.rect().topRight()).x() <= wide
    guide.close()


def test_links_go_to_the_source_and_nowhere_else(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    wizard.go_to(PAGE_IDS[Page.UDP_MEDIA])
    rows = wizard.check_pages[Page.UDP_MEDIA].rows
    rows.open_row("quality.mos", animated=False)
    panel = rows.rows["quality.mos"].panel
    assert panel is not None
    (link,) = panel.findChildren(LinkButton)
    link.click()
    assert [url.toString() for url in opened] == ["https://docs.example.com"]


Saved = Callable[[str], str]


def test_the_name_goes_into_pdf_and_html_only(wizard: Wizard, tmp_path: Path) -> None:
    wizard.go_to(SUMMARY)
    assert wizard.summary.name_field.isVisible()
    assert wizard.summary.reference() == ""
    wizard.summary.name_field.setText("  INC-20417 ")
    report = wizard.control.model.report
    assert report is not None
    reports = wizard.session.reports
    reports.reference = wizard.summary.reference()
    for suffix in ("pdf", "html", "json"):
        assert reports.write(report, tmp_path / f"r.{suffix}")
    first = PdfReader(tmp_path / "r.pdf").pages[0].extract_text()
    assert "INC-20417" in first
    assert "INC-20417" in (tmp_path / "r.html").read_text("utf-8")
    assert "INC-20417" not in (tmp_path / "r.json").read_text("utf-8")
    # the computer's and the person's own names are masked all the same
    assert "DESK-7" not in (tmp_path / "r.html").read_text("utf-8")
    assert open_report(tmp_path / "r.pdf").reference == "INC-20417"


def test_a_save_takes_the_name_of_now(wizard: Wizard, monkeypatch: pytest.MonkeyPatch) -> None:
    wizard.go_to(SUMMARY)
    monkeypatch.setattr(wizard.session.reports, "_ask_save", lambda *_args, **_options: None)
    for command in (Command.SAVE_PDF, Command.SAVE_HTML):
        wizard.summary.name_field.setText(command.name)
        wizard.session.actions[command].trigger()
        assert wizard.session.reports.reference == command.name
    wizard.summary.name_field.setText("")
    wizard.session.actions[Command.SAVE_HTML].trigger()
    assert wizard.session.reports.reference == ""


def test_an_opened_report_shows_the_name_it_came_with(wizard: Wizard, tmp_path: Path) -> None:
    write_json(structs.replace(report_of(bad_findings()), reference="Desk 4"), tmp_path / "r.json")
    wizard.open_report(tmp_path / "r.json")
    wizard.go_to(SUMMARY)
    assert wizard.summary.reference() == "Desk 4"


def test_the_name_survives_another_language(wizard: Wizard) -> None:
    wizard.go_to(SUMMARY)
    wizard.summary.name_field.setText("INC-20417")
    wizard.language.choose("de")
    try:
        assert wizard.summary.reference() == "INC-20417"
    finally:
        wizard.language.choose("en")

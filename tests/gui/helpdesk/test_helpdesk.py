"""What the helpdesk does with the window: hide names, history, comparison, files dropped on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from computers.platforms import keep_data_in
from gui.example_run import (
    bad_findings,
    events_until,
    example_profile,
    finished,
    good_findings,
    report_of,
)
from gui.test_wizard import cut_off
from languages.pseudo import PSEUDO
from msgspec import structs
from PySide6.QtCore import QEvent, QMimeData, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from report.watch_samples import watch

from natwizard.gui.app import qt_screens
from natwizard.gui.helpdesk.compare_window import ChangeRow, CompareWindow
from natwizard.gui.helpdesk.desk_window import Column, shared_widths
from natwizard.gui.helpdesk.history_window import GLYPH, VERDICT, HistoryWindow
from natwizard.gui.helpdesk.tools import READ_MS
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY
from natwizard.gui.widgets.saved_notice import SavedNotice
from natwizard.gui.wizard import Wizard
from natwizard.languages import NAMES, use_language
from natwizard.model.events import CheckJudged, Event
from natwizard.model.finding import Page, Status
from natwizard.model.language import speak
from natwizard.model.profile import Answers, Role
from natwizard.model.report import Readiness, Report
from natwizard.report.as_json import write_json
from natwizard.report.as_pdf import write_pdf
from natwizard.report.open_report import open_report
from natwizard.report.redact import redact
from natwizard.report.store import StoredRun, keep_report, stored_runs
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)")

Make = Callable[..., Wizard]


@pytest.fixture
def make(
    qtbot: QtBot, look: Appearance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Make]:
    """Makes windows that keep their runs in a folder of the test."""
    keep_data_in(tmp_path / "data", monkeypatch)
    made: list[Wizard] = []

    def make_one(events: list[Event] | None = None) -> Wizard:
        control = RunControl(lambda: real_environment(qt_screens()))
        wizard = Wizard(look, control, example_profile(), "example", Answers())
        made.append(wizard)
        with qtbot.waitActive(wizard):
            wizard.show()
            wizard.activateWindow()
        feed(wizard, events or [])
        return wizard

    yield make_one
    for wizard in made:
        wizard.close()
        assert wizard.control.close()
        wizard.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def feed(wizard: Wizard, events: list[Event]) -> None:
    for event in events:
        wizard.control.model.apply(event, wizard.control.now_s())
    wizard.control.changed.emit()


def numbered(report: Report, number: int) -> Report:
    return structs.replace(
        report,
        run_id=f"{number:08x}-0000-4000-8000-000000000000",
        run_code=f"code {number}",
        started_at=f"2026-11-{10 + number:02}T10:00:00.000+01:00",
    )


def with_name(report: Report) -> Report:
    """The user's own name stands in what a finding measured."""
    first = structs.replace(report.findings[0], observed="in the folder of kimberley")
    machine = structs.replace(report.machine, user_name="kimberley")
    return structs.replace(report, findings=(first, *report.findings[1:]), machine=machine)


def history_of(qtbot: QtBot, wizard: Wizard) -> HistoryWindow:
    window = wizard.desk.show_history()
    assert window is not None
    qtbot.waitUntil(lambda: window.empty.text() != "Reading...")
    return window


def test_the_switch_hides_names_on_screen_and_brings_them_back(make: Make) -> None:
    report = with_name(report_of(good_findings()))
    wizard = make()
    wizard.control.open(report)
    wizard.go_to(PAGE_IDS[Page.BROWSERS])
    [row] = [row for check, row in wizard.check_pages[Page.BROWSERS].rows.rows.items()
             if check == report.findings[0].check]  # fmt: skip
    assert "kimberley" in row.header.accessibleDescription()
    wizard.step_list.tools.names.click()
    assert "kimberley" not in row.header._second
    assert wizard.control.model.shown_report == redact(report)
    assert wizard.control.model.report is report
    wizard.step_list.tools.names.click()
    assert "kimberley" in row.header._second
    assert wizard.control.model.shown_report is report


def test_names_are_hidden_before_there_is_a_report(make: Make) -> None:
    wizard = make()
    told = structs.replace(good_findings()[0], observed="seen as 203.0.113.77")
    wizard.step_list.tools.names.click()
    feed(wizard, events_until((told, *good_findings()[1:]), Page.COMPUTER))
    assert wizard.control.model.report is None
    finding = wizard.control.model.finding(told.check)
    assert finding is not None
    assert "203.0.113.77" not in finding.observed
    assert finding is wizard.control.model.finding(told.check), "masked once, not at each look"


def test_hidden_names_stay_out_of_copies_whatever_the_menu_says(make: Make) -> None:
    wizard = make()
    report = with_name(report_of(good_findings()))
    wizard.control.open(report)
    wizard.actions_on_report.show_names = True
    assert wizard.actions_on_report._as_shared(report) is report
    wizard.step_list.tools.names.click()
    assert wizard.actions_on_report._as_shared(report).redacted


@pytest.mark.parametrize("suffix", [".json", ".pdf"])
def test_a_report_dropped_on_the_window_is_opened(make: Make, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"report{suffix}"
    write = write_json if suffix == ".json" else write_pdf
    write(report_of(bad_findings()), path)
    wizard = make()
    drop(wizard, path)
    assert wizard.control.model.stage is RunStage.OPENED
    assert wizard.currentId() == SUMMARY
    assert wizard.control.model.report == report_of(bad_findings())
    assert "opened from a file" in wizard.summary.strip.text.text()


def test_other_files_and_running_checks_take_no_drop(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(report_of(bad_findings()), path)
    (tmp_path / "notes.txt").write_text("mine")
    wizard = make(events_until(good_findings(), Page.EDNS))
    drop(wizard, path)
    assert wizard.control.model.stage is RunStage.RUNNING
    idle = make()
    drop(idle, tmp_path / "notes.txt")
    assert idle.control.model.stage is RunStage.IDLE


def drop(wizard: Wizard, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPointF(9, 9).toPoint(), action, data, left, none)
    QApplication.sendEvent(wizard, entering)
    if entering.isAccepted():
        QApplication.sendEvent(wizard, QDropEvent(QPointF(9, 9), action, data, left, none))


def test_history_lists_opens_and_deletes_runs_by_keyboard(qtbot: QtBot, make: Make) -> None:
    for number in range(3):
        keep_report(numbered(report_of(bad_findings()), number))
    wizard = make()
    window = history_of(qtbot, wizard)
    shown = [window.table.runs.index(row, 3).data() for row in range(3)]
    assert shown == ["code 2", "code 1", "code 0"]
    assert window.table.runs.index(0, 1).data() == "Not ready"
    assert window.table.runs.index(0, 4).data() == "Wi-Fi 5 GHz, signal 62 %"
    qtbot.keyClick(window.table, Qt.Key.Key_Down)
    qtbot.keyClick(window.table, Qt.Key.Key_Delete)
    [box] = window.findChildren(QMessageBox)
    with qtbot.waitSignal(window.loaded):
        qtbot.mouseClick(box.buttons()[0], Qt.MouseButton.LeftButton)
    assert [run.run_code for run in stored_runs()] == ["code 2", "code 0"]
    qtbot.keyClick(window.table, Qt.Key.Key_Return)
    report = wizard.control.model.report
    assert report is not None
    assert report.run_code == "code 0"
    assert wizard.currentId() == SUMMARY


def test_history_says_so_where_nothing_is_kept(qtbot: QtBot, make: Make) -> None:
    window = history_of(qtbot, make())
    assert window.empty.isVisible()
    assert "No run is kept" in window.empty.text()
    buttons = (window.open_run, window.save, window.delete, window.compare)
    assert not any(button.isEnabled() for button in buttons)
    window.close()


def test_a_run_of_the_history_is_saved_in_its_window_and_not_under_another_name(
    qtbot: QtBot, make: Make, tmp_path: Path
) -> None:
    """The window below can be neither seen nor reached; what was typed there is of another run."""
    keep_report(numbered(report_of(bad_findings()), 1))
    wizard = make(finished(good_findings()))
    wizard.session.reports.reference = "INC-20417"
    window = history_of(qtbot, wizard)
    qtbot.mouseClick(window.save, Qt.MouseButton.LeftButton)
    [dialog] = window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "of-then.pdf"))
    dialog.reject()
    [notice] = window.findChildren(SavedNotice)
    assert notice.isVisible()
    assert notice.line.text() == "Saved: of-then.pdf"
    assert open_report(tmp_path / "of-then.pdf").reference == ""
    qtbot.mouseClick(window.save, Qt.MouseButton.LeftButton)
    window.findChildren(QFileDialog)[-1].fileSelected.emit(str(tmp_path / "missing" / "r.pdf"))
    [box] = window.findChildren(QMessageBox)
    assert box.text() == "The report was not saved."
    box.close()
    window.close()


KINDS = (
    (Readiness.READY_TO_PUBLIC, Role.WEBPHONE, "Wi-Fi, Office-of-the-third-floor, 5 GHz"),
    (Readiness.PARTLY_CHECKED, Role.OVER_THE_TOP, "VPN over Ethernet"),
    (Readiness.NOT_READY, Role.SIP_DEVICE, ""),
)


@pytest.mark.parametrize("code", NAMES)
@pytest.mark.parametrize("size", [(920, 600), (860, 600), (683, 350)])
def test_every_word_of_the_history_is_seen(
    qtbot: QtBot, look: Appearance, code: str, size: tuple[int, int]
) -> None:
    """In narrow windows texts wrap; nothing has to be scrolled sideways, and no sign is lost."""
    use_language(code)
    parent = QWidget()
    qtbot.addWidget(parent)
    window = HistoryWindow(look, parent, Path("/nonexistent"))
    reading = window.empty.text()
    window.setMinimumSize(0, 0)
    window.resize(*size)
    window.show()
    qtbot.waitUntil(lambda: window.empty.text() != reading)
    table = window.table
    table.set_runs(tuple(
        StoredRun(path=Path(), run_id="", started_at="2026-11-30T10:00:00+01:00",
                  run_code="crystal clay heron beacon", verdict=verdict, role=role,
                  network=network)
        for verdict, role, network in KINDS
    ))  # fmt: skip
    table.show()
    for _round in range(3):
        QApplication.processEvents()
    assert table.horizontalScrollBar().maximum() == 0
    metrics = table.fontMetrics()
    for row in range(len(KINDS)):
        for column in range(table.runs.columnCount()):
            index = table.runs.index(row, column)
            box = table.visualRect(index)
            icon = look.px(GLYPH) if column == VERDICT else 0
            room = QRect(0, 0, box.width() - 2 * look.px(8) - icon, 10_000)
            told = str(table.runs.data(index))
            needed = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, told)
            assert needed.width() <= room.width(), told
            assert needed.height() <= box.height(), told
    titles = table.horizontalHeader()
    for column in range(table.runs.columnCount()):
        assert titles.sectionSizeHint(column) <= titles.sectionSize(column)


def test_columns_give_way_in_turn_and_none_below_its_widest_word() -> None:
    columns = [Column(100, 60, 16), Column(300, 90, 34), Column(200, 80, 16)]
    assert shared_widths(columns, 700) == [100, 300, 300]
    assert shared_widths(columns, 300) == [60, 144, 96]
    assert shared_widths(columns, 240) == [60, 100, 80]
    assert shared_widths(columns, 100) == [60, 90, 80]


def test_two_runs_of_the_history_are_compared(qtbot: QtBot, make: Make) -> None:
    keep_report(numbered(report_of(good_findings()), 0))
    keep_report(numbered(report_of(bad_findings()), 1))
    wizard = make()
    window = history_of(qtbot, wizard)
    assert not window.compare.isEnabled()
    window.table.selectAll()
    assert window.compare.isEnabled()
    qtbot.mouseClick(window.compare, Qt.MouseButton.LeftButton)
    [compared] = [each for each in wizard.findChildren(CompareWindow) if each.isVisible()]
    assert compared.comparison is not None
    assert (compared.comparison.code_before, compared.comparison.code_after) == ("code 0", "code 1")
    compared.close()
    window.close()


def test_a_comparison_names_changes_and_folds_the_rest(
    qtbot: QtBot, make: Make, tmp_path: Path
) -> None:
    keep_report(numbered(report_of(good_findings()), 0))
    wizard = make(finished(bad_findings()))
    window = wizard.desk.show_comparison()
    assert window is not None
    rows = window.findChildren(ChangeRow)
    assert rows[0].accessibleName() == "Webphone port: was OK, is Problem"
    assert rows[0].accessibleDescription() == "open, 24 ms \u2192 no answer in 3 tries of 3 s"
    assert not window.folded.isVisible()
    qtbot.mouseClick(window.fold, Qt.MouseButton.LeftButton)
    assert window.folded.isVisible()
    qtbot.mouseClick(window.copy, Qt.MouseButton.LeftButton)
    assert "Webphone port: OK -> Problem" in QGuiApplication.clipboard().text()
    path = tmp_path / "same.json"
    write_json(report_of(bad_findings()), path)
    window.before.add_file(path)
    assert window.comparison is None, "nobody learns anything from a run against itself"
    write_json(numbered(report_of(bad_findings()), 3), path)
    window.before.add_file(path)
    assert window.comparison is not None
    assert window.comparison.statuses == ()
    window.before.add_file(tmp_path / "missing.json")
    assert "missing.json" in window.before.wrong.text()
    window.close()


def test_a_comparison_hides_what_the_window_hides(make: Make) -> None:
    keep_report(with_name(numbered(report_of(good_findings()), 0)))
    wizard = make(finished(bad_findings()))
    for hidden in (False, True):
        wizard.control.hide_names(hidden=hidden)
        window = wizard.desk.show_comparison()
        assert window is not None
        assert window.before.report is not None
        assert window.before.report.redacted is hidden
        window.close()


def test_only_what_did_not_pass_runs_again(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    wizard.control.start(wizard.plan())
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000) as ended:
        pass
    report = ended.args[0]
    memory = next(each for each in report.findings if each.check == "computer.ram")
    broken = structs.replace(memory, status=Status.FAIL)
    feed(wizard, [CheckJudged(finding=broken)])
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000):
        wizard.desk.run_failed_again()
    again = wizard.control.model.finding("computer.ram")
    assert again is not None
    assert again.status is memory.status


def test_pages_turn_by_themselves_until_the_person_takes_over(qtbot: QtBot, make: Make) -> None:
    wizard = make(events_until(good_findings(), Page.FIREWALL_PORTS))
    wizard.go_to(PAGE_IDS[Page.COMPUTER])
    wizard.welcome.turn_pages.setChecked(True)
    wizard.control.changed.emit()
    turned = PAGE_IDS[Page.FIREWALL_PORTS]
    qtbot.waitUntil(lambda: wizard.currentId() == turned, timeout=3 * READ_MS)
    wizard.step_list.chosen.emit(PAGE_IDS[Page.COMPUTER])
    wizard.control.changed.emit()
    qtbot.wait(50)
    assert not wizard.turner._timer.isActive()
    assert wizard.currentId() == PAGE_IDS[Page.COMPUTER]


def test_a_kept_run_reads_back_as_it_was(tmp_path: Path) -> None:
    report = report_of(bad_findings())
    assert open_report(keep_report(report, tmp_path)) == report


@pytest.mark.parametrize("size", [(860, 600), (640, 480)])
def test_no_window_of_the_helpdesk_cuts_a_longer_language(
    qtbot: QtBot, make: Make, size: tuple[int, int]
) -> None:
    keep_report(numbered(report_of(good_findings()), 0))
    wizard = make(finished(bad_findings()))
    speak(PSEUDO)
    history, compared = history_of(qtbot, wizard), wizard.desk.show_comparison()
    watching = wizard.desk.show_watch()
    assert compared is not None
    assert watching is not None
    watching.show_record(watch(5))
    compared.fold.click()
    for window in (history, compared, watching):
        window.resize(*size)
        QApplication.processEvents()
        window.grab()
        assert cut_off(window) == [], type(window).__name__
        window.close()


@pytest.mark.parametrize("code", NAMES)
def test_alt_letters_within_a_window_differ(qtbot: QtBot, make: Make, code: str) -> None:
    keep_report(numbered(report_of(good_findings()), 0))
    wizard = make(finished(bad_findings()))
    use_language(code)
    windows = (history_of(qtbot, wizard), wizard.desk.show_comparison(), wizard.desk.show_watch())
    for window in windows:
        assert window is not None
        buttons = window.findChildren(QAbstractButton)
        letters = [button.shortcut().toString() for button in buttons]
        told = [letter for letter in letters if letter]
        assert len(told) == len(set(told)), [button.text() for button in buttons]
        window.close()

"""The watch beside the wizard: what waits for what, what asks before it ends, what is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from computers.platforms import keep_data_in
from gui.example_run import events_until, good_findings, report_of
from gui.probe_threads import ProbeThreads
from msgspec import structs
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from report.watch_samples import watch

from natwizard.gui.helpdesk.history_window import HistoryWindow
from natwizard.gui.helpdesk.watch_controller import KEEP_EVERY_S
from natwizard.gui.helpdesk.watch_window import WatchWindow
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.step_list_view import SUMMARY, WELCOME
from natwizard.gui.wizard import Wizard
from natwizard.languages import use_language
from natwizard.model.events import Event
from natwizard.model.finding import Page
from natwizard.model.profile import Answers, Profile, Targets
from natwizard.report.store import keep_report, keep_watch, stored
from natwizard.report.watch_files import masked_watch, write_watch
from natwizard.system.environment import real_environment

pytestmark = [
    pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)"),
    pytest.mark.xdist_group("whole runs"),
]

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def wizard(
    qtbot: QtBot, look: Appearance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    demo_profile: Profile, demo_targets: Targets, probe_threads: ProbeThreads,
) -> Iterator[Wizard]:  # fmt: skip
    """Pointed at a real reflector; keeps in a folder of the test."""
    keep_data_in(tmp_path / "data", monkeypatch)
    profile = structs.replace(demo_profile, targets=demo_targets)
    control = RunControl(real_environment)
    made = Wizard(look, control, profile, "example", Answers(), ReportSaver())
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    made.desk.shut()
    made.close()
    assert control.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not probe_threads.left()


def watching(qtbot: QtBot, wizard: Wizard) -> WatchWindow:
    """A watch that has seen something."""
    window = wizard.desk.show_watch()
    qtbot.mouseClick(window.start, LEFT)
    qtbot.waitUntil(lambda: window.chart.isVisible(), timeout=15_000)
    return window


def boxes(parent: QWidget) -> list[QMessageBox]:
    return [box for box in parent.findChildren(QMessageBox) if box.isVisible()]


def feed(wizard: Wizard, events: list[Event]) -> None:
    for event in events:
        wizard.control.model.apply(event, wizard.control.now_s())
    wizard.control.changed.emit()


def test_pages_are_read_while_a_watch_goes_on_and_no_check_starts(
    qtbot: QtBot, wizard: Wizard
) -> None:
    window = watching(qtbot, wizard)
    assert not window.isModal()
    assert window.parent() is None, "a window of its own can be minimised and stands in the bar"
    assert "to go" in window.windowTitle()
    window.showMinimized()
    wizard.go_to(SUMMARY)
    assert wizard.currentId() == SUMMARY
    wizard.go_to(WELCOME)
    wizard.start()
    assert wizard.control.model.stage is RunStage.IDLE
    assert wizard.currentId() == WELCOME
    [box] = boxes(wizard)
    assert "being watched" in box.text()
    qtbot.mouseClick(box.buttons()[0], LEFT)
    assert not window.isMinimized()
    assert wizard.desk.show_watch() is window
    qtbot.mouseClick(window.start, LEFT)
    qtbot.waitUntil(lambda: not wizard.desk.watch.control.watching)
    assert not wizard.control.refuses()


def test_an_address_is_not_tried_while_a_watch_goes_on(qtbot: QtBot, wizard: Wizard) -> None:
    watching(qtbot, wizard)
    sibling = wizard.control.sibling()
    for control in (wizard.control, sibling):
        with qtbot.waitSignals([control.refused, control.test_progressed], timeout=1000):
            control.test(wizard.plan())
        assert not control.testing
    [box, *_more] = boxes(wizard)
    box.close()


def test_no_watch_starts_while_checks_run(wizard: Wizard) -> None:
    feed(wizard, events_until(good_findings(), Page.EDNS))
    window = wizard.desk.show_watch()
    window._on_start()
    assert "checks are running" in window.state.text()
    assert not wizard.desk.watch.control.watching


def test_closing_asks_while_a_watch_goes_on_and_keeps_what_was_seen(
    qtbot: QtBot, wizard: Wizard
) -> None:
    window = watching(qtbot, wizard)
    code = wizard.desk.watch.control.record
    wizard.close()
    assert wizard.isVisible()
    [box] = boxes(wizard)
    assert box.text() == "Stop watching?"
    qtbot.mouseClick(box.buttons()[1], LEFT)
    assert wizard.isVisible()
    assert wizard.desk.watch.control.watching, "go on means that it goes on"
    window.close()
    assert window.isVisible()
    [box] = boxes(window)
    box.close()
    wizard.reject()
    [box] = boxes(wizard)
    qtbot.mouseClick(box.buttons()[0], LEFT)
    qtbot.waitUntil(lambda: not wizard.isVisible(), timeout=3000)
    [kept] = stored()
    assert code is not None
    assert kept.run_code == code.run_code


def test_the_watchs_own_window_asks_stops_and_closes(qtbot: QtBot, wizard: Wizard) -> None:
    window = watching(qtbot, wizard)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    [box] = boxes(window)
    qtbot.mouseClick(box.buttons()[0], LEFT)
    qtbot.waitUntil(lambda: wizard.desk.watch.window is None, timeout=3000)
    qtbot.waitUntil(lambda: len(stored()) == 1)
    assert wizard.isVisible()


@pytest.mark.parametrize("own", [True, False], ids=["own window", "wizard"])
def test_the_question_goes_where_the_watch_ends_by_itself(
    qtbot: QtBot, wizard: Wizard, *, own: bool
) -> None:
    window = watching(qtbot, wizard)
    asking = window if own else wizard
    asking.close()
    assert len(boxes(asking)) == 1
    wizard.desk.watch.control.stop()  # as its time does
    qtbot.waitUntil(lambda: not wizard.desk.watch.control.watching, timeout=10_000)
    qtbot.waitUntil(lambda: not boxes(asking))
    assert asking.isVisible(), "nobody said that it may close"


def test_a_window_that_is_put_away_without_asking_keeps_its_watch(
    qtbot: QtBot, wizard: Wizard
) -> None:
    watching(qtbot, wizard)
    wizard.desk.shut()
    assert len(stored()) == 1


def test_a_long_watch_is_kept_now_and_then_while_it_goes_on(qtbot: QtBot, wizard: Wizard) -> None:
    door = wizard.desk.watch
    record = watch(5)
    for lasted_s in (1.0, KEEP_EVERY_S - 1, KEEP_EVERY_S + 1, KEEP_EVERY_S + 2):
        door.control.progressed.emit(structs.replace(record, lasted_s=lasted_s))
    qtbot.waitUntil(lambda: len(stored()) == 1)
    [kept] = stored()
    assert kept.lasted_s == KEEP_EVERY_S + 1  # type: ignore[union-attr]
    door.control.record = record
    door.control.ended.emit("")
    qtbot.waitUntil(lambda: stored()[0].lasted_s == record.lasted_s)  # type: ignore[union-attr]
    assert len(stored()) == 1


def test_another_language_finds_the_watch_still_going(qtbot: QtBot, wizard: Wizard) -> None:
    before = watching(qtbot, wizard)
    record = wizard.desk.watch.control.record
    wizard.desk.show_saved_watch(watch(4))
    use_language("de")
    wizard.language.changed.emit()
    after = wizard.desk.watch.window
    assert after is not None
    assert after is not before
    assert after.start.accessibleName() == "Beenden"
    assert [each.saved for each in wizard.desk.watch.saved] == [watch(4)]
    assert wizard.desk.watch.control.watching
    with qtbot.waitSignal(wizard.desk.watch.control.progressed, timeout=3000):
        pass
    assert after.record is not None
    assert record is not None
    assert after.record.run_id == record.run_id


@pytest.mark.parametrize("suffix", ["json", "pdf"])
def test_a_saved_watch_is_shown_as_it_was(wizard: Wizard, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w.{suffix}"
    write_watch(watch(5), path)
    assert wizard.open_report(path)
    [window] = wizard.desk.watch.saved
    assert window.record == watch(5)
    assert window.header.pill.accessibleName() == "4 bad moments"
    assert window.log.moments.rowCount() == 5
    assert "between 23 and" in window.chart.accessibleName()
    assert "media.example.com:862" in window.methods.text()
    assert "DESK-7" in window.methods.text()
    assert "maple river copper lamp" in window.windowTitle()
    assert wizard.control.model.stage is RunStage.IDLE, "the run in the wizard stays"
    assert wizard.open_report(path)
    assert len(wizard.desk.watch.saved) == 1, "the same one comes to the front"
    window.close()
    assert wizard.desk.watch.saved == []


def test_hidden_names_are_hidden_in_a_saved_watch_too(wizard: Wizard) -> None:
    window = wizard.desk.show_saved_watch(watch(5))
    wizard.control.hide_names(hidden=True)
    assert "DESK-7" not in window.methods.text()
    assert window.record == masked_watch(watch(5))
    wizard.control.hide_names(hidden=False)
    assert "DESK-7" in window.methods.text()


def test_a_file_that_is_no_watch_is_told(wizard: Wizard, tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    path.write_text('{"kind": "watch", "schema_version": 1}')
    assert not wizard.open_report(path)
    [box] = boxes(wizard)
    assert box.text() == "This file cannot be opened as a report."
    box.close()


def test_history_lists_opens_and_deletes_watches_beside_runs(qtbot: QtBot, wizard: Wizard) -> None:
    keep_report(report_of(good_findings()))
    keep_watch(structs.replace(watch(5), started_at="2026-11-23T09:00:00.000+01:00"))
    window = history_of(qtbot, wizard)
    cells = [window.table.runs.index(0, column).data() for column in range(5)]
    assert cells[1:4] == ["4 bad moments", "Watch, 1\u00a0h", "maple river copper lamp"]
    assert window.table.runs.index(1, 2).data() == "Calls in the browser"
    window.table.selectAll()
    assert not window.compare.isEnabled(), "a watch is no run to compare with"
    window.table.selectRow(0)
    qtbot.keyClick(window.table, Qt.Key.Key_Return)
    [saved] = wizard.desk.watch.saved
    assert saved.record is not None
    assert saved.record.run_code == "maple river copper lamp"
    again = history_of(qtbot, wizard)
    again.table.selectRow(0)
    qtbot.keyClick(again.table, Qt.Key.Key_Delete)
    [box] = boxes(again)
    assert box.text() == "Delete this watch?"
    with qtbot.waitSignal(again.loaded):
        qtbot.mouseClick(box.buttons()[0], LEFT)
    assert again.table.runs.index(0, 2).data() == "Calls in the browser"
    assert len(stored()) == 1
    again.close()


def history_of(qtbot: QtBot, wizard: Wizard) -> HistoryWindow:
    window = wizard.desk.show_history()
    assert window is not None
    qtbot.waitUntil(lambda: window.empty.text() != "Reading...")
    return window

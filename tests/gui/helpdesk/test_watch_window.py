"""The window that watches a connection, against a real reflector."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.example_run import example_profile
from gui.probe_threads import ProbeThreads
from msgspec import structs
from pypdf import PdfReader
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from report.watch_samples import watch, watch_with_call

from natwizard.gui.helpdesk.watch_runner import WatchRunner
from natwizard.gui.helpdesk.watch_window import WatchWindow
from natwizard.gui.look.appearance import Appearance
from natwizard.model.profile import Profile, Targets
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def window(
    look: Appearance, parent: QWidget, demo_profile: Profile, demo_targets: Targets,
    probe_threads: ProbeThreads,
) -> Iterator[WatchWindow]:  # fmt: skip
    pointed = structs.replace(demo_profile, targets=demo_targets)
    control = WatchRunner(lambda: pointed, real_environment)
    made = WatchWindow(look, parent, control, lambda: False)
    made.show()
    yield made
    control.close()
    made.reject()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not probe_threads.left()


@pytest.mark.xdist_group("whole runs")
def test_a_watch_fills_the_chart_stops_at_once_and_is_saved(
    qtbot: QtBot, window: WatchWindow, tmp_path: Path
) -> None:
    assert not window.save.isEnabled()
    qtbot.mouseClick(window.start, Qt.MouseButton.LeftButton)
    assert window.start.accessibleName() == "Stop watching"
    qtbot.waitUntil(lambda: window.chart.isVisible(), timeout=15_000)
    assert "to go" in window.header.pill.accessibleName()
    with qtbot.waitSignal(window._control.ended, timeout=1_500) as ended:
        qtbot.mouseClick(window.start, Qt.MouseButton.LeftButton)
    assert ended.args == [""]
    assert window.start.accessibleName() == "Start watching"
    record = window._control.record
    assert record is not None
    assert record.figures.sent > 0
    assert record.figures.websocket_s > 0
    for suffix in ("json", "csv", "pdf"):
        assert window.saving.write(record, tmp_path / f"watch.{suffix}")
    saved = json.loads((tmp_path / "watch.json").read_text("utf-8"))
    assert saved["run_code"] == record.run_code
    assert saved["redacted"]
    rows = list(csv.DictReader((tmp_path / "watch.csv").read_text("utf-8").splitlines()))
    assert len(rows) == len(record.columns)
    assert record.run_code in PdfReader(tmp_path / "watch.pdf").pages[0].extract_text()


def test_a_call_is_offered_where_there_is_a_media_server_and_a_browser(
    look: Appearance, parent: QWidget, demo_profile: Profile, demo_targets: Targets
) -> None:
    turn = structs.replace(demo_targets, turn="127.0.0.1:3478")
    for targets, opens, offered in (
        (turn, True, True), (turn, False, False), (demo_targets, True, False),
    ):  # fmt: skip
        profile = structs.replace(demo_profile, targets=targets)
        opener = (lambda _url: True) if opens else None
        control = WatchRunner(
            lambda profile=profile: profile,  # type: ignore[misc]
            lambda opener=opener: real_environment(open_page=opener),  # type: ignore[misc]
        )
        made = WatchWindow(look, parent, control, lambda: False)
        assert made.holds_call.isVisibleTo(made) is offered
        control.close()
        made.deleteLater()


def test_a_call_is_drawn_below_the_line(window: WatchWindow) -> None:
    window.show_record(watch(4))
    assert not window.call.isVisible()
    assert not window.call_chart.isVisible()
    window.show_record(watch_with_call())
    assert "1.81" in window.call.text()
    assert "made up" in window.call_chart.accessibleName()


def test_a_place_that_cannot_be_written_is_told(window: WatchWindow, tmp_path: Path) -> None:
    assert not window.saving.write(watch(), tmp_path / "nowhere" / "watch.csv")
    [box] = window.findChildren(QMessageBox)
    assert box.text() == "The watch was not saved."
    box.close()


def test_bad_moments_are_listed_newest_first(window: WatchWindow) -> None:
    window.show_record(watch(5))
    shown = [window.log.moments.index(row, 1).data() for row in range(5)]
    assert shown == [
        "This computer was too busy to tell", "The websocket was cut", "Voice packets were lost",
        "Nothing came back", "Voices came late",
    ]  # fmt: skip
    assert window.header.pill.accessibleName() == "4 bad moments"
    assert "between 23 and" in window.chart.accessibleName()


def test_without_a_test_server_it_says_what_is_missing(
    qtbot: QtBot, look: Appearance, parent: QWidget
) -> None:
    control = WatchRunner(example_profile, real_environment)
    made = WatchWindow(look, parent, control, lambda: False)
    made.show()
    with qtbot.waitSignal(control.ended, timeout=10_000):
        made._on_start()
    assert "targets.media" in made.state.text()
    assert made.header.pill.accessibleName() == "Could not tell"
    assert control.close()
    made.close()

"""Eight hours of a watch: as much memory, file and painting as half an hour, and nothing lost."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cases.watch_hours import Happened, watched_for
from pypdf import PdfReader
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from natwizard.gui.helpdesk.watch_runner import WatchRunner
from natwizard.gui.helpdesk.watch_window import WatchWindow
from natwizard.gui.look.appearance import Appearance
from natwizard.model.watch import BadKind, WatchRecord
from natwizard.report.as_json import watch_json
from natwizard.report.as_pdf import write_watch_pdf
from natwizard.report.open_report import open_saved
from natwizard.report.watch_charts import watch_chart
from natwizard.report.watch_files import write_watch
from natwizard.report.watch_words import moment_line
from natwizard.system.environment import real_environment
from natwizard.watch.tally import MOST_COLUMNS, MOST_MOMENTS

HOURS = 8
LARGEST_FILE_BYTES = 250_000
MOST_TIMES_LONGER = 3.0
ROUNDS = 7


@pytest.fixture(scope="module")
def happened() -> Happened:
    return watched_for(HOURS)


@pytest.mark.parametrize("kind", [BadKind.LOST, BadKind.NO_ANSWER, BadKind.WEBSOCKET_CUT])
def test_no_bad_moment_of_eight_hours_is_lost(happened: Happened, kind: BadKind) -> None:
    kept = [moment for moment in happened.record.moments if moment.kind is kind]
    starts = happened.starts_s[kind]
    assert starts
    assert sum(moment.times for moment in kept) == len(starts)
    for start_s in starts:
        assert any(
            moment.start_s <= start_s <= moment.start_s + moment.duration_s for moment in kept
        ), f"{kind} at {start_s} s"


def test_what_is_rare_keeps_its_own_time_among_thousands(happened: Happened) -> None:
    """Only where there are too many of one kind are neighbours put together, and evenly."""
    kept = happened.record.moments
    assert len(kept) == MOST_MOMENTS
    cuts = [moment.start_s for moment in kept if moment.kind is BadKind.WEBSOCKET_CUT]
    assert cuts == happened.starts_s[BadKind.WEBSOCKET_CUT]
    together = [moment for moment in kept if moment.times > 1]
    assert {moment.kind for moment in together} == {BadKind.LOST}
    assert max(moment.duration_s for moment in together) < 120
    line = moment_line(happened.record, together[0])
    assert f"{together[0].times} times" in line
    assert "within" in line


@pytest.mark.usefixtures("qapp")
def test_columns_and_file_stay_bounded_and_hold_every_loss(
    happened: Happened, tmp_path: Path
) -> None:
    record = happened.record
    assert len(record.columns) <= MOST_COLUMNS
    assert sum(column.lost for column in record.columns) == happened.lost
    assert record.lasted_s == HOURS * 3600
    content = watch_json(record)
    assert len(content) < LARGEST_FILE_BYTES
    write_watch(record, tmp_path / "w.json")
    assert open_saved(tmp_path / "w.json") == record
    write_watch_pdf(record, tmp_path / "w.pdf")
    assert open_saved(tmp_path / "w.pdf") == record
    assert (tmp_path / "w.pdf").stat().st_size < 300_000
    text = "".join(page.extract_text() for page in PdfReader(tmp_path / "w.pdf").pages)
    assert text.count("The websocket was cut") > len(happened.starts_s[BadKind.WEBSOCKET_CUT]), (
        "a row each"
    )


@pytest.mark.quiet
@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_eight_hours_take_no_longer_to_show_and_save_than_minutes(
    qtbot: QtBot, look: Appearance, happened: Happened
) -> None:
    """Processor time of this thread, the fastest of several, one against the other."""
    parent = QWidget()
    qtbot.addWidget(parent)
    control = WatchRunner(lambda: None, real_environment)  # type: ignore[arg-type, return-value]
    window = WatchWindow(look, parent, control, lambda: False)
    window.show()
    short = watched_for(0.5).record

    def shown_anew(record: WatchRecord) -> None:
        window.show_record(None)
        window.show_record(record)
        window.grab()

    def painted(record: WatchRecord) -> None:
        window.chart.show_chart(watch_chart(record), now_s=None)
        window.chart.grab()

    works = (watch_json, shown_anew, painted)
    ratios = [_fastest_s(work, happened.record) / _fastest_s(work, short) for work in works]
    assert max(ratios) < MOST_TIMES_LONGER, ratios
    window.close()
    control.close()


def _fastest_s(work: Callable[[WatchRecord], object], record: WatchRecord) -> float:
    took = []
    for _round in range(ROUNDS):
        began = time.thread_time()
        work(record)
        took.append(time.thread_time() - began)
    return min(took)

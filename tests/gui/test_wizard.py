"""The window, as a person uses it: real probes, real clicks."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.example_run import (
    bad_findings,
    events_until,
    example_profile,
    finished,
    good_findings,
    report_of,
)
from gui.probe_threads import ProbeThreads
from msgspec import structs
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QMessageBox,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot
from servers.free_ports import free_port

from natwizard.drawing.signs import Activity
from natwizard.drawing.tokens import DARK, HIGH_CONTRAST, LIGHT
from natwizard.gui.actions import Command
from natwizard.gui.app import qt_screens
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY, WELCOME, left_words
from natwizard.gui.widgets.buttons import CopyButton
from natwizard.gui.widgets.results_grid import AreaButton
from natwizard.gui.widgets.saved_notice import SavedNotice
from natwizard.gui.wizard import Wizard
from natwizard.gui.wizard_frame import Button
from natwizard.model.events import Event, ProbeFinished
from natwizard.model.finding import Page, Status
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.profile import Answers, Profile, Requirement, Role, Targets
from natwizard.model.report import Readiness, Report
from natwizard.report.as_json import write_json
from natwizard.report.open_report import open_report
from natwizard.run.runner import Environment
from natwizard.system.environment import real_environment

# said by the offscreen platform about every dialog; no other warning is expected
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)")

Make = Callable[..., Wizard]


def environment() -> Environment:
    return real_environment(qt_screens())


@pytest.fixture
def make(
    qtbot: QtBot, look: Appearance, tmp_path: Path, probe_threads: ProbeThreads
) -> Iterator[Make]:
    """Makes windows, and sees to it that none leaves a thread behind."""
    made: list[Wizard] = []

    def make_one(profile: Profile | None = None, answers: Answers | None = None) -> Wizard:
        wizard = Wizard(
            look,
            RunControl(environment),
            profile or example_profile(),
            "example",
            answers or Answers(),
            ReportSaver(tmp_path / "kept"),
        )
        made.append(wizard)
        with qtbot.waitActive(wizard):
            wizard.show()
            wizard.activateWindow()
        return wizard

    yield make_one
    for wizard in made:
        wizard.close()
        assert wizard.control.close()
        wizard.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not probe_threads.left()


@pytest.fixture
def slow_profile() -> Iterator[Profile]:
    """Asks for a webphone at a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        profile = example_profile()
        port = Requirement(id="port.webphone", text="An open websocket", roles=tuple(Role))
        yield structs.replace(
            profile,
            requirements=(*profile.requirements, port),
            targets=Targets(webphone=f"127.0.0.1:{server.getsockname()[1]}"),
        )


def feed(wizard: Wizard, events: list[Event]) -> None:
    for event in events:
        wizard.control.model.apply(event, wizard.control.now_s())
    wizard.refresh()


def run_to_the_end(qtbot: QtBot, wizard: Wizard) -> Report:
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000) as ended:
        qtbot.mouseClick(wizard.button(Button.NextButton), Qt.MouseButton.LeftButton)
    report = ended.args[0]
    assert isinstance(report, Report)
    return report


def shown(button: QAbstractButton) -> str:
    return button.text().strip() if button.isVisible() else ""


def test_a_run_goes_from_welcome_to_summary(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    assert wizard.currentId() == WELCOME
    assert shown(wizard.button(Button.NextButton)) == "Start checks"
    report = run_to_the_end(qtbot, wizard)
    qtbot.waitUntil(lambda: wizard.currentId() == SUMMARY)
    assert report.verdict in {Readiness.READY, Readiness.READY_WITH_ADVICE, Readiness.NOT_READY}
    assert wizard.control.model.finding("computer.ram") is not None
    assert wizard.summary.banner.accessibleName()
    assert report.run_code in wizard.step_list.code.text()
    assert shown(wizard.button(Button.FinishButton)) == "Save PDF"


def test_each_page_can_be_walked_with_next_and_back(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    wizard.welcome.show_result.setChecked(False)
    run_to_the_end(qtbot, wizard)
    walked = [wizard.currentId()]
    while wizard.currentId() != SUMMARY:
        qtbot.mouseClick(wizard.button(Button.NextButton), Qt.MouseButton.LeftButton)
        walked.append(wizard.currentId())
    assert walked == wizard.page_ids()[1:]
    wizard.go_to(PAGE_IDS[Page.SCREEN])
    qtbot.mouseClick(wizard.button(Button.CustomButton2), Qt.MouseButton.LeftButton)
    assert wizard.currentId() == PAGE_IDS[Page.COMPUTER]


def test_the_run_is_kept_on_this_computer(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    report = run_to_the_end(qtbot, make())
    folder = tmp_path / "kept"
    qtbot.waitUntil(lambda: any(folder.glob("*.json")) if folder.exists() else False)
    assert open_report(next(folder.glob("*.json"))).run_id == report.run_id


def test_one_check_can_run_again_and_the_rest_stands(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    first = run_to_the_end(qtbot, wizard)
    wizard.go_to(PAGE_IDS[Page.COMPUTER])
    page = wizard.check_pages[Page.COMPUTER]
    page.rows.open_row("computer.ram")
    panel = page.rows.rows["computer.ram"].panel
    assert panel is not None
    buttons = panel.findChildren(QAbstractButton)
    again = next(button for button in buttons if "Run this check again" in button.text())
    assert again.isVisibleTo(panel)
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000) as ended:
        again.click()
    assert ended.args[0].run_id != first.run_id
    assert len(ended.args[0].findings) == len(first.findings)
    assert wizard.currentId() == PAGE_IDS[Page.COMPUTER], "the person stays where they are"


def test_f5_runs_the_page_again(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    run_to_the_end(qtbot, wizard)
    wizard.go_to(PAGE_IDS[Page.COMPUTER])
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000):
        qtbot.keyClick(wizard, Qt.Key.Key_F5)


def test_run_again_works_on_the_summary_as_soon_as_a_run_is_over(qtbot: QtBot, make: Make) -> None:
    """By mouse and by key, without another page being visited in between."""
    wizard = make()
    first = run_to_the_end(qtbot, wizard)
    qtbot.waitUntil(lambda: wizard.currentId() == SUMMARY)
    again = wizard.button(Button.CustomButton1)
    qtbot.waitUntil(lambda: shown(again) == "Run again" and again.isEnabled())
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000) as ended:
        qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert ended.args[0].run_id != first.run_id
    qtbot.waitUntil(lambda: wizard.currentId() == SUMMARY and again.isEnabled())
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000) as ended:
        qtbot.keyClick(wizard, Qt.Key.Key_F5)


def test_a_saved_file_is_named_with_ways_to_it(
    qtbot: QtBot, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True
    )
    wizard = make()
    report = report_of(bad_findings())
    path = tmp_path / "a report.pdf"
    assert wizard.session.reports.write(report, path)
    (notice,) = wizard.findChildren(SavedNotice)
    assert notice.isVisible()
    assert notice.line.text() == "Saved: a report.pdf"
    qtbot.mouseClick(notice.open_file, Qt.MouseButton.LeftButton)
    assert [Path(each) for each in opened] == [path]
    footer = wizard.button(Button.NextButton)
    assert notice.geometry().bottom() < footer.mapTo(wizard, QPoint(0, 0)).y(), "above the footer"
    assert wizard.session.reports.write(report, tmp_path / "second.json")
    assert len(wizard.findChildren(SavedNotice)) == 1
    assert notice.line.text() == "Saved: second.json"
    qtbot.mouseClick(notice.dismiss, Qt.MouseButton.LeftButton)
    assert not notice.isVisible()
    assert not wizard.session.reports.write(report, tmp_path / "none" / "x.json")
    assert not notice.isVisible(), "nothing is said of a file that was not written"


def test_alt_letters_are_underlined_while_alt_is_held(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    start = wizard.button(Button.NextButton)
    letter = start.shortcut()
    assert "&" not in start.text()
    qtbot.keyPress(wizard, Qt.Key.Key_Alt)
    assert start.text() == "&Start checks"
    assert wizard.welcome.others.text() == "&Other ways"
    assert start.shortcut() == letter
    qtbot.keyRelease(wizard, Qt.Key.Key_Alt)
    assert "&" not in start.text()
    assert start.shortcut() == letter


def test_the_window_comes_forward_when_the_browser_page_is_done(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    feed(wizard, events_until(good_findings(), Page.EDNS))
    over = QWidget()
    qtbot.addWidget(over)
    with qtbot.waitActive(over):
        over.show()
        over.activateWindow()
    wizard.control.browser_page_done.emit()
    qtbot.waitUntil(wizard.isActiveWindow)


@pytest.mark.parametrize(
    ("probe", "failure", "comes"),
    [
        ("browser_check", None, True),
        ("browser_check", FailureCode.DEADLINE, True),
        ("browser_check", FailureCode.NOT_RUN, False),  # no page was opened
        ("memory", None, False),
    ],
)
def test_only_an_opened_page_brings_the_window_forward(
    make: Make, probe: str, failure: FailureCode | None, comes: bool
) -> None:
    control = make().control
    seen: list[bool] = []
    control.browser_page_done.connect(lambda: seen.append(True))
    why = Failure(code=failure, operation=probe) if failure is not None else None
    control._on_probe_finished(ProbeFinished(probe=probe, duration_s=1.0, failure=why))
    assert bool(seen) is comes


def questions(wizard: Wizard) -> list[QMessageBox]:
    return [box for box in wizard.findChildren(QMessageBox) if box.isVisible()]


def test_closing_while_a_run_goes_on_asks_and_then_ends_at_once(
    qtbot: QtBot, make: Make, slow_profile: Profile, probe_threads: ProbeThreads
) -> None:
    wizard = make(slow_profile)
    wizard.start()
    qtbot.waitUntil(lambda: wizard.control.model.page_sign(Page.WEBPHONE_PORT) is Activity.RUNNING)
    wizard.close()
    assert wizard.isVisible()
    assert wizard.control.model.busy, "nothing stops before the person said so"
    (question,) = questions(wizard)
    stop = next(each for each in question.buttons() if "Stop" in each.text())
    began = time.monotonic()
    stop.click()
    qtbot.waitUntil(lambda: not wizard.isVisible())
    assert time.monotonic() - began < 5, "the server would be waited for much longer"
    assert not probe_threads.left()


def test_enter_presses_the_button_that_has_the_keyboard(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    wizard.control.open(report_of(bad_findings()))
    wizard.go_to(SUMMARY)
    (copy, *_others) = wizard.summary.fixes.findChildren(CopyButton)
    copy.setFocus()
    qtbot.keyClick(wizard, Qt.Key.Key_Return)
    assert copy.text().strip() == "Copied"


def test_the_window_s_title_carries_the_run_code(qtbot: QtBot, make: Make) -> None:
    """A narrow side list has no room for it, and the helpdesk reads it from a shared screen."""
    wizard = make()
    assert wizard.windowTitle() == "natwizard"
    report = run_to_the_end(qtbot, wizard)
    wizard.look.toggle_helpdesk_size()
    assert wizard.windowTitle().endswith(report.run_code)


def test_escape_asks_once_while_running(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    feed(wizard, events_until(good_findings(), Page.EDNS))
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    boxes = [box for box in wizard.findChildren(QMessageBox) if box.isVisible()]
    assert [box.text() for box in boxes] == ["Stop the checks?"]
    assert wizard.isVisible()
    boxes[0].reject()


def test_the_question_goes_where_the_run_ends_by_itself(qtbot: QtBot, make: Make) -> None:
    """ "Stop the checks?" in front of a result would be answered as if something still ran."""
    wizard = make()
    wizard.start()
    assert wizard.control.model.busy
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000):
        wizard.close()
        assert len(questions(wizard)) == 1
    qtbot.waitUntil(lambda: not questions(wizard))
    assert wizard.isVisible(), "nobody said that it may close"


def test_stop_ends_with_a_whole_report(qtbot: QtBot, make: Make, slow_profile: Profile) -> None:
    wizard = make(slow_profile)
    wizard.start()
    qtbot.waitUntil(lambda: wizard.control.model.page_sign(Page.WEBPHONE_PORT) is Activity.RUNNING)
    with qtbot.waitSignal(wizard.control.finished, timeout=2_000) as ended:
        qtbot.mouseClick(wizard.button(Button.CustomButton3), Qt.MouseButton.LeftButton)
        assert wizard.control.model.stage is RunStage.STOPPING
    report = ended.args[0]
    assert len(report.findings) == wizard.control.model.total
    stopped = next(one for one in report.findings if one.check == "port.webphone")
    assert stopped.status is Status.UNKNOWN
    assert "stopped the run" in stopped.summary
    assert wizard.control.model.stopped


def test_a_target_is_tested_beside_everything_else(
    qtbot: QtBot, make: Make, slow_profile: Profile
) -> None:
    wizard = make(slow_profile)
    field = wizard.welcome.target
    qtbot.mouseClick(field.button, Qt.MouseButton.LeftButton)
    assert field.button.text().strip() == "Stop"
    qtbot.mouseClick(field.button, Qt.MouseButton.LeftButton)
    assert field.button.text().strip() == "Test this target"
    field.field.setText(f"127.0.0.1:{free_port()}")
    with qtbot.waitSignal(wizard.control.tested, timeout=10_000) as told:
        qtbot.mouseClick(field.button, Qt.MouseButton.LeftButton)
    assert told.args[0].status is not Status.PASS
    assert told.args[0].summary in field.line.text()
    qtbot.waitUntil(lambda: field.button.text().strip() == "Test this target")
    assert wizard.control.model.stage is RunStage.IDLE, "a test is no run"


def test_a_saved_report_is_opened_without_run_buttons(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(report_of(bad_findings()), path)
    wizard = make()
    assert wizard.open_report(path)
    assert wizard.currentId() == SUMMARY
    assert "opened from a file" in wizard.summary.strip.text.text()
    assert wizard.summary.strip.isVisible()
    assert shown(wizard.button(Button.CustomButton1)) == ""
    wizard.go_to(PAGE_IDS[Page.WEBPHONE_PORT])
    assert shown(wizard.button(Button.CustomButton1)) == ""
    assert wizard.check_pages[Page.WEBPHONE_PORT].strip.isVisible()


def test_a_file_that_is_no_report_is_told_and_nothing_changes(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "nonsense.pdf"
    path.write_bytes(b"not a pdf at all")
    wizard = make()
    assert not wizard.open_report(path)
    boxes = wizard.findChildren(QMessageBox)
    assert boxes
    assert str(path) in boxes[0].informativeText()
    assert wizard.control.model.stage is RunStage.IDLE
    boxes[0].close()


def test_pdf_and_json_are_written_masked_and_open_again(make: Make, tmp_path: Path) -> None:
    wizard = make()
    feed(wizard, finished(bad_findings()))
    report = wizard.control.model.report
    assert report is not None
    for name in ("report.pdf", "report.json"):
        assert wizard.actions_on_report.write(report, tmp_path / name)
        saved = open_report(tmp_path / name)
        assert saved.run_id == report.run_id
        assert saved.redacted
        assert saved.machine.host_name != report.machine.host_name
    wizard.actions_on_report.show_names = True
    assert wizard.actions_on_report.write(report, tmp_path / "open.json")
    assert open_report(tmp_path / "open.json").machine.host_name == "DESK-7"


def test_the_summary_says_what_copies_and_files_will_hold(make: Make, tmp_path: Path) -> None:
    """As it is chosen now: whoever reads "no names" must not hand on some."""
    wizard = make()
    feed(wizard, finished(bad_findings()))
    wizard.go_to(SUMMARY)
    show_names = wizard.session.actions[Command.SHOW_NAMES]
    for shown, hidden in ((False, False), (True, False), (True, True), (False, True)):
        show_names.setChecked(shown)
        wizard.control.hide_names(hidden=hidden)
        wizard.refresh()
        said = wizard.summary.meta.text().replace("\u00a0", " ")
        masked = "files without names and addresses" in said
        assert masked is not ("files with names and addresses" in said)
        assert masked is not (shown and not hidden)
        report = wizard.control.model.report
        assert report is not None
        path = tmp_path / "r.json"
        assert wizard.actions_on_report.write(report, path)
        assert open_report(path).redacted is masked


def test_a_folder_that_does_not_exist_is_told(make: Make, tmp_path: Path) -> None:
    wizard = make()
    target = tmp_path / "nowhere" / "report.pdf"
    assert not wizard.actions_on_report.write(report_of(good_findings()), target)
    boxes = wizard.findChildren(QMessageBox)
    assert boxes[0].text() == "The report was not saved."
    boxes[0].close()


def test_the_worst_finding_of_a_page_is_open_and_its_text_can_be_copied(make: Make) -> None:
    wizard = make()
    feed(wizard, finished(bad_findings()))
    wizard.go_to(PAGE_IDS[Page.WEBPHONE_PORT])
    page = wizard.check_pages[Page.WEBPHONE_PORT]
    assert page.rows.open_check == "port.webphone"
    row = page.rows.rows["port.webphone"]
    assert row.header.accessibleName().startswith("Problem: Your network blocks")
    copy = row.findChild(CopyButton)
    assert isinstance(copy, CopyButton)
    copy.click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Please allow outgoing TCP port 10062")
    assert "maple river copper lamp" in text
    assert copy.text().strip() == "Copied"


def test_opening_a_row_closes_the_other(make: Make) -> None:
    wizard = make()
    feed(wizard, finished(good_findings()))
    wizard.go_to(PAGE_IDS[Page.FIREWALL_PORTS])
    rows = wizard.check_pages[Page.FIREWALL_PORTS].rows
    rows.rows["port.tcp80"].header.click()
    assert rows.open_check == "port.tcp80"
    rows.rows["port.dns"].header.click()
    assert rows.open_check == "port.dns"
    rows.rows["port.dns"].header.click()
    assert rows.open_check == ""


def test_enter_opens_a_row_instead_of_going_on(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    feed(wizard, finished(good_findings()))
    wizard.go_to(PAGE_IDS[Page.FIREWALL_PORTS])
    rows = wizard.check_pages[Page.FIREWALL_PORTS].rows
    qtbot.keyClick(rows.rows["port.dns"].header, Qt.Key.Key_Return)
    assert rows.open_check == "port.dns"
    assert wizard.currentId() == PAGE_IDS[Page.FIREWALL_PORTS]


def test_media_shows_tiles_and_the_chart_gives_way_to_an_open_row(make: Make) -> None:
    wizard = make()
    feed(wizard, finished(bad_findings()))
    wizard.go_to(PAGE_IDS[Page.UDP_MEDIA])
    page = wizard.check_pages[Page.UDP_MEDIA]
    assert page.chart.isVisible()
    assert list(page.rows.rows) == ["quality.jitter", "quality.loss", "quality.mos"]
    tile = page._tiles["quality.latency"]
    assert tile.accessibleName() == "OK: Round trip: 34\u00a0ms"
    tile.click()
    assert page.rows.open_check == "quality.latency"
    assert not page.chart.isVisible()


def test_the_live_chart_follows_what_the_probe_tells(make: Make) -> None:
    wizard = make()
    feed(wizard, events_until(good_findings(), Page.UDP_MEDIA))
    wizard.go_to(PAGE_IDS[Page.UDP_MEDIA])
    page = wizard.check_pages[Page.UDP_MEDIA]
    assert page.chart.isVisible()
    assert page.header.pill.accessibleName() == "Listening, 18 s"
    assert list(page.rows.rows) == ["quality.bandwidth", "quality.mos"]
    running, waiting = (row.header.accessibleName() for row in page.rows.rows.values())
    assert running == "Running: Too close to call: measuring on..."
    assert waiting == "Waiting: Call quality"
    assert not wizard.look.motion._timer.isActive(), "nothing moves while media is measured"


def test_summary_names_the_owners_and_goes_to_the_step(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    feed(wizard, finished(bad_findings()))
    wizard.go_to(SUMMARY)
    assert wizard.summary.banner.accessibleName().startswith("Not ready.")
    texts = [label.text() for label in wizard.summary.fixes.findChildren(QLabel)]
    assert any("Network team:" in text for text in texts)
    area = wizard.summary.grid._buttons[Page.WEB_FILTERS]
    qtbot.mouseClick(area, Qt.MouseButton.LeftButton)
    assert wizard.currentId() == PAGE_IDS[Page.WEB_FILTERS]


def test_a_value_too_long_for_its_cell_gives_way_to_a_count(make: Make) -> None:
    wizard = make()
    feed(wizard, finished(bad_findings()))
    wizard.go_to(SUMMARY)
    cells = {cell.area.page: cell.area for cell in wizard.summary.grid.findChildren(AreaButton)}
    assert cells[Page.WEB_FILTERS].value == "Certificate by Example Secure Gateway CA"
    assert cells[Page.WEB_FILTERS].short == "1 problem"
    assert left_words(wizard.control.model, 0.0) == "Finished in 47\u00a0s"


def test_steps_can_be_clicked_and_walked_by_arrows(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    feed(wizard, finished(good_findings()))
    steps = wizard.step_list.list
    rect = steps.visualRect(steps.steps.index(4))
    qtbot.mouseClick(steps.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert wizard.currentId() == PAGE_IDS[Page.CONNECTION]
    qtbot.keyClick(steps, Qt.Key.Key_Down)
    assert wizard.currentId() == PAGE_IDS[Page.FIREWALL_PORTS]
    name = steps.steps.data(steps.steps.index(4), Qt.ItemDataRole.AccessibleTextRole)
    assert name == "OK: Connection"


def test_arrows_go_on_from_step_to_step(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    feed(wizard, finished(good_findings()))
    wizard.go_to(WELCOME)
    wizard.step_list.list.setFocus()
    for page in (Page.BROWSERS, Page.COMPUTER, Page.SCREEN):
        qtbot.keyClick(wizard.focusWidget(), Qt.Key.Key_Down)
        assert wizard.currentId() == PAGE_IDS[page]
    qtbot.keyClick(wizard.focusWidget(), Qt.Key.Key_Up)
    assert wizard.currentId() == PAGE_IDS[Page.COMPUTER]
    wizard.go_back()
    assert wizard.focusWidget() is wizard.step_list.list


@pytest.mark.parametrize("role", Role)
def test_every_role_can_be_chosen(make: Make, role: Role) -> None:
    wizard = make(answers=Answers(concurrent_calls=3))
    wizard.welcome.choose(role)
    assert wizard.welcome.answers() == Answers(role=role, concurrent_calls=3)
    assert wizard.plan().answers.role is role


@pytest.mark.parametrize(
    ("typed", "usable"),
    [
        ("", True),
        ("webphone.example.com", True),
        ("[2001:db8::1]:10062", True),
        ("webphone.example.com:99999", False),
        ("two words", False),
    ],
)
def test_an_address_is_used_or_refused_next_to_its_field(
    make: Make, *, typed: str, usable: bool
) -> None:
    wizard = make()
    wizard.welcome.target.field.setText(typed)
    assert wizard.welcome.target.validate() is usable
    assert wizard.plan().profile.targets.webphone == typed

    if not usable:
        wizard.start()
        assert wizard.currentId() == WELCOME
        assert wizard.control.model.stage is RunStage.IDLE
        assert "such as" in wizard.welcome.target.line.text()


def test_a_pasted_web_address_is_used_by_its_host(make: Make) -> None:
    wizard = make()
    wizard.welcome.target.field.setText("https://webphone.example.com/softphone")
    assert wizard.welcome.target.validate()
    assert wizard.plan().profile.targets.webphone == "webphone.example.com"


def test_every_control_has_a_name(make: Make) -> None:
    wizard = make()
    feed(wizard, finished(bad_findings()))
    for number in wizard.page_ids():
        wizard.go_to(number)
        for button in wizard.findChildren(QAbstractButton):
            if button.isVisible():
                assert button.accessibleName() or button.text(), button


@pytest.mark.parametrize("theme", [LIGHT, DARK, HIGH_CONTRAST], ids=lambda theme: theme.name)
@pytest.mark.parametrize("size", [(960, 680), (800, 480), (1600, 1000)])
def test_nothing_that_wraps_is_cut_off(
    qtbot: QtBot, make: Make, theme: object, size: tuple[int, int]
) -> None:
    wizard = make()
    wizard.look.use(theme)  # type: ignore[arg-type]
    feed(wizard, finished([structs.replace(one, summary=german(one.summary))
                           for one in bad_findings()]))  # type: ignore[arg-type]  # fmt: skip
    wizard.resize(*size)
    for number in wizard.page_ids():
        wizard.go_to(number)
        for _round in range(4):
            QApplication.processEvents()
        assert not cut_off(wizard)
    assert qtbot


def german(text: str) -> str:
    """About 40 % longer."""
    return f"{text} {text[: round(len(text) * 0.4)]}"


def cut_off(wizard: QWidget) -> list[str]:
    """Labels and buttons that got less room than their words need, or lie beyond the edge."""
    small = []
    for label in wizard.findChildren(QLabel):
        if label.isVisible() and label.text():
            need = label.heightForWidth(label.width()) if label.wordWrap() else 0
            if label.height() + 1 < need or (
                not label.wordWrap() and label.width() + 1 < label.sizeHint().width()
            ):
                small.append(label.text())
    small += [
        button.text()
        for button in wizard.findChildren(QAbstractButton)
        if button.isVisible() and button.width() + 1 < button.minimumSizeHint().width()
    ]
    small += [
        f"{wide} px in {area.viewport().width()}"
        for area in wizard.findChildren(QScrollArea)
        if area.isVisible()
        and area.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        and (content := area.widget()) is not None
        and (wide := content.width()) > area.viewport().width()
    ]
    return small


def test_helpdesk_size_makes_type_larger_and_the_rail_narrow(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    feed(wizard, finished(bad_findings()))
    wizard.go_to(SUMMARY)
    wide = wizard.step_list.width()
    body = wizard.look.type.body
    qtbot.keyClick(wizard, Qt.Key.Key_F11)
    assert wizard.look.type.body > body
    assert wizard.step_list.width() < wide
    for _round in range(4):
        QApplication.processEvents()
    assert not cut_off(wizard)
    qtbot.keyClick(wizard, Qt.Key.Key_F11)
    assert wizard.look.type.body == body
    assert wizard.step_list.width() == wide


def test_arcs_stand_still_when_nothing_runs(make: Make) -> None:
    wizard = make()
    feed(wizard, events_until(good_findings(), Page.EDNS))
    feed(wizard, finished(good_findings())[-1:])
    assert not wizard.look.motion._timer.isActive()
    assert wizard.control.model.page_sign(Page.EDNS) is Status.PASS


QUICK = {"port.webphone", "websocket.open", "port.dns", "computer.ram", "filter.tls_interception"}


def test_a_real_run_against_the_reflector_finds_the_webphone(
    qtbot: QtBot, make: Make, demo_profile: Profile
) -> None:
    rows = tuple(row for row in demo_profile.requirements if row.id in QUICK)
    wizard = make(structs.replace(demo_profile, requirements=rows))
    report = run_to_the_end(qtbot, wizard)
    found = {one.check: one for one in report.findings}
    assert set(found) == QUICK
    assert found["port.webphone"].status is Status.PASS
    wizard.go_to(PAGE_IDS[Page.WEBPHONE_PORT])
    assert wizard.check_pages[Page.WEBPHONE_PORT].header.pill.accessibleName() == "All OK"

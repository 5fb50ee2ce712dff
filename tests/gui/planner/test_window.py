"""The planner's window, as a person uses it: live results, real files, a checklist to answer."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cases.plan_cases import question
from computers.platforms import keep_data_in
from gui.example_run import finished, good_findings
from languages.pseudo import PSEUDO, pseudo
from msgspec import structs
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from natwizard import languages
from natwizard.drawing.tokens import SPACE, THEMES, Theme
from natwizard.gui.actions import Command
from natwizard.gui.app import qt_screens, run_planner
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.planner.arithmetic import (
    ApiCallsPage,
    ArithmeticPage,
    BandwidthPage,
    InsightPage,
    StoragePage,
)
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.number_work import BUFFER_BYTES, FileTask, NumberWork
from natwizard.gui.planner.window import PlannerWindow
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY
from natwizard.gui.widgets.saved_notice import SavedNotice
from natwizard.gui.widgets.yes_no import AnswerBox
from natwizard.gui.wizard import Wizard
from natwizard.model.finding import Page, Status
from natwizard.model.language import speak
from natwizard.model.profile import Answers, Role
from natwizard.model.quantity import Reply
from natwizard.model.report import Readiness
from natwizard.planner.checklist import checklist
from natwizard.planner.storage import ContactCenter, StorageInputs
from natwizard.profiles.find import find_profile
from natwizard.report.as_json import write_json
from natwizard.report.as_pdf import write_pdf
from natwizard.report.open_report import open_report
from natwizard.run.runner import Environment
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore(
    "does not support propagateSizeHints", "does not support raise"
)

CONTACTS = b"Id;Phone\r\n1;+442079460958\r\n2;020 7946 0958\r\n3;\r\n4;12\r\n"
TOPICS = ("storage", "insight", "calls", "bandwidth", "numbers", "checklist")


@pytest.fixture
def window(qtbot: QtBot, look: Appearance) -> Iterator[PlannerWindow]:
    made = PlannerWindow(look, PlannerBook(checklist(find_profile().profile)))
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not [thread for thread in threading.enumerate() if thread.name == "check numbers"]


def test_a_planner_that_is_gone_takes_no_new_look(qtbot: QtBot, look: Appearance) -> None:
    """As after a change of the language: the look outlives the window."""
    made = PlannerWindow(look, PlannerBook(checklist(find_profile().profile)))
    with qtbot.waitExposed(made):
        made.show()
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    with qtbot.captureExceptions() as raised:
        look.changed.emit()
        QApplication.processEvents()
    assert not raised


def page_of(window: PlannerWindow, topic: str) -> QWidget:
    window.go_to(topic)
    return window.pages[topic][0]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def figures(page: ArithmeticPage) -> list[str]:
    """What the large figures say."""
    shown = [figure.accessibleName() for figure in page.results._figures if figure.isVisible()]
    return [plain(text) for text in shown]


def type_into(qtbot: QtBot, field: QSpinBox, text: str) -> None:
    """As a person would: click into the field, type over what is there."""
    field.clearFocus()
    qtbot.mouseClick(field.lineEdit(), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(field.lineEdit().selectedText()))
    qtbot.keyClicks(field, text)


def test_storage_is_worked_out_while_one_types(qtbot: QtBot, window: PlannerWindow) -> None:
    page = page_of(window, "storage")
    assert isinstance(page, StoragePage)
    assert figures(page) == ["Per day: 10.4 MB", "Per month: 316.33 MB", "Per year: 3.8 GB"]
    qtbot.mouseClick(page.center, Qt.MouseButton.LeftButton)
    assert figures(page)[0] == "Per day: 13.36 MB"
    assert "the page rounds it to around 15" in page.results.remarks.text()
    type_into(qtbot, page.users, "100")
    assert figures(page)[0] == "Per day: 17.76 MB"
    assert page.results.sentence.isHidden()
    type_into(qtbot, page.free, "8000")
    assert "8 GB free lasts" in plain(page.results.sentence.text())
    assert "Call records and Insight together" in page.results.sentence.text()
    assert "Queues" in page.results.chart.accessibleName()


def test_an_empty_allowance_is_none_and_the_wheel_changes_nothing(
    qtbot: QtBot, window: PlannerWindow
) -> None:
    page = page_of(window, "calls")
    assert isinstance(page, ApiCallsPage)
    assert page.allowed.text() == "not given"
    assert page.allowed.amount() is None
    type_into(qtbot, page.allowed, "10000")
    assert plain(page.results.sentence.text()).startswith("11,050 a day is more than your 10,000")
    type_into(qtbot, page.allowed, "0")
    assert page.allowed.amount() is None
    type_into(qtbot, page.allowed, "700")
    field = page.allowed.lineEdit()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    page.allowed.clearFocus()
    assert page.allowed.text() == "not given"
    page.calls.clearFocus()
    position = page.calls.rect().center()
    spin = QWheelEvent(
        position, page.calls.mapToGlobal(position), QPoint(0, 120), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(page.calls, spin)
    assert page.calls.value() == 2000


def test_calls_days_and_free_storage_are_asked_once(window: PlannerWindow) -> None:
    storage, insight, calls = (page_of(window, name) for name in ("storage", "insight", "calls"))
    assert isinstance(storage, StoragePage)
    assert isinstance(insight, InsightPage)
    assert isinstance(calls, ApiCallsPage)
    insight.calls.setValue(6000)
    insight.free.setValue(500)
    calls.days.setValue(5)
    assert (storage.calls.value(), calls.calls.value()) == (6000, 6000)
    assert (storage.days.value(), insight.days.value()) == (5, 5)
    assert storage.free.value() == 500
    window.go_to("insight")
    assert figures(insight)[0] == "Per day: 81.6 MB"
    assert "the page prints 8.16 MB" in insight.results.remarks.text()
    insight.used.click()
    assert insight.results.isHidden()
    assert window.book.plan().insight is None


def test_a_line_is_compared_with_its_calls(window: PlannerWindow) -> None:
    page = page_of(window, "bandwidth")
    assert isinstance(page, BandwidthPage)
    assert figures(page) == ["Needed, each way: 5,000 kbit/s"]
    page.line.setValue(4999)
    assert figures(page)[1] == "Calls that fit: 49"
    assert "not enough" in page.results.sentence.text()
    page.line.setValue(5000)
    assert page.results.sentence.text().endswith("enough.")


@pytest.mark.parametrize("topic", ["storage", "insight", "calls", "bandwidth", "checklist"])
def test_what_is_shown_can_be_saved(window: PlannerWindow, topic: str, tmp_path: Path) -> None:
    window.go_to(topic)
    assert window.save(tmp_path / "plan.csv")
    first = (tmp_path / "plan.csv").read_text("utf-8-sig").splitlines()[0]
    assert first.startswith(
        {"bandwidth": "concurrent_calls", "checklist": "done"}.get(topic, "part")
    )
    if topic == "storage":
        assert window.save(tmp_path / "plan.pdf")
        assert (tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF-")
        (notice,) = window.findChildren(SavedNotice)
        assert notice.line.text() == "Saved: plan.pdf"


def test_a_plan_that_cannot_be_saved_says_so(window: PlannerWindow, tmp_path: Path) -> None:
    assert not window.save(tmp_path / "missing" / "plan.pdf")
    box = QApplication.activeModalWidget()
    assert box is not None
    box.close()


@pytest.mark.parametrize(
    ("typed", "country", "told"),
    [
        ("", "GB", "Type a number"),
        ("+442079460958", "", "Valid: GB, fixed line"),
        ("020 7946 0958", "GB", "Can be corrected: +442079460958 (GB, fixed line)."),
        ("020 7946 0958", "", "Not valid. The country code is missing"),
        ("+999", "GB", "Not valid. No country has this country code."),
        ("\u202e1", "GB", "Not valid."),
    ],
)
def test_one_number_is_judged_while_it_is_typed(
    window: PlannerWindow, typed: str, country: str, told: str
) -> None:
    window.numbers.country.setText(country)
    window.numbers.single.field.setText(typed)
    assert told in window.numbers.single.line.text()


def test_a_country_that_is_none_is_told_beside_its_field(window: PlannerWindow) -> None:
    window.numbers.country.setText("GB")
    assert window.numbers.country_name.text() == "United Kingdom"
    window.numbers.country.setText("XX")
    assert "no such country" in window.numbers.country_name.text()


def test_a_file_is_checked_and_saved_corrected(
    qtbot: QtBot, window: PlannerWindow, tmp_path: Path
) -> None:
    source, output = tmp_path / "contacts.csv", tmp_path / "out.csv"
    source.write_bytes(CONTACTS)
    window.go_to("numbers")
    window.numbers.country.setText("GB")
    box = window.numbers.file
    assert not box.save.isEnabled()
    box.choose.setFocus()
    with qtbot.waitSignal(window.numbers.work.finished, timeout=20_000):
        box.check(source)
        assert box.stop.isVisible()
        assert box.stop.hasFocus()
        assert not box.choose.isEnabled()
    assert box.save.hasFocus(), "what comes next"
    assert "4 numbers: 1 valid, 1 can be corrected, 1 not valid, 1 empty." in box.line.text()
    assert not box.stop.isVisible()
    with qtbot.waitSignal(window.numbers.work.finished, timeout=20_000):
        box.write(output)
    assert f"Saved: {output}" in box.line.text()
    assert box.save.hasFocus()
    (notice,) = window.findChildren(SavedNotice)
    assert notice.isVisible()
    assert b"2;020 7946 0958;false;The country code is missing.;+442079460958;GB;fixed_line" in (
        output.read_bytes()
    )
    assert source.read_bytes() == CONTACTS


@pytest.mark.parametrize(
    ("content", "column", "told"),
    [
        (b"", "", "The file is empty"),
        (b"a,b\nx,y\n", "", "Choose the column with the numbers (there are: a, b)"),
        (CONTACTS, "Fax", "There is no column Fax"),
        (b"PK\x03\x04", "", "save it as CSV"),
        (None, "", "This is not an ordinary file"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(
    qtbot: QtBot, window: PlannerWindow, tmp_path: Path, content: bytes | None, column: str,
    told: str,
) -> None:  # fmt: skip
    source = tmp_path / "numbers.csv"
    if content is not None:
        source.write_bytes(content)
    box = window.numbers.file
    box.column.setText(column)
    with qtbot.waitSignal(window.numbers.work.failed, timeout=20_000):
        box.check(source)
    assert told in box.line.text()
    assert box.choose.isEnabled()


def test_a_long_file_can_be_stopped_and_leaves_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    source, output = tmp_path / "long.csv", tmp_path / "out.csv"
    source.write_bytes(b"Id,Phone\n" + b"1,(020) 7946-0958\n" * 300_000)
    task = FileTask(source=source, output=output, country="GB", column="", guard_all=False)
    work = NumberWork()
    main, seen = threading.get_ident(), []
    work.progressed.connect(lambda share, _rows: seen.append((share, threading.get_ident())))
    work.progressed.connect(lambda _share, rows: work.stop() if rows else None)
    with qtbot.waitSignal(work.stopped, timeout=60_000):
        work.start(task)
        assert work.busy
    work.close()
    assert not list(tmp_path.glob(".*part"))
    assert not output.exists()
    assert {thread for _share, thread in seen} == {main}
    assert [share for share, _thread in seen] == sorted(share for share, _thread in seen)


class StopAtRead(threading.Event):
    """Stop is pressed while the file is read for the nth time, wherever that is."""

    def __init__(self, reads: int) -> None:
        super().__init__()
        self.left = reads

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0

    def clear(self) -> None:
        """It is for one file."""


def how_it_ends(qtbot: QtBot, task: FileTask, stop: StopAtRead) -> str:
    work, ends = NumberWork(), list[str]()
    work._stop = stop
    work.stopped.connect(lambda: ends.append("stopped"))
    work.finished.connect(lambda *_told: ends.append("finished"))
    work.failed.connect(ends.append)
    work.start(task)
    qtbot.waitUntil(lambda: bool(ends), timeout=60_000)
    work.close()
    return ends[0]


NO_ROWS = b"Id,Phone\n" + b"\n" * (3 * BUFFER_BYTES)
LONG_ROWS = b"Id,Phone\n" + (b"1," + b"x" * 90_000 + b"\n") * 2
LATE_FAULT = b"Id,Phone\n" + b"1,(020) 7946-0958\n" * 4_500 + b"2,caf\xe9\n"
"""Only at its end it turns out to be in another encoding: it is read more than once."""


@pytest.mark.parametrize("content", [NO_ROWS, LONG_ROWS, LATE_FAULT])
def test_stop_is_heeded_wherever_a_file_is_read(
    content: bytes, qtbot: QtBot, tmp_path: Path
) -> None:
    source, output = tmp_path / "long.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    task = FileTask(source=source, output=output, country="GB", column="Phone", guard_all=False)
    stops = 0
    while how_it_ends(qtbot, task, StopAtRead(stops)) == "stopped":
        assert not list(tmp_path.glob(".*part"))
        assert not output.exists()
        stops += 1
    # read to its end at last, and stopped before in as many places as there are
    assert output.exists()
    assert stops >= len(content) // BUFFER_BYTES


def test_the_output_may_not_be_the_file_itself(qtbot: QtBot, tmp_path: Path) -> None:
    source = tmp_path / "contacts.csv"
    source.write_bytes(CONTACTS)
    work = NumberWork()
    task = FileTask(source=source, output=source, country="GB", column="", guard_all=True)
    with qtbot.waitSignal(work.failed, timeout=20_000):
        work.start(task)
    work.close()
    assert source.read_bytes() == CONTACTS


def test_the_rule_for_a_field_can_be_copied(qtbot: QtBot, window: PlannerWindow) -> None:
    window.go_to("numbers")
    rule = window.numbers.rule
    rule.field.setText("Direct_Dial__c")
    qtbot.mouseClick(rule.copy_formula, Qt.MouseButton.LeftButton)
    assert 'REGEX(Direct_Dial__c, "[+][1-9][0-9]{5,14}")' in QGuiApplication.clipboard().text()
    assert "data type Phone" in rule.line.text()
    assert "has to be Phone" in rule.rule.toolTip()
    rule.field.setText("9 lives")
    assert not rule.copy_formula.isEnabled()
    assert "Type the API name" in rule.line.text()


def test_points_are_answered_and_taken_back(qtbot: QtBot, window: PlannerWindow) -> None:
    window.go_to("checklist")
    page = window.checklist
    page.name.setFocus()
    qtbot.keyClicks(page.name, "the site office")
    row = page.rows["plan.ott.voicemail"]
    qtbot.mouseClick(row.choice.buttons[Reply.NO], Qt.MouseButton.LeftButton)
    assert row.second.text().startswith("Not so, on ")
    assert row.second.text().endswith("says the site office.")
    qtbot.mouseClick(row.choice.buttons[Reply.YES], Qt.MouseButton.LeftButton)
    assert row.second.text().startswith("Confirmed on ")
    assert page.done.text() == "1 of 19 confirmed"
    qtbot.mouseClick(row.choice.buttons[Reply.YES], Qt.MouseButton.LeftButton)
    assert row.second.text() == "Helpdesk"
    assert not row.choice.buttons[Reply.YES].isChecked()


def test_topics_are_walked_with_the_keyboard(qtbot: QtBot, window: PlannerWindow) -> None:
    window.step_list.list.setFocus()
    seen = [window.topic()]
    for _step in TOPICS[1:]:
        qtbot.keyClick(window.step_list.list, Qt.Key.Key_Down)
        seen.append(window.topic())
    assert tuple(seen) == TOPICS
    window.go_to("storage")
    first = window.focusWidget()
    for _step in range(60):
        qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        if window.focusWidget() is window.save_pdf:
            break
    assert window.focusWidget() is window.save_pdf, f"Tab from {first} never came to the footer"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_every_control_has_a_name(window: PlannerWindow) -> None:
    for control in window.findChildren(QWidget):
        if isinstance(control, QAbstractButton | QSpinBox) or (
            isinstance(control, QLineEdit) and not isinstance(control.parent(), QSpinBox)
        ):
            assert control.accessibleName() or getattr(control, "text", str)(), control


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_nothing_is_cut_off(window: PlannerWindow, look: Appearance, theme: Theme) -> None:
    look.use(theme)
    for size in ((960, 680), (800, 480)):
        window.resize(*size)
        for topic in TOPICS:
            require_room(window, topic)


def require_room(window: PlannerWindow, topic: str) -> None:
    """Nothing goes beyond the right edge, and every line has its width."""
    page = window.pages[topic][0]
    window.go_to(topic)
    QApplication.processEvents()
    assert page.area.widget().width() <= page.area.viewport().width(), topic
    for said in page.findChildren(QLabel):
        if said.isVisible() and said.text() and not said.wordWrap():
            room = QFontMetrics(said.font()).horizontalAdvance(said.text())
            assert said.width() >= room, f"{topic}: {said.text()}"


def test_nothing_is_cut_off_in_a_longer_language(qtbot: QtBot, look: Appearance) -> None:
    speak(PSEUDO)
    made = PlannerWindow(look, PlannerBook(checklist(find_profile().profile)))
    qtbot.addWidget(made)
    made.offer_report(offered=True)
    made.show()
    for size in ((960, 680), (800, 480)):
        made.resize(*size)
        for topic in TOPICS:
            require_room(made, topic)
            for button in made.findChildren(QAbstractButton):
                if button.isVisible() and button.text():
                    assert button.width() + 1 >= button.sizeHint().width(), button.text()
            last = made.findChildren(QAbstractButton)[-1]
            assert last.mapTo(made, last.rect().topRight()).x() <= made.width()


def test_the_usual_size_shows_arithmetic_without_scrolling(window: PlannerWindow) -> None:
    for topic in ("storage", "insight", "calls", "bandwidth", "numbers"):
        window.go_to(topic)
        QApplication.processEvents()
        assert window.pages[topic][0].area.verticalScrollBar().maximum() == 0, topic


@pytest.mark.parametrize("code", languages.NAMES)
@pytest.mark.parametrize("contact_center", [False, True])
def test_the_usual_size_needs_no_scrolling_in_any_language(
    qtbot: QtBot, look: Appearance, code: str, *, contact_center: bool
) -> None:
    """With all that can be entered, in which the texts below the fields are at their longest."""
    languages.use_language(code)
    book = PlannerBook(checklist(find_profile().profile))
    center = ContactCenter() if contact_center else None
    book.enter_storage(StorageInputs(contact_center=center, allowance_mb=8000))
    made = PlannerWindow(look, book)
    qtbot.addWidget(made)
    made.show()
    for topic in ("storage", "insight", "calls", "bandwidth", "numbers"):
        made.go_to(topic)
        for _round in range(4):
            QApplication.processEvents()
        page = made.pages[topic][0]
        assert page.area.verticalScrollBar().maximum() == 0, topic
        # what stands closer does not lie on each other
        assert page.area.widget().minimumSizeHint().height() <= page.area.viewport().height()


def test_a_planner_stands_closer_only_where_it_has_to(window: PlannerWindow) -> None:
    page = page_of(window, "storage")
    assert isinstance(page, StoragePage)
    spaces = []
    for height in (680, 480, 680, 1000):
        window.resize(960, height)
        for _round in range(4):
            QApplication.processEvents()
        spaces.append(page.inner.spacing())
    assert spaces == [page.look.px(SPACE.l)] * 4  # enough room, or too little to be made up for


# within the wizard

Make = Callable[..., Wizard]


@pytest.fixture
def make(look: Appearance, tmp_path: Path) -> Iterator[Make]:
    made: list[Wizard] = []

    def environment() -> Environment:
        return real_environment(qt_screens())

    def make_one() -> Wizard:
        questions = (question("nat.static_address"), question("plan.ott"))
        asked = tuple(structs.replace(one, page=Page.ADMINISTRATOR) for one in questions)
        wizard = Wizard(
            look, RunControl(environment), find_profile().profile, "example",
            Answers(role=Role.ADMINISTRATOR), ReportSaver(tmp_path / "kept"),
        )  # fmt: skip
        made.append(wizard)
        wizard.show()
        for event in finished((*good_findings(), *asked)):
            wizard.control.model.apply(event, wizard.control.now_s())
        wizard.control.changed.emit()
        return wizard

    yield make_one
    for wizard in made:
        wizard.close()
        wizard.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def finding_status(wizard: Wizard, check: str) -> Status:
    found = wizard.control.model.finding(check)
    assert found is not None
    return found.status


def answer_box(wizard: Wizard, check: str) -> AnswerBox:
    page = wizard.check_pages[Page.ADMINISTRATOR]
    wizard.go_to(PAGE_IDS[Page.ADMINISTRATOR])
    if page.rows.open_check != check:
        page.rows.open_row(check, animated=False)
    panel = page.rows.rows[check].panel
    assert panel is not None
    assert panel.answer is not None
    return panel.answer


def test_a_question_is_answered_where_it_is_asked(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    wizard = make()
    box = answer_box(wizard, "nat.static_address")
    box.name.setText("the site office")
    with qtbot.waitSignal(wizard.control.amended):
        qtbot.mouseClick(box.choice.buttons[Reply.YES], Qt.MouseButton.LeftButton)
    assert finding_status(wizard, "nat.static_address") is Status.PASS
    row = wizard.check_pages[Page.ADMINISTRATOR].rows.rows["nat.static_address"]
    assert row.header.accessibleName().startswith("Confirmed: ")
    again = answer_box(wizard, "nat.static_address")
    assert again is not box
    assert again.name.text() == "the site office"
    qtbot.mouseClick(again.choice.buttons[Reply.NO], Qt.MouseButton.LeftButton)
    assert finding_status(wizard, "nat.static_address") is Status.WARN
    report = wizard.control.model.report
    assert report is not None
    assert report.verdict is Readiness.READY_WITH_ADVICE
    wizard.go_to(SUMMARY)
    assert wizard.summary.banner.accessibleName().startswith("Ready with advice")
    write_pdf(report, tmp_path / "report.pdf")
    kept = {one.check: one for one in open_report(tmp_path / "report.pdf").findings}
    assert kept["nat.static_address"].answer is not None
    box = answer_box(wizard, "nat.static_address")
    qtbot.mouseClick(box.choice.buttons[Reply.NO], Qt.MouseButton.LeftButton)
    assert finding_status(wizard, "nat.static_address") is Status.MANUAL


def test_answers_by_keyboard_keep_the_keyboard(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    wizard.activateWindow()
    qtbot.waitActive(wizard)
    box = answer_box(wizard, "plan.ott")
    box.choice.buttons[Reply.YES].setFocus()
    qtbot.keyClick(box.choice.buttons[Reply.YES], Qt.Key.Key_Space)
    now = answer_box(wizard, "plan.ott")
    assert now is not box
    assert now.choice.buttons[Reply.YES].isChecked()
    assert wizard.focusWidget() is now.choice.buttons[Reply.YES]


def test_the_planner_and_the_page_show_the_same_answers(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    wizard.planner.open("checklist")
    planner = wizard.planner.window
    assert planner is not None
    rows = planner.checklist.rows
    box = answer_box(wizard, "plan.ott")
    qtbot.mouseClick(box.choice.buttons[Reply.YES], Qt.MouseButton.LeftButton)
    assert rows["plan.ott.voicemail"].choice.buttons[Reply.YES].isChecked()
    qtbot.mouseClick(rows["plan.ott.voicemail"].choice.buttons[Reply.NO], Qt.MouseButton.LeftButton)
    assert finding_status(wizard, "plan.ott") is Status.WARN
    box = answer_box(wizard, "plan.ott")
    assert box.choice.buttons[Reply.NO].isChecked()
    qtbot.mouseClick(box.choice.buttons[Reply.NO], Qt.MouseButton.LeftButton)
    assert finding_status(wizard, "plan.ott") is Status.MANUAL
    assert not any(
        button.isChecked()
        for point, row in rows.items()
        if point.startswith("plan.ott")
        for button in row.choice.buttons.values()
    )


def test_the_plan_is_added_to_the_report(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    wizard.planner.open()
    planner = wizard.planner.window
    assert planner is not None
    assert planner.add.isVisible()
    storage = planner.pages["storage"][0]
    assert isinstance(storage, StoragePage)
    storage.users.setValue(70)
    with qtbot.waitSignal(wizard.control.amended):
        qtbot.mouseClick(planner.add, Qt.MouseButton.LeftButton)
    report = wizard.control.model.report
    assert report is not None
    assert report.plan is not None
    assert report.plan.storage is not None
    assert report.plan.storage.once == 70 * 50_000
    assert len(report.checklist) == len(planner.book.items)


def test_answers_last_when_something_runs_again(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    wizard.control.answer("nat.static_address", None)
    box = answer_box(wizard, "nat.static_address")
    qtbot.mouseClick(box.choice.buttons[Reply.YES], Qt.MouseButton.LeftButton)
    profile = find_profile().profile
    asked = tuple(
        row for row in profile.requirements if row.id in {"nat.static_address", "computer.ram"}
    )
    wizard.profile_choice.profile = structs.replace(profile, requirements=asked)
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000):
        wizard.start()
    assert finding_status(wizard, "nat.static_address") is Status.PASS
    with qtbot.waitSignal(wizard.control.finished, timeout=20_000):
        wizard.control.run_again(("computer.ram",))
    assert finding_status(wizard, "nat.static_address") is Status.PASS


def test_what_was_said_of_one_computer_is_not_said_of_another(
    qtbot: QtBot, make: Make, tmp_path: Path
) -> None:
    wizard = make()
    report = wizard.control.model.report
    assert report is not None
    write_json(report, tmp_path / "other.json")
    box = answer_box(wizard, "nat.static_address")
    qtbot.mouseClick(box.choice.buttons[Reply.YES], Qt.MouseButton.LeftButton)
    assert wizard.open_report(tmp_path / "other.json")
    assert wizard.control.model.stage is RunStage.OPENED
    assert finding_status(wizard, "nat.static_address") is Status.MANUAL
    box = answer_box(wizard, "nat.static_address")
    kept: list[object] = []
    wizard.control.amended.connect(kept.append)
    qtbot.mouseClick(box.choice.buttons[Reply.YES], Qt.MouseButton.LeftButton)
    assert kept == [], "another's report is not kept here"
    assert finding_status(wizard, "nat.static_address") is Status.PASS


def test_the_planner_goes_on_where_it_was_left(make: Make, tmp_path: Path) -> None:
    first = make()
    first.planner.open()
    window = first.planner.window
    assert window is not None
    storage = window.pages["storage"][0]
    assert isinstance(storage, StoragePage)
    storage.users.setValue(77)
    window.book.answer("plan.ott.voicemail", Reply.YES)
    first.close()
    assert (tmp_path / "planner.json").is_file()
    second = make()
    second.planner.open()
    again = second.planner.window
    assert again is not None
    assert again.book.storage.users == 77
    assert again.checklist.rows["plan.ott.voicemail"].choice.buttons[Reply.YES].isChecked()
    assert finding_status(second, "plan.ott") is Status.MANUAL, "old answers wait to be added"


@pytest.mark.parametrize("content", [b"", b"{", b'{"inputs": {"storage": {"users": -1}}}'])
def test_notes_that_make_no_sense_are_left_alone(
    make: Make, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "planner.json").write_bytes(content)
    wizard = make()
    wizard.planner.open()
    assert wizard.planner.window is not None
    assert wizard.planner.window.book.storage.users == 50


@pytest.mark.usefixtures("look")
def test_the_planner_opens_without_the_wizard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_data_in(tmp_path, monkeypatch)
    seen: list[str] = []

    def look_and_close() -> None:
        window = next(
            widget for widget in QApplication.topLevelWidgets()
            if isinstance(widget, PlannerWindow) and widget.isVisible()
        )  # fmt: skip
        seen.append(window.topic())
        assert not window.add.isVisible(), "there is no report to add it to"
        window.close()

    QTimer.singleShot(0, look_and_close)
    assert run_planner(find_profile().profile, "calls") == 0
    assert seen == ["calls"]
    assert (tmp_path / "natwizard" / "planner.json").is_file()


def test_larger_type_keeps_everything_in_sight(window: PlannerWindow, look: Appearance) -> None:
    look.toggle_helpdesk_size()
    QApplication.processEvents()
    for topic in TOPICS:
        window.go_to(topic)
        QApplication.processEvents()
        area = window.pages[topic][0].area
        assert area.widget().width() <= area.viewport().width(), topic
    assert window.numbers.country.width() == look.px(64)
    look.toggle_helpdesk_size()


def test_the_planner_follows_the_language(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    wizard = make()
    wizard.planner.open("checklist")
    before = wizard.planner.window
    assert before is not None
    before.book.answer("plan.ott.voicemail", Reply.YES)
    monkeypatch.setattr(languages, "language", lambda _code: PSEUDO)
    speak(PSEUDO)
    wizard.language.changed.emit()
    after = wizard.planner.window
    assert after is not None
    assert after is not before
    assert after.isVisible()
    assert after.topic() == "checklist"
    row = after.checklist.rows["plan.ott.voicemail"]
    assert row.choice.buttons[Reply.YES].isChecked()
    assert row.text.text() == pseudo("Voicemail is off on that number.")
    strip = wizard.check_pages[Page.ADMINISTRATOR].head
    assert strip.count() == 1


def test_the_menu_offers_the_planner(make: Make) -> None:
    wizard = make()
    wizard.session.actions[Command.PLANNER].trigger()
    assert wizard.planner.window is not None
    assert wizard.planner.window.isVisible()

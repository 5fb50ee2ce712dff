"""Without a mouse, without colours, without a picture: keyboard, names, announcements, motion."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.example_run import bad_findings, events_until, example_profile, finished, good_findings
from msgspec import structs
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSettings, QSignalBlocker, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractButton, QApplication, QListView, QWidget
from pytestqt.qtbot import QtBot

from natwizard.drawing.tokens import DARK, HIGH_CONTRAST, LIGHT, Theme
from natwizard.gui.announcer import GAP_MS, Announcer
from natwizard.gui.app import qt_screens
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.focus_order import stops
from natwizard.gui.look.preferences import Preferences
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.settings.dialog import SettingsDialog
from natwizard.gui.settings.opening import open_settings
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY, WELCOME
from natwizard.gui.wizard import Wizard
from natwizard.model.events import Event
from natwizard.model.finding import Page, Status
from natwizard.model.profile import Answers
from natwizard.report.words import status_word
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

NUMBERS = (WELCOME, *(PAGE_IDS[page] for page in Page if page is not Page.ADMINISTRATOR), SUMMARY)
WORDS = tuple(status_word(status) for status in Status)


@pytest.fixture
def wizard(qtbot: QtBot, look: Appearance, tmp_path: Path) -> Iterator[Wizard]:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    QAccessible.setActive(True)
    control = RunControl(lambda: real_environment(qt_screens()))
    made = Wizard(look, control, example_profile(), "example", Answers())
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    feed(made, finished(bad_findings()))
    yield made
    for dialog in made.findChildren(SettingsDialog):
        dialog.reject()
    QAccessible.setActive(False)
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def feed(wizard: Wizard, events: list[Event]) -> None:
    for event in events:
        wizard.control.model.apply(event, wizard.control.now_s())
    wizard.refresh()


def settle() -> None:
    for _round in range(4):
        QApplication.processEvents()


def walk(qtbot: QtBot, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Press Tab until the first control comes again."""
    seen: list[QWidget] = []
    while (current := QApplication.focusWidget()) is not None and current not in seen:
        seen.append(current)
        assert len(seen) < 80
        qtbot.keyClick(current, key)
    return seen


def in_the_page(wizard: Wizard, widget: QWidget) -> bool:
    return wizard.currentPage().isAncestorOf(widget)


@pytest.mark.parametrize("number", NUMBERS)
def test_tab_walks_the_content_then_the_footer_then_the_steps(
    qtbot: QtBot, wizard: Wizard, number: int
) -> None:
    wizard.go_to(number)
    settle()
    walked = walk(qtbot)
    first = next(n for n, one in enumerate(walked) if in_the_page(wizard, one))
    walked = walked[first:] + walked[:first]
    while in_the_page(wizard, walked[-1]):
        walked.insert(0, walked.pop())
    parts = [0 if in_the_page(wizard, one) else 2 if wizard.step_list.isAncestorOf(one) else 1
             for one in walked]  # fmt: skip
    assert parts == sorted(parts), "each part in one piece"
    for part in (0, 1, 2):
        places = [one.mapTo(wizard, QPoint(0, one.height() // 2))
                  for one, its in zip(walked, parts, strict=True) if its == part]  # fmt: skip
        spots = [(place.y(), place.x()) for place in places]
        assert spots == sorted(spots), "as it is read"
    everything = set(stops(wizard, wizard))
    assert set(walked) == everything, "nothing is left out"
    assert walk(qtbot, Qt.Key.Key_Backtab)[1] is walked[walked.index(walk_start(walked)) - 1]


def walk_start(walked: list[QWidget]) -> QWidget:
    """Where the walk ended: it went round once."""
    current = QApplication.focusWidget()
    assert current in walked
    return current


def interfaces(root: QObject) -> Iterator[tuple[QWidget, str, str, QAccessible.Role]]:
    """The accessible tree, as a screen reader walks it."""
    waiting = [QAccessible.queryAccessibleInterface(root)]
    while waiting:
        one = waiting.pop(0)
        waiting += [child for n in range(one.childCount()) if (child := one.child(n)) is not None]
        widget = one.object()
        if isinstance(widget, QWidget) and widget.isVisible() and one.state().focusable:
            text = QAccessible.Text
            yield widget, one.text(text.Name), one.text(text.Description), one.role()


@pytest.mark.parametrize("number", NUMBERS)
def test_everything_that_takes_the_keyboard_has_a_name_in_the_tree(
    wizard: Wizard, number: int
) -> None:
    wizard.go_to(number)
    settle()
    told = list(interfaces(wizard))
    assert len(told) >= len(stops(wizard, wizard))
    nameless = [widget for widget, name, _description, _role in told
                if not name.strip() and widget.focusProxy() is None]  # fmt: skip
    assert not nameless
    names = [name for widget, name, _description, role in told
             if in_the_page(wizard, widget) and isinstance(widget, QAbstractButton)]  # fmt: skip
    assert len(names) == len(set(names)), "no two controls of a page sound alike"


@pytest.mark.parametrize("number", NUMBERS[1:])
def test_results_begin_with_their_status_word(wizard: Wizard, number: int) -> None:
    wizard.go_to(number)
    settle()
    kinds = {"RowHeader", "MetricTile", "AreaButton"}
    names = [name for widget, name, _description, _role in interfaces(wizard)
             if type(widget).__name__ in kinds]  # fmt: skip
    assert names
    assert all(name.startswith(tuple(f"{word}: " for word in WORDS)) for name in names)


def test_roles_are_what_a_screen_reader_should_say(wizard: Wizard) -> None:
    roles = {name: role for _widget, name, _description, role in interfaces(wizard)}
    assert roles["In the browser"] == QAccessible.Role.RadioButton
    assert roles["Show me the result when it is done"] == QAccessible.Role.CheckBox
    assert roles["Webphone address"] == QAccessible.Role.EditableText
    wizard.go_to(PAGE_IDS[Page.WEBPHONE_PORT])
    settle()
    roles = {name: role for _widget, name, _description, role in interfaces(wizard)}
    assert roles["What do these words mean?"] == QAccessible.Role.Button


def test_every_section_of_the_settings_can_be_walked_and_is_named(
    qtbot: QtBot, wizard: Wizard
) -> None:
    dialog = open_settings(wizard.session, lambda: wizard.welcome)
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    for place in range(dialog.step_list.count()):
        dialog.step_list.setCurrentRow(place)
        settle()
        dialog.use.setFocus()
        walked = walk(qtbot)
        assert set(walked) == set(stops(dialog, dialog))
        assert all(one.accessibleName() or isinstance(one, QAbstractButton) for one in walked)
        names = [name for _widget, name, _description, _role in interfaces(dialog)]
        assert all(names)


def test_arrows_choose_a_way_of_taking_calls(qtbot: QtBot, wizard: Wizard) -> None:
    wizard.go_to(WELCOME)
    card = next(one for one in stops(wizard, wizard.welcome) if one.accessibleName() ==
                "In the browser")  # fmt: skip
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Right)
    assert wizard.welcome.role() == "sip-device"


@pytest.mark.parametrize("theme", [LIGHT, DARK, HIGH_CONTRAST], ids=lambda theme: theme.name)
def test_the_keyboard_is_seen_on_every_control(qtbot: QtBot, wizard: Wizard, theme: Theme) -> None:
    wizard.look.use(theme)
    for number in (WELCOME, PAGE_IDS[Page.WEBPHONE_PORT], SUMMARY):
        wizard.go_to(number)
        settle()
        for widget in walk(qtbot):
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            settle()
            assert accent_beside(wizard, widget, theme) > 20, widget.accessibleName()
    wizard.look.use(LIGHT)


def accent_beside(wizard: Wizard, widget: QWidget, theme: Theme) -> int:
    """Pixels of the ring's colour just outside the control, or around a list's chosen row."""
    box = QRect(widget.mapTo(wizard, QPoint(0, 0)), widget.size())
    image: QImage = wizard.grab(box.adjusted(-4, -4, 4, 4)).toImage()
    accent = QColor(theme.accent).rgb()
    inner = QRect(4, 4, box.width(), box.height())
    whole = isinstance(widget, QListView)
    return sum(
        image.pixel(x, y) == accent
        for x in range(image.width())
        for y in range(image.height())
        if whole or not inner.contains(x, y)
    )


class Listener(Announcer):
    """Notes what a screen reader would be told."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.heard: list[str] = []

    def announce(self, text: str) -> None:
        self.heard.append(text)
        super().announce(text)


def test_results_are_announced_problems_first_and_one_at_a_time(wizard: Wizard) -> None:
    listener = Listener(wizard)
    listener.announce_findings(bad_findings())
    assert len(listener.heard) == 1, "the rest waits its turn"
    assert GAP_MS >= 2000
    for _turn in range(3):
        listener._next()
    assert [text.split(":")[0] for text in listener.heard] == [
        "Problem", "Problem", "Could not tell", "Borderline",
    ]  # fmt: skip
    listener.announce_findings(bad_findings())
    assert len(listener.heard) == 4, "nothing is said twice"
    changed = structs.replace(good_findings()[0], status=Status.FAIL, summary="It changed.")
    listener.announce_findings((changed,))
    listener._next()
    assert listener.heard[-1] == "Problem: It changed.", "what changed is said again"


def test_nothing_moves_where_the_person_asks_for_rest(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    # on Windows the system has a say, and servers ask for rest
    monkeypatch.setattr(QApplication, "isEffectEnabled", lambda _effect: True)
    feed(wizard, events_until(good_findings(), Page.EDNS))
    assert wizard.look.motion._timer.isActive()
    dialog = open_settings(wizard.session, lambda: wizard.welcome)
    dialog.window_section.still.click()
    assert not wizard.look.motion._timer.isActive()
    assert wizard.look.motion.fold_ms == 0
    assert Preferences().still, "also the next time"


def test_every_status_has_a_word_beside_its_colour() -> None:
    assert len(set(WORDS)) == len(Status)


class PaintedRegion(QObject):
    """Gathers where a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.region = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QPaintEvent):
            self.region = self.region.united(event.region())
        return super().eventFilter(watched, event)


def test_the_ring_leaves_nothing_behind_in_a_list(qtbot: QtBot, wizard: Wizard) -> None:
    """A list paints the rows that change; the ring reaches beyond them."""
    steps = wizard.step_list.list
    steps.setFocus()
    qtbot.waitUntil(steps.hasFocus)
    around = wizard.ring._box(steps).toAlignedRect()
    painted = PaintedRegion(wizard.ring)
    QApplication.processEvents()
    painted.region = QRegion()
    model = steps.selectionModel()
    with QSignalBlocker(wizard.step_list):  # the page stays: only the row in the list changes
        model.setCurrentIndex(steps.model().index(3, 0), model.SelectionFlag.ClearAndSelect)
    QApplication.processEvents()
    assert QRegion(around).subtracted(painted.region).isEmpty()

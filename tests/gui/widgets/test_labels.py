"""Long paths, addresses and digests break into lines, and are read and copied whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from natwizard.gui.widgets.labels import BREAK, LONGEST_WORD, WrappedLabel, breakable

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LONG = (
    r"C:\Program Files\Vendor\Application\130.0.6723.117\browser-with-a-long-name.exe",
    "https://support.example.com/hc/en-us/articles/360001234567?section=network&page=2",
    "a-desk-on-the-third-floor.call-centre.leeds.branches.example.com",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "stun:[2001:db8:0000:0000:0000:0000:0000:0001]:19302?transport=udp",
)


def narrow(label: WrappedLabel) -> int:
    """As wide as the longest word that is left whole, in whichever font earlier tests have set."""
    return label.fontMetrics().horizontalAdvance("0" * LONGEST_WORD)


def made(qtbot: QtBot, text: str) -> WrappedLabel:
    label = WrappedLabel(text).selectable()
    qtbot.addWidget(label)
    label.resize(narrow(label), 20)
    label.show()
    return label


@pytest.mark.parametrize("text", LONG)
def test_a_long_word_takes_several_lines_and_none_is_too_wide(qtbot: QtBot, text: str) -> None:
    label = made(qtbot, text)
    metrics = label.fontMetrics()
    width = narrow(label)
    assert metrics.horizontalAdvance(text) > 2 * width
    needed = metrics.boundingRect(
        0, 0, width, 10_000, Qt.TextFlag.TextWordWrap, super(WrappedLabel, label).text()
    )
    assert needed.width() <= width
    assert label.height() >= needed.height() > 2 * metrics.height()


@pytest.mark.parametrize("text", LONG)
def test_it_is_copied_as_it_was_set(qtbot: QtBot, text: str) -> None:
    label = made(qtbot, text)
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    label.setSelection(0, len(super(WrappedLabel, label).text()))
    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == text
    clipboard.clear()
    point = label.rect().center()
    label.contextMenuEvent(
        QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, label.mapToGlobal(point))
    )
    (menu,) = label.findChildren(QMenu)
    menu.actions()[0].trigger()
    assert clipboard.text() == text
    menu.close()


@pytest.mark.parametrize("text", LONG)
def test_a_screen_reader_is_told_what_was_set(qtbot: QtBot, text: str) -> None:
    label = made(qtbot, text)
    told = QAccessible.queryAccessibleInterface(label)
    assert told.text(QAccessible.Text.Name) == label.text() == text
    label.setText("short")
    assert told.text(QAccessible.Text.Name) == label.text() == "short"


def test_words_of_a_language_are_left_whole() -> None:
    text = "Warteschlangenzuordnungsfehler und Kommunikationsinfrastruktur"
    assert breakable(text) == text


@given(st.text())
def test_breaks_alone_are_added(text: str) -> None:
    assert breakable(text).replace(BREAK, "") == text.replace(BREAK, "")

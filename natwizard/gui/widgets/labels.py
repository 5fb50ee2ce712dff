"""Labels that keep all of their text in sight."""

import re
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from shiboken6 import isValid

from natwizard.gui.look.appearance import Appearance
from natwizard.report.plain import plain_paragraphs

# Zero width space, where a line may end. `plain` lets none through, so each one is of our making.
BREAK = "\u200b"
# Characters of a word that fits into a line on the smallest screen, at 200 %
LONGEST_WORD = 24
# Letters and digits in a row that are no word of any language, but a digest or a token
LONGEST_RUN = 40


def keep_width(look: Appearance, widget: QWidget, width: float) -> None:
    """Give a widget a fixed width."""
    _keep(look, widget, lambda: widget.setFixedWidth(look.px(width)))


def keep_height(look: Appearance, widget: QWidget, height: float) -> None:
    """Give a widget a fixed height."""
    _keep(look, widget, lambda: widget.setFixedHeight(look.px(height)))


def _keep(look: Appearance, widget: QWidget, apply: Callable[[], None]) -> None:
    def apply_while_alive() -> None:
        if isValid(widget):
            apply()

    apply()
    look.changed.connect(apply_while_alive)


def set_trait(widget: QWidget, name: str, value: object) -> None:
    """Set a property, and style the widget again where Qt has styled it already.

    Without that a stylesheet selector on the property would not be applied. Before the first
    show it is skipped: it would delay the first frame.
    """
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)


def breakable(text: str) -> str:
    """With BREAK in long paths, addresses and digests: Qt breaks lines at blanks, and otherwise
    cuts the text at the edge."""
    if all(len(word) <= LONGEST_WORD for word in text.split()):
        return text
    return re.sub(rf"\S{{{LONGEST_WORD + 1},}}", _with_breaks, text)


def _with_breaks(word: re.Match[str]) -> str:
    at_signs = re.sub(r"(?<=[\\/.:;,?&=@_-])(?=[^\\/.:;,?&=@_-])", BREAK, word[0])
    rest = LONGEST_RUN - LONGEST_WORD
    run = rf"[0-9A-Za-z+]{{{LONGEST_WORD}}}(?=[0-9A-Za-z+]{{{rest}}})"
    return re.sub(run, rf"\g<0>{BREAK}", at_signs)


class WrappedLabel(QLabel):
    """A label as high as its wrapped text needs: nested layouts give too little otherwise.

    Words too long for a line may be broken, but not where the text is read or copied.
    """

    def __init__(
        self, text: str = "", *, face: str = "", tone: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._fitted = -1, ""
        self._is_broken = False
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("face", face)
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Text from anywhere: made safe to show."""
        safe = plain_paragraphs(text)
        shown = breakable(safe)
        super().setText(shown)
        if self._is_broken or (shown != safe and not self.accessibleName()):
            self.setAccessibleName(safe if shown != safe else "")
        self._is_broken = shown != safe
        self._fit()

    def text(self) -> str:
        """As it was set."""
        return super().text().replace(BREAK, "")

    def selectedText(self) -> str:
        """What is selected of the text as it was set."""
        return super().selectedText().replace(BREAK, "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt would copy what is shown."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.hasSelectedText():
            self.copy_selection()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu of our own for a text with breaks, which Qt's would copy, too."""
        if not (self._is_broken and self.hasSelectedText()):
            super().contextMenuEvent(event)
            return
        from PySide6.QtWidgets import QMenu  # late: the first page is painted without one

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = QCoreApplication.translate("QWidgetTextControl", "&Copy")  # as Qt's own menu has it
        menu.addAction(words, self.copy_selection)
        menu.popup(event.globalPos())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """X11 pastes with the middle button what was selected last."""
        super().mouseReleaseEvent(event)
        clipboard = QGuiApplication.clipboard()
        if self._is_broken and self.hasSelectedText() and clipboard.supportsSelection():
            clipboard.setText(self.selectedText(), QClipboard.Mode.Selection)

    def copy_selection(self) -> None:
        """Put what is selected on the clipboard."""
        QGuiApplication.clipboard().setText(self.selectedText())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def hasHeightForWidth(self) -> bool:
        """No: the height is fixed by `_fit`. QLabel would say yes and be given less."""
        return False

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def selectable(self) -> "WrappedLabel":
        """Let mouse and keyboard select the text, to copy it."""
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        return self

    def _fit(self) -> None:
        if (self.width(), self.text()) == self._fitted:
            return
        self._fitted = self.width(), self.text()
        self.setMinimumHeight(0)  # QLabel never asks for less than its minimum
        height = self.heightForWidth(self.width())
        if height > 0:
            self.setFixedHeight(height)

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs another height."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._fitted = -1, ""
            self._fit()


def label(text: str = "", *, face: str = "", tone: str = "") -> QLabel:
    """A label of one line, as wide as its text."""
    made = QLabel(plain_paragraphs(text))
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("face", face)
    made.setProperty("tone", tone)
    return made


def set_tone(widget: QWidget, tone: str) -> None:
    """Change the colour of a text."""
    set_trait(widget, "tone", tone)

"""Labels that keep all of their text in sight."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from shiboken6 import isValid

from natwizard.gui.look.appearance import Appearance
from natwizard.report.plain import plain_paragraphs


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


class WrappedLabel(QLabel):
    """A label as high as its wrapped text needs: nested layouts give too little otherwise."""

    def __init__(
        self, text: str = "", *, face: str = "", tone: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._fitted = -1, ""
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("face", face)
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Text from anywhere: made safe to show."""
        super().setText(plain_paragraphs(text))
        self._fit()

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

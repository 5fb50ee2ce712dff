"""What the helpdesk's windows share: insets, a title with one line, a body, a foot of buttons."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.mark import mark_icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.pages.base import Header
from natwizard.gui.widgets.buttons import IconButton, set_words
from natwizard.gui.widgets.focus_ring import FocusRing

SIZE = (920, 600)
SIZE_BESIDE = (860, 680)


class DeskWindow(QDialog):
    """Put widgets into `body` and buttons into `foot`; Esc closes.

    With `beside` it has a place of its own in the task bar and can be minimised alone, which
    no system lets a window do that belongs to `parent`.
    """

    def __init__(
        self, look: Appearance, parent: QWidget, title: str, line: str, *, beside: bool = False
    ) -> None:
        super().__init__(None if beside else parent)
        if beside:
            self.setWindowIcon(mark_icon())
        self.look = look
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setWindowFlag(Qt.WindowType.WindowMinMaxButtonsHint, on=True)
        whole = QVBoxLayout(self)
        look.space(whole)
        self.body = QVBoxLayout()
        look.space(self.body, margins=(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l), spacing=SPACE.l)
        self.header = Header(look, title, line)
        self.header.pill.hide()
        self.body.addWidget(self.header)
        whole.addLayout(self.body, 1)
        rule = QFrame()
        rule.setProperty("box", "rule")
        rule.setFixedHeight(look.theme.line_px)
        whole.addWidget(rule)
        self.foot = QHBoxLayout()
        look.space(self.foot, margins=(SPACE.xxl, SPACE.m, SPACE.xxl, SPACE.m), spacing=SPACE.s)
        whole.addLayout(self.foot)
        self._ring = FocusRing(look, self)
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinimumSize)
        width, height = SIZE_BESIDE if beside else SIZE
        wanted = QSize(look.px(width), look.px(height))
        self.resize(wanted.boundedTo(parent.screen().availableSize()))

    def button(self, words: str, icon: Icon | None = None, *, kind: str = "") -> QPushButton:
        """A button for the foot; "&" marks its Alt letter."""
        made: QPushButton
        if icon is None:
            made = QPushButton()
            made.setProperty("kind", kind)
            made.setAutoDefault(False)
            set_words(made, words)
        else:
            made = IconButton(self.look, icon, words, kind=kind)
        self.foot.addWidget(made)
        return made

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: FBT001 - Qt's signature
        self._ring.keyboard_used()
        return super().focusNextPrevChild(forwards)

"""Yes or no, or neither yet: two small buttons; pressing a pressed one takes the answer back."""

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.model.confirmation import Reply
from natwizard.model.language import _

WIDTH = 78
TICK = 16


class YesNo(QWidget):
    """One question's answer.

    Signals:
        chosen: a person has answered; carries the Reply, or None where it was taken back.
    """

    chosen = Signal(object)

    def __init__(self, look: Appearance, question: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        look.space(row, spacing=SPACE.xs)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._look = look
        self._reply: Reply | None = None
        self.buttons: dict[Reply, QPushButton] = {}
        for reply, text in ((Reply.YES, _("Yes")), (Reply.NO, _("No"))):
            button = QPushButton(text)
            button.setProperty("kind", "small")
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{text}: {question}")
            button.setMinimumWidth(look.px(WIDTH))
            button.clicked.connect(self._on_clicked)
            self.buttons[reply] = button
            row.addWidget(button)
        look.changed.connect(self._draw)

    def tell(self, reply: Reply | None) -> None:
        """Show an answer that was given elsewhere."""
        self._reply = reply
        for mine, button in self.buttons.items():
            button.setChecked(mine is reply)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        """The answer that stands wears a tick: colour alone would not do."""
        side = self._look.px(TICK)
        for mine, button in self.buttons.items():
            chosen = mine is self._reply
            button.setIcon(self._look.icon(Icon.TICK) if chosen else QIcon())
            button.setIconSize(QSize(side, side))

    def take_focus(self) -> None:
        """Put the keyboard on the answer that stands, else on the first button."""
        self.buttons[self._reply or Reply.YES].setFocus()

    @Slot()
    def _on_clicked(self) -> None:
        pressed = next(reply for reply, button in self.buttons.items() if button is self.sender())
        self.tell(None if pressed is self._reply else pressed)
        self.chosen.emit(self._reply)

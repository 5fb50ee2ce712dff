"""One certificate of a profile: whose, until when, and a button that takes it out."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.writing import date_words
from natwizard.profiles.roots import Root, roots_of


class CertificateRow(QWidget):
    """One text of the list; it may hold several certificates.

    Signals:
        removed: carries the text.
    """

    removed = Signal(str)

    def __init__(self, look: Appearance, pem: str, *, first: bool) -> None:
        super().__init__()
        self._look, self._first = look, first
        try:
            roots = roots_of(pem)
            words, problem = "\n".join(map(root_words, roots)), ""
        except ValueError as error:
            roots, words, problem = (), "", str(error)
        fine = bool(roots) and not any(root.expired for root in roots)
        row = QHBoxLayout(self)
        look.space(row, margins=(SPACE.l, SPACE.s, SPACE.m, SPACE.s), spacing=SPACE.m)
        row.addWidget(Glyph(look, Status.PASS if fine else Status.WARN, side=16))
        texts = QVBoxLayout()
        look.space(texts, spacing=0)
        texts.addStretch()
        texts.addWidget(WrappedLabel(words or problem))
        texts.addStretch()
        row.addLayout(texts, 1)
        self.button = QPushButton()
        self.button.setProperty("kind", "small")
        self.button.setAutoDefault(False)
        set_words(self.button, _("Remove"))
        self.button.setAccessibleName(_("Remove: {title}").format(title=words or problem))
        self.button.clicked.connect(lambda: self.removed.emit(pem))
        row.addWidget(self.button)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._first:
            theme = self._look.theme
            painter = QPainter(self)
            painter.fillRect(0, 0, self.width(), theme.line_px, QColor(theme.line))


def root_words(root: Root) -> str:
    """ "Example Root CA, until 22 Nov 2036"."""
    day = date_words(root.until.date())
    text = _("{name}, expired on {day}") if root.expired else _("{name}, until {day}")
    return text.format(name=root.name, day=day)

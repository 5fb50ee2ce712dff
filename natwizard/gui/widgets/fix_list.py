"""Fix first: causes, numbered; each with its owner and a text to copy."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.buttons import CopyButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.model.finding import Finding, Owner
from natwizard.model.language import _
from natwizard.model.writing import labelled
from natwizard.report.details import Fix
from natwizard.report.plain import plain
from natwizard.report.words import owner_name


class FixList(QFrame):
    """A frame of causes; rebuilt with each report."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.rows: list[QWidget] = []
        self.setProperty("box", "group")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_fixes(self, fixes: tuple[Fix, ...], request: Callable[[Finding], str]) -> None:
        """Show these, numbered from 1."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [
            self._row(number, fix, request(fix.finding)) for number, fix in enumerate(fixes, 1)
        ]
        for row in self.rows:
            self._column.addWidget(row)

    def show_first(self, count: int) -> None:
        """Show so many of them; the others keep their numbers and wait."""
        for place, row in enumerate(self.rows):
            row.setVisible(place < count)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        theme, left = self._look.theme, self._look.px(56)
        for row in self.rows[1:]:
            if row.isHidden():
                break
            width = self.width() - left - theme.line_px
            painter.fillRect(left, row.y(), width, theme.line_px, QColor(theme.line))

    def _row(self, number: int, fix: Fix, request: str) -> QWidget:
        look = self._look
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(look.px(18), look.px(9), look.px(14), look.px(9))
        line.setSpacing(look.px(14))
        line.addWidget(Glyph(look, fix.status))
        texts = QVBoxLayout()
        texts.setSpacing(look.px(1))
        texts.addStretch()
        texts.addWidget(WrappedLabel(f"{number}. {fix.title}", face="lead"))
        if fix.text:
            texts.addWidget(_RemedyLine(fix))
        texts.addStretch()
        line.addLayout(texts, 1)
        if fix.owner is not None and fix.owner is not Owner.AGENT and request:
            button = CopyButton(look, _("Copy for IT"), request)
            button.setAccessibleName(_("Copy for IT: {title}").format(title=plain(fix.title)))
            line.addWidget(button)
        return row


class _RemedyLine(WrappedLabel):
    """The owner in bold before the remedy."""

    def __init__(self, fix: Fix) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText)
        owner = labelled(owner_name(fix.owner), "").rstrip() if fix.owner is not None else ""
        self._show(owner, plain(fix.text))

    def _show(self, owner: str, text: str) -> None:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self.setText(f"<b>{owner}</b> {escaped}" if owner else escaped)

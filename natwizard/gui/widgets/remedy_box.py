"""What to do, who does it, and the two buttons that help: copy the text for IT, run again."""

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import RADIUS
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.buttons import CopyButton, IconButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.painted import Painted
from natwizard.model.finding import Finding
from natwizard.model.language import _
from natwizard.report.words import owner_subject

EDGE = 4


class RemedyBox(Painted):
    """Accent edge on the left; shown only where there is something to do or to run again.

    Signals:
        again: the person wants this check to run again.
    """

    again = Signal()

    def __init__(
        self, look: Appearance, finding: Finding, request: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, parent)
        self.rerun: QPushButton | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(20), look.px(12), look.px(14), look.px(12))
        column.setSpacing(look.px(4))
        if finding.remedy is not None:
            head = QHBoxLayout()
            head.addWidget(label(_("What to do"), face="strong"))
            head.addStretch()
            head.addWidget(Glyph(look, Icon.PERSON, side=18))
            head.addSpacing(look.px(4))
            head.addWidget(label(owner_subject(finding.remedy.owner), tone="2"))
            column.addLayout(head)
            column.addWidget(WrappedLabel(finding.remedy.text, face="remedy").selectable())
            column.addSpacing(look.px(4))
        buttons = QHBoxLayout()
        buttons.setSpacing(look.px(8))
        if request:
            buttons.addWidget(CopyButton(look, _("Copy text for IT"), request))
        self.rerun = IconButton(look, Icon.RERUN, _("Run this check again"))
        self.rerun.clicked.connect(self._on_again)
        buttons.addWidget(self.rerun)
        buttons.addStretch()
        column.addLayout(buttons)

    @Slot()
    def _on_again(self) -> None:
        self.again.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half = theme.line_px / 2
        frame = QRectF(self.rect()).adjusted(half, half, -half, -half)
        path = QPainterPath()
        path.addRoundedRect(frame, look.px(RADIUS.control), look.px(RADIUS.control))
        painter.fillPath(path, QColor(theme.surface))
        painter.setPen(QPen(QColor(theme.line), theme.line_px))
        painter.drawPath(path)
        painter.setClipPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawRect(QRectF(0, 0, look.px(EDGE), self.height()))

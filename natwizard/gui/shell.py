"""The window itself: in sight before the program is loaded, with the wizard inside afterwards.

Light on purpose, so that nobody double-clicks twice: it needs Qt, and of natwizard its colours.
"""

import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, QSettings, QSize, QTimer
from PySide6.QtGui import QCloseEvent, QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from natwizard.drawing.ground import GROUNDS, Ground, ThemeName
from natwizard.gui.brand import (
    NAME,
    NAME_PX,
    NARROW_BELOW,
    NARROW_RAIL_WIDTH,
    RAIL_WIDTH,
    SIZE,
    SMALLEST,
    paint_brand,
)
from natwizard.gui.preferences import Preferences
from natwizard.gui.system_look import contrast_ground, factor_of, system_font, system_theme_name

if TYPE_CHECKING:
    from natwizard.gui.wizard import Wizard

STARTING = f"{NAME} is starting"
SIZE_KEY = "window/size"
TITLE_BAR_PX = 32
PAINT_S = 0.2


class Shell(QWidget):
    """Make it and show it; then let the wizard move in. It closes with the wizard and the reverse.

    As large as the last time, but never larger than its screen; the place is not kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self._wizard: Wizard | None = None
        self._ground = opening_ground()
        self._font = system_font()
        self._factor = factor_of(self._font)
        self.setWindowTitle(STARTING)
        self.setMinimumSize(*SMALLEST)
        kept = QSettings(NAME, NAME).value(SIZE_KEY)
        usual = QSize(self._px(SIZE[0]), self._px(SIZE[1]))
        wanted = kept if isinstance(kept, QSize) and kept.isValid() else usual
        screen = self.screen().availableSize() - QSize(0, TITLE_BAR_PX)
        self.resize(wanted.boundedTo(screen).expandedTo(self.minimumSize()))

    def _px(self, size: float) -> int:
        return round(size * self._factor)

    def show_at_once(self) -> None:
        """Show it, painted before this returns."""
        self.show()
        until = time.monotonic() + PAINT_S
        while not self.windowHandle().isExposed() and time.monotonic() < until:
            QApplication.processEvents()
        QApplication.processEvents()

    def take_in(self, wizard: "Wizard") -> None:
        """Be this wizard's window from now on."""
        self._wizard = wizard
        self.setWindowIcon(wizard.windowIcon())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(wizard)
        self.setMinimumSize(wizard.minimumSize())
        wizard.finished.connect(self.close)
        wizard.show()
        QTimer.singleShot(0, self, lambda: self.setWindowTitle(NAME))  # once it is painted

    def keep_size(self) -> None:
        """For the next time."""
        if self._wizard is not None and self._wizard.look.helpdesk_size:
            return
        if not self.isMaximized():
            QSettings(NAME, NAME).setValue(SIZE_KEY, self.size())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The empty window: its grounds, the line between them, mark and name."""
        if self._wizard is not None:
            return
        narrow = self.width() < self._px(NARROW_BELOW)
        rail = self._px(NARROW_RAIL_WIDTH if narrow else RAIL_WIDTH)
        font = QFont(self._font)
        font.setPixelSize(self._px(NAME_PX))
        font.setWeight(QFont.Weight.DemiBold)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._ground.canvas))
        painter.fillRect(QRectF(0, 0, rail, self.height()), QColor(self._ground.rail))
        painter.setPen(QColor(self._ground.line))
        painter.drawLine(QLineF(rail - 0.5, 0, rail - 0.5, self.height()))
        paint_brand(painter, self._ground, font, self._factor, narrow=narrow)
        painter.end()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Every way out of the window ends what the wizard does."""
        wizard = self._wizard
        if wizard is not None and wizard.isVisible() and not wizard.close():
            event.ignore()


def opening_ground() -> Ground:
    """The colours that the wizard will have: those that were chosen, else the system's."""
    name = Preferences().theme_name
    if name is None:
        name = system_theme_name()
        if name is ThemeName.HIGH_CONTRAST and sys.platform == "win32":
            return contrast_ground()
    return GROUNDS[name]

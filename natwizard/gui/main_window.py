"""The window itself: in sight before the program is loaded, with the wizard inside afterwards.

Light on purpose, so that nobody double-clicks twice: it needs little of Qt, and of natwizard its
colours. Labels, a stylesheet and a picture make it, for whoever paints or names a constant of the
Qt namespace waits until PySide has made the whole of that: a fifth of the time until then.
"""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSettings, QSize, QTimer
from PySide6.QtGui import QCloseEvent, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from natwizard.assets import asset
from natwizard.drawing.base_palette import GROUNDS, ThemeName
from natwizard.gui.brand import (
    GAP,
    INSET,
    MARK_PX,
    NAME,
    NAME_PX,
    NARROW_BELOW,
    NARROW_RAIL_WIDTH,
    RAIL_WIDTH,
    SIZE,
    SMALLEST,
)
from natwizard.gui.look.preferences import Preferences, factor_of, system_font

if TYPE_CHECKING:
    from natwizard.gui.wizard import Wizard


STARTING = f"{NAME} is starting"
SIZE_KEY = "window/size"
# A screen's available size leaves the task bar out, but not the window's own title bar
TITLE_BAR_PX = 32
# Where the system does not say that the window is exposed, the start goes on all the same
PAINT_S = 0.2
# Of QColor.lightness(), which goes up to 255
HALF = 128


class OpeningPicture(QLabel):
    """The rail with mark and name, where the wizard's will be."""

    def __init__(self, parent: QWidget, family: str, factor: float) -> None:
        super().__init__(parent)
        self._factor = factor
        theme = opening_theme()
        palette = GROUNDS[theme]
        self._step_list, self._mark, self._name = QLabel(self), QLabel(self), QLabel(NAME, self)
        self.setStyleSheet(f"background: {palette.canvas}")
        self._step_list.setStyleSheet(
            f"background: {palette.sidebar}; border-right: 1px solid {palette.line}"
        )
        self._mark.setStyleSheet(f"background: {palette.sidebar}")
        self._mark.setPixmap(QPixmap(str(asset(f"icons/mark-{theme}.png"))))
        self._mark.setScaledContents(True)
        size = self._px(NAME_PX)
        self._name.setStyleSheet(
            f"background: {palette.sidebar}; color: {palette.text}; font: 600 {size}px '{family}'"
        )

    def _px(self, size: float) -> int:
        return round(size * self._factor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self._px(NARROW_BELOW)
        step_list = self._px(NARROW_RAIL_WIDTH if narrow else RAIL_WIDTH)
        side, top = self._px(MARK_PX), self._px(INSET)
        left = (step_list - side) // 2 if narrow else self._px(INSET)
        after = left + side + self._px(GAP)
        self._step_list.setGeometry(QRect(0, 0, step_list, self.height()))
        self._mark.setGeometry(QRect(left, top, side, side))
        self._name.setGeometry(QRect(after, top, max(0, step_list - after - 1), side))
        self._name.setVisible(not narrow)


class MainWindow(QWidget):
    """Make it and show it; then let the wizard move in. It closes with the wizard and the reverse.

    As large as the last time, but never larger than its screen; the place is not kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self._wizard: Wizard | None = None
        font = system_font()
        self._factor = factor_of(font)
        self._picture = OpeningPicture(self, font.family(), self._factor)
        self.setWindowTitle(STARTING)
        kept = QSettings(NAME, NAME).value(SIZE_KEY)
        usual = QSize(self._px(SIZE[0]), self._px(SIZE[1]))
        wanted = kept if isinstance(kept, QSize) and kept.isValid() else usual
        screen = self.screen().availableSize() - QSize(0, TITLE_BAR_PX)
        # at 200 % a laptop's screen is smaller than the smallest that we like
        self.setMinimumSize(QSize(*SMALLEST).boundedTo(screen))
        self.resize(wanted.boundedTo(screen).expandedTo(self.minimumSize()))

    def _px(self, size: float) -> int:
        return round(size * self._factor)

    def show_at_once(self) -> None:
        """Show it, painted before this returns."""
        self.show()
        until = time.perf_counter() + PAINT_S
        while not self.windowHandle().isExposed() and time.perf_counter() < until:
            QApplication.processEvents()
        QApplication.processEvents()

    def take_in(self, wizard: "Wizard") -> None:
        """Be this wizard's window from now on."""
        self._wizard = wizard
        self.setWindowIcon(wizard.windowIcon())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        wizard.setMinimumSize(self.minimumSize())
        column.addWidget(wizard)
        wizard.finished.connect(self.close)
        wizard.show()
        QTimer.singleShot(0, self, self._end_opening)  # once it is painted

    def _end_opening(self) -> None:
        if self._wizard is not None:
            self.setWindowTitle(self._wizard.windowTitle())
            self._wizard.windowTitleChanged.connect(self.setWindowTitle)
        self._picture.hide()

    def keep_size(self) -> None:
        """For the next time."""
        if self._wizard is not None and self._wizard.look.helpdesk_size:
            return
        if not self.isMaximized():
            QSettings(NAME, NAME).setValue(SIZE_KEY, self.size())

    def put_away(self) -> None:
        """Delete it at once. Python's collector might do it later, and on another thread."""
        self.close()
        self.deleteLater()
        QApplication.sendPostedEvents(self, QEvent.Type.DeferredDelete.value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._picture.resize(self.size())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Every way out of the window ends what the wizard does."""
        wizard = self._wizard
        if wizard is not None and wizard.isVisible() and not wizard.close():
            event.ignore()


def opening_theme() -> ThemeName:
    """What was chosen, else dark where the system's windows are."""
    chosen = Preferences().theme_name
    if chosen is not None:
        return chosen
    window = QApplication.palette().color(QPalette.ColorRole.Window)
    return ThemeName.DARK if window.lightness() < HALF else ThemeName.LIGHT

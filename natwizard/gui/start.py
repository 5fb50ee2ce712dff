"""natwizard-gui: the mark at once, so that nobody double-clicks twice; then the whole program."""

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QSplashScreen

from natwizard.drawing.mark import paint_mark
from natwizard.drawing.tokens import DARK, LIGHT
from natwizard.gui.application import NAME, the_application

SIZE = (300, 116)
MARK = QRectF(32, 34, 48, 48)
NAME_PX = 28


def opening_picture(application: QApplication) -> QPixmap:
    """Mark and name, as on top of the rail; light or dark as the system is."""
    dark = application.styleHints().colorScheme() is Qt.ColorScheme.Dark
    theme = DARK if dark else LIGHT
    ratio = application.primaryScreen().devicePixelRatio()
    picture = QPixmap(round(SIZE[0] * ratio), round(SIZE[1] * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(theme.rail))
    painter = QPainter(picture)
    painter.setPen(QColor(theme.line))
    painter.drawRect(QRectF(0.5, 0.5, SIZE[0] - 1, SIZE[1] - 1))
    paint_mark(painter, MARK, theme.accent, theme.on_accent)
    font = QFont(application.font())
    font.setPixelSize(NAME_PX)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    place = QRectF(MARK.right() + 20, 0, SIZE[0] - MARK.right() - 20, SIZE[1])
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, NAME)
    painter.end()
    return picture


def entry() -> None:
    """Show it, load everything else, and take it away once the window stands."""
    application = the_application()
    opening = QSplashScreen(opening_picture(application))
    opening.setWindowTitle(f"{NAME} is starting")
    opening.show()
    application.processEvents()
    # runs in the first event loop, when the window stands, or a message that says why it does not
    QTimer.singleShot(0, opening.close)
    from natwizard.gui.app import entry as open_window

    open_window()

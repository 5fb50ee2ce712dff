"""A ring around the control that has the keyboard: QSS has no offset for outlines."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QListView, QScrollArea, QWidget
from shiboken6 import isValid

from natwizard.drawing.tokens import RADIUS
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.choice_card import ChoiceCard

OFFSET = 2
WIDTH = 2
MOVES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide}


class FocusRing(QWidget):
    """Lies over the whole window and lets every click through.

    `keyboard` says whether the person moves by keyboard; a mouse press hides the ring.
    """

    def __init__(self, look: Appearance, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._window = look, window
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._keyboard = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)
        window.installEventFilter(self)
        look.changed.connect(self.update)
        self._cover()

    def keyboard_used(self) -> None:
        """The person moves by keyboard."""
        self._keyboard = True
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in MOVES:
            if watched is self._window:
                self._cover()
            self.update()
        return False

    @Slot(QWidget, QWidget)
    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._keyboard = False
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        inside = new is not None and self._window.isAncestorOf(new)
        self._follow_rows(self._target, follow=False)
        self._target = new if inside else None
        self._follow_rows(self._target, follow=True)
        ancestor = self._target
        while ancestor is not None and ancestor is not self._window:
            ancestor.installEventFilter(self)
            self._watched.append(ancestor)
            ancestor = ancestor.parentWidget()
        self.raise_()
        self.update()

    def _follow_rows(self, target: QWidget | None, *, follow: bool) -> None:
        """A list paints the rows that change, and no more: the ring outside them would stay."""
        if not isinstance(target, QListView) or not isValid(target):
            return
        moved = target.selectionModel().currentChanged, target.verticalScrollBar().valueChanged
        for signal in moved:
            if follow:
                signal.connect(self._redraw)
            else:
                signal.disconnect(self._redraw)

    @Slot()
    def _redraw(self) -> None:
        self.update()

    def _cover(self) -> None:
        self.setGeometry(QRect(QPoint(0, 0), self._window.size()))
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        target = self._target
        if target is None or not self._keyboard or not isValid(target) or not target.isVisible():
            return
        box = self._box(target)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._clip(painter, target)
        painter.setPen(QPen(QColor(self._look.theme.accent), WIDTH))
        radius = self._look.px(RADIUS.group if isinstance(target, ChoiceCard) else RADIUS.control)
        painter.drawRoundedRect(box, radius + OFFSET, radius + OFFSET)

    def _clip(self, painter: QPainter, target: QWidget) -> None:
        """No ring over the footer for what has been scrolled out of sight."""
        ancestor = target.parentWidget()
        while ancestor is not None and ancestor is not self._window:
            if isinstance(ancestor, QScrollArea):
                view = ancestor.viewport()
                corner = view.mapTo(self._window, QPoint(0, 0))
                # the ring lies OFFSET + WIDTH outside what has the keyboard; below, the footer
                # begins
                painter.setClipRect(QRect(corner, view.size()).adjusted(-4, -4, 4, 0))
            ancestor = ancestor.parentWidget()

    def _box(self, target: QWidget) -> QRectF:
        rect = target.rect()
        if isinstance(target, QListView):
            rect = target.visualRect(target.currentIndex())
            target = target.viewport()
            # a chosen row's ground is inset by as much
            margin = self._look.px(8)
            inner = rect.adjusted(margin, 1, -margin, -1)
            rect = inner.adjusted(OFFSET, OFFSET, -OFFSET, -OFFSET)
        corner = target.mapTo(self._window, rect.topLeft())
        grow = OFFSET + WIDTH / 2
        return QRectF(QRect(corner, rect.size())).adjusted(-grow, -grow, grow, grow)

"""A report that is dropped on the window is opened."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

SUFFIXES = {".pdf", ".json"}


class DropTarget(QObject):
    """Takes one report at a time, and only while `ready` says so."""

    def __init__(
        self, window: QWidget, opened: Callable[[Path], object], ready: Callable[[], bool]
    ) -> None:
        super().__init__(window)
        self._opened, self._ready = opened, ready
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QDropEvent):  # entering and moving are drops to Qt as well
            return super().eventFilter(watched, event)
        path = _report_in(event.mimeData())
        if path is None or not self._ready():
            event.ignore()
            return True
        event.acceptProposedAction()
        if event.type() is QEvent.Type.Drop:
            self._opened(path)
        return True


def _report_in(data: QMimeData) -> Path | None:
    """The one local file among what is dragged, if its name is a report's."""
    urls = data.urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.suffix.lower() in SUFFIXES else None

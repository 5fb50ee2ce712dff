"""The one QApplication. Light on purpose: it stands before the rest of the program is loaded."""

import builtins
import os
import sys
from builtins import __import__ as import_of_python
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from natwizard import __version__
from natwizard.gui.exit_code import WRONG_USAGE
from natwizard.system.browser import has_display, no_display

NAME = "natwizard"
STYLE = "Fusion"
STYLED = "styled"
LONGEST_REASON = 120


class OpenedFiles(QObject):
    """What macOS asks this program to open: by an event, not by an argument.

    Signals:
        opened: carries a path or an address.
    """

    opened = Signal(str)

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._early: list[str] | None = []
        application.installEventFilter(self)

    def take(self) -> tuple[str, ...]:
        """What came before anybody listened; from now on the signal tells."""
        early, self._early = self._early or [], None
        return tuple(early)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Told by type and not by class, which PySide would have to load."""
        if event.type() != QEvent.Type.FileOpen:
            return super().eventFilter(watched, event)
        place = event.file() or event.url().toString()  # type: ignore[attr-defined]
        if self._early is not None:
            self._early.append(place)
        else:
            self.opened.emit(place)
        return True


def import_uninspected() -> None:
    """Imports by Python alone again, without PySide looking at each module.

    PySide reads the source of whatever is imported after it, for modules that choose another
    spelling of Qt's names (`from __feature__ import snake_case`): a tenth of the time until the
    first page. None of ours does. `builtins.__import__` may be replaced (Python's library
    reference), and what it was is taken above, before PySide6 is imported; where somebody has
    imported that earlier, nothing changes.
    """
    builtins.__import__ = import_of_python


def the_application() -> QApplication:
    """The one there is, or a new one; fractional scaling is the system's, as Qt 6 has it."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    with _no_display_told():
        application = QApplication([*(sys.argv[:1] or [NAME]), "-style", STYLE])
    application.setProperty(STYLED, True)  # noqa: FBT003 - Qt's signature
    application.setApplicationName(NAME)
    application.setApplicationVersion(__version__)
    application.setDesktopFileName(NAME)
    if sys.platform == "darwin":
        OpenedFiles(application)
    return application


def display_works() -> bool:
    """Whether a window could be shown, tried in a process of its own, which may end by it.

    For commands that have something else to do where none can; before any thread is started. Takes
    a third of a second, so nothing asks on the way to a window that is all there is.
    """
    if not has_display():
        return False
    if sys.platform in ("win32", "darwin") or QApplication.instance() is not None:
        return True
    child = os.fork()
    if not child:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the caller says it in its own words
            the_application()
            os._exit(0)
        finally:
            os._exit(WRONG_USAGE)
    return os.waitpid(child, 0)[1] == 0


@contextmanager
def _no_display_told() -> Iterator[None]:
    """Where Qt finds no display that works it ends the process, and dumps it.

    Whether one works nobody knows before Qt has tried: DISPLAY may name one that is gone, or that
    lets nobody in, and QT_QPA_PLATFORM, inherited, a platform that is not here. Qt calls the
    message handler before it ends the process; an exception would not come out of there.
    """
    if sys.platform in ("win32", "darwin"):
        yield
        return
    said: list[str] = []

    def listen(kind: QtMsgType, _where: object, text: str) -> None:
        if kind is not QtMsgType.QtFatalMsg:
            said.append(text)
            return
        reason = said[0].splitlines()[0][:LONGEST_REASON] if said else ""
        sys.stderr.write(f"{NAME}: {no_display(reason)}\n")
        sys.stderr.flush()
        os._exit(WRONG_USAGE)

    before = qInstallMessageHandler(listen)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
        sys.stderr.writelines(f"{text}\n" for text in said)


def use_fusion(application: QApplication) -> None:
    """The one style that looks the same everywhere; ours has it from the beginning.

    `setStyle` hands out the style it made, and PySide then loads all there is about styles.
    """
    if not application.property(STYLED):
        application.setStyle(STYLE)

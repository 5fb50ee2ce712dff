"""Says that a file was written and where, with ways to it, in the window that it was asked from."""

import os
import sys
from contextlib import suppress
from pathlib import Path, PurePath

from PySide6.QtCore import QEvent, QObject, QProcess, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from natwizard.gui.announcer import announce
from natwizard.gui.widgets.buttons import set_words
from natwizard.model.language import _
from natwizard.report.plain import plain

SHOWN_MS = 20_000
"""Long enough to read, decide and reach it by keyboard; the file's own window covers it anyway."""

MARGIN = 32
LINES_OF_FOOTER = 4.3
"""Height of a window's row of buttons, in lines of its text: the notice stays above it."""


class SavedNotice(QFrame):
    """Lies above the footer, at the right; goes by itself unless somebody is on it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("box", "notice")
        self._path, self._inside = Path(), window
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 12, 9)
        row.setSpacing(16)
        self.line = QLabel()
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        row.addWidget(self.line)
        self.open_file = self._link(row, _("Open"))
        self.open_file.clicked.connect(self._open)
        self.show_folder = self._link(row, _("Show in folder"))
        self.show_folder.clicked.connect(self._show_in_folder)
        self.dismiss = self._link(row, "\u2715")
        self.dismiss.setAccessibleName(_("Dismiss"))
        self.dismiss.clicked.connect(self.hide)
        self._end = QTimer(self, interval=SHOWN_MS, singleShot=True)
        self._end.timeout.connect(self._hide_unless_used)
        window.installEventFilter(self)

    def _link(self, row: QHBoxLayout, words: str) -> QPushButton:
        button = QPushButton()
        set_words(button, words)
        button.setProperty("kind", "inline")
        button.setAutoDefault(False)
        row.addWidget(button)
        return button

    def show_saved(self, path: Path, words: str = "") -> None:
        """Name the file, and offer to open it; `words` say "{name}" where its name stands."""
        self._path = path
        text = plain((words or _("Saved: {name}")).format(name=path.name))
        metrics = self.line.fontMetrics()
        most = max(80, self._inside.width() // 2)
        self.line.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, most))
        self.setToolTip(plain(str(path)))
        self.show()
        self._place()
        self.raise_()
        self._end.start()
        announce(self.window(), text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        window = self._inside
        self.adjustSize()
        footer = round(LINES_OF_FOOTER * window.fontMetrics().height())
        self.move(window.width() - self.width() - MARGIN, window.height() - footer - self.height())

    @Slot()
    def _hide_unless_used(self) -> None:
        if self.underMouse() or self.isAncestorOf(self.window().focusWidget()):
            self._end.start()
            return
        self.hide()

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path)))

    @Slot()
    def _show_in_folder(self) -> None:
        """Marked in the folder where the system's file manager can do that."""
        path = self._path.resolve()
        if sys.platform == "win32":
            from natwizard.system.browser import outside_libraries
            from natwizard.system.command import windows_folder

            explorer = windows_folder() / "explorer.exe"
            with outside_libraries(), suppress(OSError):
                os.startfile(explorer, "open", explorer_arguments(path))  # noqa: S606 - no shell
        elif sys.platform == "darwin":
            QProcess.startDetached("/usr/bin/open", ["-R", str(path)])
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def explorer_arguments(path: PurePath) -> str:
    """What has Windows' Explorer mark a file in its folder.

    It reads this letter by letter: the quotes belong around the path alone, where a list of
    arguments would have them around all of it. No name on Windows has quotes in it.
    """
    return f'/select,"{path}"'


def show_saved(window: QWidget, path: Path, words: str = "") -> None:
    """Show the notice of a window; each has one, made when first needed."""
    notice = window.findChild(SavedNotice, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if notice is None:
        notice = SavedNotice(window)
    notice.show_saved(path, words)

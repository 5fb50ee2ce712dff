"""Certificates that count as public: a list, and a file to add from."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.background_read import BackgroundRead
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label, set_tone, set_trait
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.writing import date_words
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.roots import ExtraRoot, read_roots, roots_of


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


def root_words(root: ExtraRoot) -> str:
    """ "Example Root CA, until 22 Nov 2036"."""
    day = date_words(root.until.date())
    text = _("{name}, expired on {day}") if root.expired else _("{name}, until {day}")
    return text.format(name=root.name, day=day)


LONGEST = 2000
PAUSE_MS = 150
"""A file is looked for when the person pauses: one on another computer takes its time."""


class CertificateSection(QWidget):
    """Shows what a draft has; asks for more or fewer.

    Signals:
        changed: carries all certificates as the profile should have them, a tuple of texts.
    """

    changed = Signal(object)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._pems: tuple[str, ...] = ()
        self._found: tuple[ExtraRoot, ...] = ()
        self._reading: BackgroundRead | None = None
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._read)
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.xs)
        title = label(_("Add from a file"), face="strong")
        column.addWidget(title)
        column.addLayout(self._entry())
        title.setBuddy(self.field)
        column.addLayout(self._status_row())
        column.addSpacing(look.px(SPACE.l))
        column.addWidget(label(_("In this profile"), face="strong"))
        self.none = WrappedLabel(_("None: only the public authorities count."), tone="2")
        column.addWidget(self.none)
        self.list = QFrame()
        self.list.setProperty("box", "group")
        self._rows = QVBoxLayout(self.list)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.rows: list[CertificateRow] = []
        column.addWidget(self.list)
        column.addStretch(1)
        self._show_found((), None, self._help())

    def _entry(self) -> QHBoxLayout:
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST)
        self.field.setAccessibleName(_("File with certificates"))
        self.field.setPlaceholderText(_("Path of a file (PEM)"))
        self.field.textChanged.connect(self._on_typed)
        self.field.returnPressed.connect(self._add)
        self.choose = QPushButton()
        set_words(self.choose, _("C&hoose..."))
        self.choose.clicked.connect(self._ask_file)
        self.add = QPushButton()
        set_words(self.add, _("&Add"))
        self.add.clicked.connect(self._add)
        row = QHBoxLayout()
        self._look.space(row, spacing=SPACE.s)
        row.addWidget(self.field, 1)
        for button in (self.choose, self.add):
            button.setAutoDefault(False)
            row.addWidget(button)
        return row

    def _status_row(self) -> QHBoxLayout:
        self.sign = Glyph(self._look, Activity.WAITING, side=16)
        self.line = WrappedLabel(tone="2")
        row = QHBoxLayout()
        self._look.space(row, spacing=SPACE.s)
        row.addWidget(self.sign)
        row.addWidget(self.line, 1)
        return row

    def show_roots(self, pems: tuple[str, ...]) -> None:
        """What the profile has."""
        if pems == self._pems and bool(pems) is not self.list.isHidden():
            return
        self._pems = pems
        for row in self.rows:
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [CertificateRow(self._look, pem, first=not place)
                     for place, pem in enumerate(pems)]  # fmt: skip
        for row in self.rows:
            row.removed.connect(self._remove)
            self._rows.addWidget(row)
        self.list.setVisible(bool(pems))
        self.none.setVisible(not pems)

    def wait(self) -> None:
        """Until nothing is being read any more."""
        self._pause.stop()
        if self._reading is not None:
            self._reading.wait()

    @staticmethod
    def _help() -> str:
        return _("As text (PEM). For closed networks, whose servers no public authority knows.")

    @Slot()
    def _on_typed(self) -> None:
        self._show_found((), None, self._help())
        self._pause.start()

    @Slot()
    def _read(self) -> None:
        text = self.field.text().strip()
        if not text:
            return
        if self._reading is not None and self._reading.running:
            self._pause.start()
            return
        self._reading = BackgroundRead(partial(_read_as_typed, text), self)
        self._reading.done.connect(self._on_read)
        self._reading.start()

    @Slot(object)
    def _on_read(self, found: "tuple[str, tuple[ExtraRoot, ...] | ProfileMistake]") -> None:
        text, roots = found
        if text != self.field.text().strip():
            return
        if isinstance(roots, ProfileMistake):
            self._show_found((), Status.FAIL, roots.problem)
            return
        new = tuple(root for root in roots if root.pem not in self._pems)
        if not new:
            self._show_found((), Status.PASS, _("All of it is in the list already."))
            return
        sign = Status.WARN if any(root.expired for root in new) else Status.PASS
        self._show_found(new, sign, "\n".join(map(root_words, new)))

    def _show_found(self, roots: tuple[ExtraRoot, ...], sign: Sign | None, text: str) -> None:
        self._found = roots
        self.add.setEnabled(bool(roots))
        self.add.setToolTip("" if roots else _("Choose a file first."))
        self.sign.setVisible(sign is not None)
        if sign is not None:
            self.sign.show_sign(sign)
        self.line.setText(text)
        set_tone(self.line, "fail" if sign is Status.FAIL else "2")
        set_trait(self.field, "wrong", sign is Status.FAIL)
        self.field.setAccessibleDescription(text)

    @Slot()
    def _add(self) -> None:
        if self._found:
            pems = (*self._pems, *(root.pem for root in self._found))
            self.field.clear()
            self.changed.emit(tuple(dict.fromkeys(pems)))
            self.field.setFocus()

    @Slot(str)
    def _remove(self, pem: str) -> None:
        self.changed.emit(tuple(each for each in self._pems if each != pem))
        self.field.setFocus()

    @Slot()
    def _ask_file(self) -> None:
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)
        dialog = QFileDialog(self, _("Choose a file with certificates"), home)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([_("Certificates (*.pem *.crt *.cer)"), _("All files (*)")])
        dialog.fileSelected.connect(lambda name: self.field.setText(str(Path(name))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _read_as_typed(text: str) -> "tuple[str, tuple[ExtraRoot, ...] | ProfileMistake]":
    """With the text that it answers: another one may have been typed since."""
    try:
        return text, read_roots(Path(text).expanduser())
    except ProfileMistake as mistake:
        return text, mistake
    except RuntimeError:  # "~nobody/" is nobody's folder
        return text, ProfileMistake(text, _("There is no such file."))

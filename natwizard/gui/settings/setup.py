"""Set-up files in the window: offered before one is taken, and made for others."""

import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QStandardPaths, QUrl, Signal, Slot
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.brand import NAME
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.background_read import BackgroundRead
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.session import Session
from natwizard.gui.settings.addresses import Address, AddressRow, TargetTester, address_groups
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.focus_ring import FocusRing
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.keyboard_dialog import KeyboardDialog
from natwizard.gui.widgets.labels import WrappedLabel, label, set_tone
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.profile import Targets
from natwizard.profiles.draft import begin_draft
from natwizard.profiles.find import (
    SHIPPED_PLACE,
    FoundProfile,
    is_for_everybody,
    program_folder,
    user_place,
)
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import shipped_profile
from natwizard.profiles.setup_file import (
    SUFFIX,
    SetupAnswers,
    SetupOffer,
    SetupRefusedError,
    offer_lines,
    read_offer,
    setup_link,
    setup_toml,
    typed_site,
)
from natwizard.report.files import CannotWrite, write_whole
from natwizard.report.plain import plain
from natwizard.system.profile_download import fetch_profile

DECLINED_KEY = "setup/declined"
WIDTH, LIST_LINES, SITE_LINES, LINES_OF_FRAME = 560, 8, 4.2, 2.2
LONGEST_NAME, LONGEST_FILE_NAME = 120, 40
FILE_SUFFIXES = (SUFFIX, ".toml")


def dropped_place(event: QDropEvent) -> str:
    """The set-up file or link that is dragged; empty where it is something else."""
    data = event.mimeData()
    urls = data.urls() if data.hasUrls() else [QUrl(setup_link(data.text()))]
    return place_of(urls[0]) if len(urls) == 1 else ""


def place_of(url: QUrl) -> str:
    """A path or an https link of a set-up file; empty for anything else."""
    if url.isLocalFile():
        path = url.toLocalFile()
        return path if path.lower().endswith(FILE_SUFFIXES) else ""
    return setup_link(url.toString())


class SetupOffers(QObject):
    """Reads what is opened, dropped or pasted, asks once, and puts it in force.

    Signals:
        taken: carries the FoundProfile that is now in force.
    """

    taken = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session.window)
        self._session = session
        self._reading: BackgroundRead | None = None
        self._quietly = False

    def open(self, place: str) -> None:
        """A path or link that a person chose. One at a time: a second one has to wait."""
        self._read(lambda: read_offer(place, fetch_profile), quietly=False)

    def look_beside(self) -> None:
        """A set-up file that lies beside the portable program; refused and declined ones are
        passed over in silence, for nobody asked for them now."""
        found = _beside_program()
        if found is not None:
            self._read(lambda: read_offer(str(found)), quietly=True)

    def wait(self) -> None:
        """Until nothing is being read any more."""
        if self._reading is not None:
            self._reading.wait()

    def _read(self, read: Callable[[], SetupOffer], *, quietly: bool) -> None:
        if self._reading is not None and self._reading.running:
            return

        def work() -> SetupOffer | SetupRefusedError:
            try:
                return read()
            except SetupRefusedError as refused:
                return refused

        self._quietly = quietly
        self._reading = BackgroundRead(work, self)
        self._reading.done.connect(self._on_read)
        self._reading.start()

    @Slot(object)
    def _on_read(self, offer: SetupOffer | SetupRefusedError) -> None:
        if isinstance(offer, SetupRefusedError):
            if not self._quietly:
                self._session.reports.warn(_("Nothing was changed."), str(offer))
        elif _kept() == offer.content:
            self._use(offer)  # it was asked of this person before
        elif not (self._quietly and _mark(offer) == QSettings(NAME, NAME).value(DECLINED_KEY)):
            self._ask(offer)

    def _ask(self, offer: SetupOffer) -> None:
        dialog = SetupQuestion(self._session.window, self._session.look, offer)
        dialog.accepted.connect(lambda: self._take(offer))
        dialog.rejected.connect(lambda: QSettings(NAME, NAME).setValue(DECLINED_KEY, _mark(offer)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, offer: SetupOffer) -> None:
        """Kept for the next time, unless what everybody here uses would come first then."""
        if not is_for_everybody():
            try:
                user_place().parent.mkdir(parents=True, exist_ok=True)
                write_whole(user_place(), offer.content)
            except (CannotWrite, OSError) as problem:
                text = _("These settings hold until you close the window; they were not kept.")
                self._session.reports.warn(text, str(problem))
        self._use(offer)

    def _use(self, offer: SetupOffer) -> None:
        kept = _kept() == offer.content
        location = str(user_place()) if kept else offer.found.location
        found = FoundProfile(profile=offer.found.profile, location=location)
        self._session.profile_choice.use(found.profile, found.location)
        self.taken.emit(found)


def _kept() -> bytes:
    try:
        return user_place().read_bytes()
    except OSError:
        return b""


def _mark(offer: SetupOffer) -> str:
    """What tells one set-up file from another in the settings."""
    return hashlib.sha256(offer.content).hexdigest()


def _beside_program() -> Path | None:
    if not getattr(sys, "frozen", False):
        return None
    return next(iter(sorted(_files_in(program_folder()))), None)


def _files_in(folder: Path) -> Iterator[Path]:
    try:
        yield from (each for each in folder.iterdir() if each.suffix.lower() == SUFFIX)
    except OSError:
        return


class SetupQuestion(KeyboardDialog):
    """Whose settings they are, and every server that they name; accepted or not."""

    def __init__(self, window: QWidget, look: Appearance, offer: SetupOffer) -> None:
        super().__init__(window)
        question, *rest = offer_lines(offer, with_servers=False)
        self.setWindowTitle(NAME)
        column = QVBoxLayout(self)
        look.space(column, margins=(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l), spacing=SPACE.m)
        self.question = WrappedLabel(question, face="lead")
        column.addWidget(self.question)
        self.servers = QPlainTextEdit()
        self.servers.setReadOnly(True)
        self.servers.setTabChangesFocus(True)
        if offer.servers:
            title = label(_("They name these servers:"), tone="2")
            title.setBuddy(self.servers)
            column.addWidget(title)
            self.servers.setAccessibleName(_("Servers"))
            self.servers.setPlainText("\n".join(map(plain, offer.servers)))
            lines = min(LIST_LINES, len(offer.servers)) + LINES_OF_FRAME
            self.servers.setFixedHeight(round(lines * self.servers.fontMetrics().lineSpacing()))
            column.addWidget(self.servers)
        self.lines = [WrappedLabel(line) for line in rest]
        for line in self.lines:
            column.addWidget(line)
        source = _("From: {place}").format(place=offer.found.location)
        column.addWidget(WrappedLabel(source, tone="2"))
        column.addWidget(WrappedLabel(_until_when(), tone="2"))
        column.addStretch(1)
        self.use, self.leave = QPushButton(), QPushButton()
        set_words(self.use, _("&Use these settings"))
        set_words(self.leave, _("&Not now"))
        self.use.clicked.connect(self.accept)
        self.leave.clicked.connect(self.reject)
        self.use.setAutoDefault(False)  # whoever presses Enter at once has read nothing
        self.leave.setDefault(True)
        buttons = QHBoxLayout()
        look.space(buttons, spacing=SPACE.s)
        buttons.addStretch()
        buttons.addWidget(self.leave)
        buttons.addWidget(self.use)
        column.addLayout(buttons)
        self.setMinimumWidth(look.px(WIDTH))
        self.ring = FocusRing(look, self)
        self.leave.setFocus()


def _until_when() -> str:
    if is_for_everybody():
        return _("This computer has settings for everybody; these hold until you close the window.")
    return _("They are kept for you; the settings can bring back those natwizard comes with.")


class SetupDialog(KeyboardDialog):
    """Asks what a set-up file needs, tries each address, and writes the file."""

    def __init__(self, window: QWidget, look: Appearance, control: RunControl) -> None:
        super().__init__(window)
        self._look = look
        self.draft = begin_draft(shipped_profile(), SHIPPED_PLACE)
        self.tester = TargetTester(control, self)
        self.setWindowTitle(_("Make a set-up file"))
        self.company, self.sites = QLineEdit(), QPlainTextEdit()
        self.rows = {key: AddressRow(look, address) for key, address in _asked().items()}
        self._lay_out()
        for key, row in self.rows.items():
            row.edited.connect(partial(self._on_edited, key))
            row.test.connect(partial(self._on_test, row))
            row.stop.connect(self.tester.stop)
            row.show_problem("")
        self.setMinimumWidth(look.px(WIDTH))
        self.ring = FocusRing(look, self)
        self.company.setFocus()

    def _lay_out(self) -> None:
        look = self._look
        column = QVBoxLayout(self)
        look.space(column, margins=(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l), spacing=SPACE.m)
        column.addWidget(label(_("One file sets up every computer"), face="lead"))
        text = _(
            "People double-click it, drop it on natwizard, or paste its https link there. "
            "Only the company has to be filled in."
        )
        column.addWidget(WrappedLabel(text, tone="2"))
        self._add(column, _("Company"), self.company, "")
        self.company.setMaxLength(LONGEST_NAME)
        for row in self.rows.values():
            column.addWidget(row)
        line = _("One a line, such as: Leeds = 10.20.0.0/22. Results are grouped by them.")
        self._add(column, _("Sites"), self.sites, line)
        self.sites.setTabChangesFocus(True)
        self.sites.setFixedHeight(round(SITE_LINES * self.sites.fontMetrics().lineSpacing()))
        self.sign, self.line = Glyph(look, Activity.WAITING, side=18), WrappedLabel(tone="2")
        self.sign.hide()
        told = QHBoxLayout()
        look.space(told, spacing=SPACE.s)
        told.addWidget(self.sign)
        told.addWidget(self.line, 1)
        column.addLayout(told)
        column.addStretch(1)
        self.save, self.shut = QPushButton(), QPushButton()
        set_words(self.save, _("&Save the file..."))
        set_words(self.shut, _("&Close"))
        self.save.setProperty("kind", "primary")
        self.save.setDefault(True)
        self.shut.setAutoDefault(False)
        self.save.clicked.connect(self._ask_where)
        self.shut.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        look.space(buttons, spacing=SPACE.s)
        buttons.addStretch()
        buttons.addWidget(self.shut)
        buttons.addWidget(self.save)
        column.addLayout(buttons)

    def _add(self, column: QVBoxLayout, title: str, field: QWidget, help_: str) -> None:
        name = label(title, face="strong")
        name.setBuddy(field)
        field.setAccessibleName(title)
        field.setAccessibleDescription(help_)
        part = QVBoxLayout()
        self._look.space(part, spacing=SPACE.xs)
        part.addWidget(name)
        part.addWidget(field)
        if help_:
            part.addWidget(WrappedLabel(help_, tone="2"))
        column.addLayout(part)

    def _on_edited(self, key: str, text: str) -> None:
        self.draft = self.draft.with_text(key, text)
        self.rows[key].show_problem(self.draft.problems().get(key, ""))
        self._tell(None, "")

    def _on_test(self, row: AddressRow) -> None:
        self.tester.start(row, self.draft)

    def content(self) -> bytes | None:
        """The file; None says what to correct first."""
        texts = {key: self.draft.text_of(key) for key in self.rows}
        try:
            sites = tuple(
                typed_site(line) for line in self.sites.toPlainText().splitlines() if line.strip()
            )
            answers = SetupAnswers(
                company=self.company.text(),
                version=datetime.now().astimezone().date().isoformat(),
                targets=Targets(webphone=texts["webphone"], media=texts["media"]),
                sites=sites,
            )
            return setup_toml(answers)
        except ProfileMistake as mistake:
            wrong = self.rows.get(mistake.key.removeprefix("targets."))
            if mistake.key == "name":
                self._tell(Status.FAIL, _("Type the company's name first."))
                self.company.setFocus()
            elif wrong is not None:
                text = _("Correct this address first: {title}.")
                self._tell(Status.FAIL, text.format(title=wrong.address.title))
                wrong.field.setFocus()
            else:
                self._tell(Status.FAIL, mistake.problem)
        except ValueError as error:
            self._tell(Status.FAIL, str(error))
            self.sites.setFocus()
        return None

    @Slot()
    def _ask_where(self) -> None:
        if self.content() is None:
            return
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, _("Make a set-up file"), home)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_("Set-up files (*.natwizard)"))
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(f"{_file_name(self.company.text())}{SUFFIX}")
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: Path) -> bool:
        """Write it; the line says how it went."""
        content = self.content()
        if content is None:
            return False
        try:
            write_whole(path, content)
        except CannotWrite as problem:
            self._tell(Status.FAIL, _("Not saved: {problem}").format(problem=problem))
            return False
        self._tell(Status.PASS, _("Saved: {path}").format(path=path))
        return True

    def _tell(self, sign: Sign | None, text: str) -> None:
        self.sign.setVisible(sign is not None)
        if sign is not None:
            self.sign.show_sign(sign)
        self.line.setText(text)
        set_tone(self.line, "fail" if sign is Status.FAIL else "2")

    def done(self, result: int) -> None:
        """Every way out ends what is being tested."""
        self.tester.close()
        super().done(result)


def _asked() -> dict[str, Address]:
    """Those of the settings' addresses that most set-ups need."""
    known = {each.key: each for group in address_groups() for each in group.addresses}
    return {key: known[key] for key in ("webphone", "media")}


def _file_name(company: str) -> str:
    """ "example-ltd" for "Example Ltd": a name that every file system and mail program takes."""
    words = re.findall(r"[a-z0-9]+", company.lower())
    return "-".join(words)[:LONGEST_FILE_NAME] or NAME

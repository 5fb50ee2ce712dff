"""Which profile: what it is, where another one may come from, and what it is called."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec import structs
from PySide6.QtCore import QStandardPaths, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.icons import Icon
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import role_title
from natwizard.gui.run.background_read import ProfileLoad
from natwizard.gui.widgets.buttons import IconButton, set_words
from natwizard.gui.widgets.finding_panel import source_words
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label, set_tone
from natwizard.gui.widgets.painted import DropDown
from natwizard.model.finding import Status
from natwizard.model.language import _, ngettext
from natwizard.model.profile import Profile, Requirement, Role
from natwizard.profiles.draft import Draft
from natwizard.profiles.find import (
    SHIPPED_PLACE,
    FoundProfile,
    has_own_profile,
    load_profile,
    user_place,
)
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import shipped_profile
from natwizard.report.plain import plain
from natwizard.system.profile_download import fetch_profile

ROW_HEIGHT = 32
MIDDLE_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class LimitsSection(QTableWidget):
    """One row a requirement; the arrow keys walk it."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(0, 3)
        self._look = look
        self.setAccessibleName(_("Limits"))
        self.setHorizontalHeaderLabels([_("Requirement"), _("Limits"), _("For")])
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)

    def show_profile(self, profile: Profile) -> None:
        """Refill it."""
        self.setRowCount(len(profile.requirements))
        for place, row in enumerate(profile.requirements):
            texts = (plain(_(row.text)), limit_words(row), people_words(row))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(row.id)
                item.setTextAlignment(MIDDLE_LEFT)
                self.setItem(place, column, item)
        self.setColumnWidth(1, self._look.px(190))
        self.setColumnWidth(2, self._look.px(150))
        if self.isVisible():
            self._fit_rows()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What wraps in other places needs other heights."""
        super().resizeEvent(event)
        if self.isVisible():
            self._fit_rows()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_rows()

    def _fit_rows(self) -> None:
        self.resizeRowsToContents()
        for place in range(self.rowCount()):
            self.setRowHeight(place, max(self.rowHeight(place), self._look.px(ROW_HEIGHT)))


def limit_words(row: Requirement) -> str:
    """The numbers that decide, defaults of the check included: "round_trip_ms 100"."""
    from natwizard.checks.catalogue import CHECKS

    check = next((check for check in CHECKS if check.name == row.id), None)
    if check is None:
        return ""
    defaults = structs.asdict(check.limits())
    values = {**defaults, **row.limits}
    return "\n".join(plain(f"{name} {_shown(value)}") for name, value in values.items())


def people_words(row: Requirement) -> str:
    """Whom it applies to; in brackets who only gets advice from it."""
    if set(row.roles) == set(Role):
        return _("everybody")
    return ", ".join(
        f"({role_title(role)})" if role in row.advice_for else role_title(role)
        for role in row.roles
    )


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return _("{count} entries").format(count=len(value))
    return str(value)


class ProfileSection(QWidget):
    """Shows a draft; asks for another one.

    Signals:
        loaded: carries the FoundProfile to start over with.
        named: carries name and version as typed.
        role_chosen: carries the Role.
        make_setup: the person wants to make a set-up file for others.
    """

    loaded = Signal(object)
    named = Signal(str, str)
    role_chosen = Signal(object)
    make_setup = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._loading: ProfileLoad | None = None
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        self.facts = QGridLayout()
        self.facts.setHorizontalSpacing(look.px(SPACE.l))
        self.facts.setVerticalSpacing(look.px(SPACE.xs))
        self.facts.setColumnStretch(1, 1)
        column.addLayout(self.facts)
        column.addSpacing(look.px(SPACE.s))
        column.addWidget(label(_("Use another profile"), face="lead"))
        column.addLayout(self._sources())
        column.addLayout(self._status_row())
        column.addSpacing(look.px(SPACE.s))
        column.addWidget(label(_("Set up other computers"), face="lead"))
        self.setup = self._button(_("&Make a set-up file..."), self.make_setup.emit)
        making = QHBoxLayout()
        self._look.space(making, spacing=SPACE.s)
        making.addWidget(self.setup)
        making.addStretch()
        column.addLayout(making)
        column.addSpacing(look.px(SPACE.s))
        column.addWidget(label(_("When you save it"), face="lead"))
        column.addLayout(self._names())
        column.addStretch(1)

    def _sources(self) -> QVBoxLayout:
        self.shipped = self._button(_("S&hipped profile"), self._use_shipped)
        self.users = self._button(_("Saved for this &user"), self._use_users)
        self.remove = self._button(_("&Remove what is saved"), self._remove)
        self.file = self._button(_("A &file..."), self._ask_file)
        rows = []
        # four in one row are wider than the window in half of the languages
        for buttons in ((self.shipped, self.file), (self.users, self.remove)):
            row = QHBoxLayout()
            self._look.space(row, spacing=SPACE.s)
            for button in buttons:
                row.addWidget(button)
            row.addStretch()
            rows.append(row)
        afar = QHBoxLayout()
        self._look.space(afar, spacing=SPACE.s)
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://profiles.example.com/natwizard.toml")
        self.address.setAccessibleName(_("Address of a profile"))
        self.address.returnPressed.connect(self._use_address)
        self.fetch = IconButton(self._look, Icon.RERUN, _("Load"), kind="")
        self.fetch.clicked.connect(self._use_address)
        afar.addWidget(self.address, 1)
        afar.addWidget(self.fetch)
        both = QVBoxLayout()
        self._look.space(both, spacing=SPACE.s)
        for row in (*rows, afar):
            both.addLayout(row)
        return both

    def _status_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._look.space(row, spacing=SPACE.s)
        self.sign = Glyph(self._look, Activity.WAITING, side=18)
        self.sign.hide()
        self.line = WrappedLabel(tone="2")
        row.addWidget(self.sign)
        row.addWidget(self.line, 1)
        return row

    def _names(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._look.px(SPACE.l))
        grid.setVerticalSpacing(self._look.px(SPACE.s))
        grid.setColumnStretch(1, 1)
        self.name, self.version = QLineEdit(), QLineEdit()
        self.role = DropDown(self._look)
        for role in Role:
            self.role.addItem(role_title(role), role.value)
        rows: tuple[tuple[str, QWidget], ...] = (
            (_("Name"), self.name),
            (_("Version"), self.version),
            (_("How people take calls"), self.role),
        )
        for place, (title, field) in enumerate(rows):
            name = label(title, tone="2")
            name.setBuddy(field)
            field.setAccessibleName(title)
            grid.addWidget(name, place, 0)
            grid.addWidget(field, place, 1)
        self.name.textEdited.connect(self._on_named)
        self.version.textEdited.connect(self._on_named)
        self.role.activated.connect(self._on_role)
        return grid

    def _button(self, text: str, do: Callable[[], None]) -> QPushButton:
        button = QPushButton()
        set_words(button, text)
        button.setAutoDefault(False)
        button.clicked.connect(do)
        return button

    def show_draft(self, draft: Draft) -> None:
        """What is in force, and what it would be called."""
        profile = draft.before
        count = len(profile.requirements)
        rows = (
            (_("Profile"), f"{profile.name}, {profile.version}"),
            (_("From"), _(draft.location)),  # a path, or that it is the shipped one
            (_("Holds"), ngettext("{count} requirement", "{count} requirements", count).format(
                count=count)),
            *((_("Source"), source_words(source)) for source in profile.sources.values()
              if source.url),
        )  # fmt: skip
        while (item := self.facts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for place, (name, text) in enumerate(rows):
            self.facts.addWidget(label(name, tone="2"), place, 0)
            self.facts.addWidget(WrappedLabel(text).selectable(), place, 1)
        for field, text in ((self.name, draft.profile.name), (self.version, draft.profile.version)):
            if not field.hasFocus():
                field.setText(text)
        self.role.setCurrentIndex(self.role.findData(draft.profile.role.value))
        self._offer_saved()

    def _offer_saved(self) -> None:
        """What is saved for this user, or why there is nothing to take or to remove."""
        saved = has_own_profile()
        for button in (self.users, self.remove):
            button.setEnabled(saved)
            button.setToolTip("" if saved else _("No set-up is kept for this user."))

    def show_status(self, sign: Sign | None, text: str) -> None:
        """How loading went."""
        self.sign.setVisible(sign is not None)
        if sign is not None:
            self.sign.show_sign(sign)
        self.line.setText(text)
        set_tone(self.line, "fail" if sign is Status.FAIL else "2")

    def load(self, place: str) -> None:
        """Load from a path or an https address, away from the window's own thread."""
        if self._loading is not None and self._loading.running:
            return
        self.show_status(Activity.RUNNING, _("Loading {place}...").format(place=place))
        self._loading = ProfileLoad(partial(load_profile, place, fetch_profile), self)
        self._loading.done.connect(self._on_loaded)
        self._loading.start()

    def wait(self) -> None:
        """Until nothing is being loaded any more."""
        if self._loading is not None:
            self._loading.wait()

    @Slot(object)
    def _on_loaded(self, found: FoundProfile | ProfileMistake) -> None:
        if isinstance(found, ProfileMistake):
            self.show_status(Status.FAIL, str(found))
            return
        self.show_status(Status.PASS, _("Loaded."))
        self.loaded.emit(found)

    @Slot()
    def _use_shipped(self) -> None:
        self.show_status(None, "")
        self.loaded.emit(FoundProfile(profile=shipped_profile(), location=SHIPPED_PLACE))

    @Slot()
    def _use_users(self) -> None:
        self.load(str(user_place()))

    @Slot()
    def _remove(self) -> None:
        """What is in force now stays so until somebody chooses another."""
        try:
            user_place().unlink(missing_ok=True)
        except OSError as error:
            self.show_status(Status.FAIL, error.strerror or str(error))
            return
        self._offer_saved()
        self.show_status(Status.PASS, _("Removed. The next start begins without it."))

    @Slot()
    def _use_address(self) -> None:
        text = self.address.text().strip()
        if text.startswith("https://"):
            self.load(text)
        else:
            self.show_status(Status.FAIL, _("Type an address that starts with https://"))
            self.address.setFocus()

    @Slot()
    def _ask_file(self) -> None:
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)
        dialog = QFileDialog(self, _("Choose a profile"), home)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_("Profiles (*.toml *.natwizard)"))
        dialog.fileSelected.connect(lambda name: self.load(str(Path(name))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _on_named(self) -> None:
        self.named.emit(self.name.text(), self.version.text())

    @Slot()
    def _on_role(self) -> None:
        self.role_chosen.emit(Role(self.role.currentData()))

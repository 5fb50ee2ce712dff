"""Settings for administrators: a draft of the profile, its addresses, its limits, this window."""

from pathlib import Path

from PySide6.QtCore import QSize, QStandardPaths, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.base_palette import ThemeName
from natwizard.drawing.signs import Activity
from natwizard.drawing.tokens import SPACE, theme_named
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.focus_order import move_focus
from natwizard.gui.look.preferences import Preferences
from natwizard.gui.look.window_language import kept_language
from natwizard.gui.pages.base import PageHeader, scrolling
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.settings.addresses import (
    AddressRow,
    AddressSection,
    TargetTester,
    address_groups,
)
from natwizard.gui.settings.certificate_section import CertificateSection
from natwizard.gui.settings.profile_section import LimitsSection, ProfileSection
from natwizard.gui.settings.setup import SetupDialog
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.focus_ring import FocusRing
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.keyboard_dialog import KeyboardDialog
from natwizard.gui.widgets.labels import WrappedLabel, label, set_tone
from natwizard.gui.widgets.painted import CheckBox, DropDown
from natwizard.languages import available_languages, known_code
from natwizard.model.finding import Status
from natwizard.model.language import _, ngettext
from natwizard.profiles.draft import Draft, begin_draft
from natwizard.profiles.find import FoundProfile, user_place
from natwizard.profiles.mistake import ProfileMistake
from natwizard.report.files import CannotWrite, write_whole

CHOICE_WIDTH = 320


class WindowSection(QWidget):
    """Every change counts at once.

    Signals:
        show_result: whether the window goes on to the summary by itself.
        turn_pages: whether the window turns its pages while it runs.
        show_names: whether copies and files keep names and addresses.
        language_chosen: carries the code, or an empty text for the system's language.
    """

    show_result = Signal(bool)
    turn_pages = Signal(bool)
    show_names = Signal(bool)
    language_chosen = Signal(str)

    def __init__(self, look: Appearance, *, names_shown: bool) -> None:
        super().__init__()
        self._look = look
        self._kept = Preferences()
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        column.addWidget(label(_("Language"), face="lead"))
        self.language = self._language_choice()
        column.addWidget(self.language)
        column.addSpacing(look.px(SPACE.l))
        column.addWidget(label(_("Colours and motion"), face="lead"))
        self.theme = DropDown(look)
        self.theme.setAccessibleName(_("Colours"))
        self.theme.addItems(list(theme_titles().values()))
        self.theme.setCurrentIndex(list(theme_titles()).index(self._kept.theme_name))
        self.theme.activated.connect(self._on_theme)
        self.theme.setMaximumWidth(look.px(CHOICE_WIDTH))
        column.addWidget(self.theme)
        self.still = CheckBox(look, _("Keep everything still"))
        self.still.setChecked(self._kept.still)
        self.still.toggled.connect(self._on_still)
        column.addWidget(self.still)
        column.addSpacing(look.px(SPACE.l))
        column.addWidget(label(_("While it runs, and then"), face="lead"))
        self.turn = CheckBox(look, _("Turn the pages for me while it runs"))
        self.turn.setChecked(self._kept.turn_pages)
        self.turn.toggled.connect(self._on_turn)
        column.addWidget(self.turn)
        self.result = CheckBox(look, _("Show me the result when it is done"))
        self.result.setChecked(self._kept.show_result)
        self.result.toggled.connect(self._on_result)
        column.addWidget(self.result)
        column.addSpacing(look.px(SPACE.l))
        column.addWidget(label(_("Copies and files"), face="lead"))
        self.names = CheckBox(look, _("Show names and addresses"))
        self.names.setChecked(names_shown)
        self.names.toggled.connect(self.show_names)
        column.addWidget(self.names)
        text = _(
            "Otherwise user name, computer name, public address and network names are masked. "
            "This holds until you close the window."
        )
        column.addWidget(WrappedLabel(text, tone="2"))
        column.addStretch(1)

    def _language_choice(self) -> DropDown:
        """Each language by its own name, for whoever cannot read this one."""
        made = DropDown(self._look)
        made.setAccessibleName(_("Language"))
        made.addItem(_("As the system has it"), "")
        for code, name in available_languages().items():
            made.addItem(name, code)
        made.setCurrentIndex(max(0, made.findData(known_code(kept_language()))))
        made.setMaximumWidth(self._look.px(CHOICE_WIDTH))
        made.activated.connect(lambda: self.language_chosen.emit(str(made.currentData())))
        return made

    @Slot()
    def _on_theme(self) -> None:
        name = list(theme_titles())[self.theme.currentIndex()]
        self._kept.theme_name = name
        self._look.use(theme_named(name) if name is not None else None)

    @Slot(bool)
    def _on_still(self, wanted: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._kept.still = wanted
        self._look.motion.keep_still(still=wanted)

    @Slot(bool)
    def _on_turn(self, wanted: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._kept.turn_pages = wanted
        self.turn_pages.emit(wanted)

    @Slot(bool)
    def _on_result(self, wanted: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._kept.show_result = wanted
        self.show_result.emit(wanted)


def theme_titles() -> dict[ThemeName | None, str]:
    """What the looks are called; None follows the system."""
    return {
        None: _("As the system has them"),
        ThemeName.LIGHT: _("Light"),
        ThemeName.DARK: _("Dark"),
        ThemeName.HIGH_CONTRAST: _("High contrast"),
    }


SIZE = (900, 640)
RAIL_WIDTH = 216
ROOTS = "extra_roots"
FILE_NAME = "natwizard.toml"


class SettingsDialog(KeyboardDialog):
    """Nothing counts before "Use these settings" or "Save for this user".

    Signals:
        used: carries the FoundProfile that is now in force.
    """

    used = Signal(object)

    def __init__(
        self,
        window: QWidget,
        look: Appearance,
        control: RunControl,
        found: FoundProfile,
        *,
        names_shown: bool,
    ) -> None:
        super().__init__(window)
        self.setWindowTitle(_("Settings"))
        self._look, self._control = look, control
        self.draft: Draft = begin_draft(found.profile, found.location)
        self.tester = TargetTester(control, self)
        self.profile = ProfileSection(look)
        self.limits = LimitsSection(look)
        self.window_section = WindowSection(look, names_shown=names_shown)
        self.groups = [AddressSection(look, group) for group in address_groups()]
        self.certificates = CertificateSection(look)
        self.step_list = QListWidget()
        self.step_list.setAccessibleName(_("Sections"))
        self.step_list.setFixedWidth(look.px(RAIL_WIDTH))
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.ring = FocusRing(look, self)
        self.resize(QSize(look.px(SIZE[0]), look.px(SIZE[1])))
        self.step_list.setCurrentRow(0)
        self._show()

    def _lay_out(self) -> None:
        look = self._look
        line = _("What is measured, where, and whose limits count.")
        self._add(_("Profile"), line, self.profile)
        for section in self.groups:
            self._add(section.group.title, section.group.line, section)
        line = _("Authorities of your own that count as public ones do.")
        self._add(_("Certificates"), line, self.certificates)
        self._add(_("Limits"), _("What has to be met. Change limits in the file."), self.limits)
        self._add(_("This window"), _("Kept for you, on this computer."), self.window_section)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.stack, 1)
        rule = QFrame()
        rule.setProperty("box", "rule")
        rule.setFixedHeight(look.theme.line_px)
        right.addWidget(rule)
        right.addLayout(self._foot())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.step_list)
        row.addLayout(right, 1)

    def _add(self, title: str, line: str, section: QWidget) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        self._look.space(column, margins=(0, SPACE.xl, 0, 0), spacing=SPACE.l)
        head = QHBoxLayout()
        self._look.space(head, margins=(SPACE.xxl, 0, SPACE.xxl, 0))
        header = PageHeader(self._look, title, line)
        header.pill.hide()
        head.addWidget(header)
        column.addLayout(head)
        if section is self.limits:  # it scrolls by itself
            inset = QHBoxLayout()
            self._look.space(inset, margins=(SPACE.xxl, 0, SPACE.xxl, SPACE.l))
            inset.addWidget(section)
            column.addLayout(inset, 1)
        else:
            column.addWidget(scrolling(section, self._look), 1)
        self.stack.addWidget(page)
        self.step_list.addItem(title)

    def _foot(self) -> QVBoxLayout:
        look = self._look
        self.sign = Glyph(look, Activity.WAITING, side=18)
        self.line = WrappedLabel(tone="2")
        status_row = QHBoxLayout()
        look.space(status_row, spacing=SPACE.s)
        status_row.addWidget(self.sign)
        status_row.addWidget(self.line, 1)
        self.sign.hide()
        self.export = self._button(_("&Export profile..."), self._ask_export)
        self.save = self._button(_("&Save for this user"), self._save)
        self.close_button = self._button(_("&Close"), self.reject)
        self.use = self._button(_("&Use these settings"), self._use)
        self.use.setProperty("kind", "primary")
        self.use.setDefault(True)
        buttons = QHBoxLayout()
        look.space(buttons, spacing=SPACE.s)
        buttons.addWidget(self.export)
        buttons.addWidget(self.save)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.use)
        foot = QVBoxLayout()
        look.space(foot, margins=(SPACE.xxl, SPACE.m, SPACE.xxl, SPACE.m), spacing=SPACE.s)
        foot.addLayout(status_row)
        foot.addLayout(buttons)
        return foot

    @staticmethod
    def _button(text: str, do: object) -> QPushButton:
        button = QPushButton()
        set_words(button, text)
        button.setAutoDefault(False)
        button.clicked.connect(do)
        return button

    def _connect(self) -> None:
        self.step_list.currentRowChanged.connect(self.stack.setCurrentIndex)
        self.profile.loaded.connect(self._begin_anew)
        self.profile.make_setup.connect(self._make_setup)
        self.profile.named.connect(lambda name, version: self._take(
            self.draft.with_name(name, version)))  # fmt: skip
        self.profile.role_chosen.connect(lambda role: self._take(self.draft.with_role(role)))
        self.certificates.changed.connect(lambda pems: self._take(self.draft.with_roots(pems)))
        for section in self.groups:
            section.edited.connect(self._on_edited)
            section.test.connect(self._on_test)
            section.stop.connect(lambda _row: self.tester.stop())

    @Slot(str, str)
    def _on_edited(self, key: str, text: str) -> None:
        self._take(self.draft.with_text(key, text))

    @Slot(object)
    def _on_test(self, row: AddressRow) -> None:
        self.tester.start(row, self.draft)

    @Slot()
    def _make_setup(self) -> None:
        """A set-up file for others; nothing of it counts here."""
        dialog = SetupDialog(self, self._look, self._control.sibling())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(object)
    def _begin_anew(self, found: FoundProfile) -> None:
        self._take(begin_draft(found.profile, found.location))

    def type_in(self, key: str, text: str) -> None:
        """What was typed elsewhere for one address."""
        if text != self.draft.text_of(key):
            self._take(self.draft.with_text(key, text))

    def go_on_from(self, other: "SettingsDialog") -> None:
        """Take the place of the same dialog in another language."""
        self.setGeometry(other.geometry())
        self._take(other.draft)
        self.step_list.setCurrentRow(other.step_list.currentRow())
        self.window_section.language.setFocus()

    def _take(self, draft: Draft) -> None:
        self.draft = draft
        self._show_status(None, "")
        self._show()

    def _show(self) -> None:
        problems = self.draft.problems()
        self.profile.show_draft(self.draft)
        self.limits.show_profile(self.draft.profile)
        self.certificates.show_roots(self.draft.profile.targets.extra_roots)
        for place, section in enumerate(self.groups, 1):
            self._name(place, section.group.title, section.show_draft(self.draft, problems))
        self._name(len(self.groups) + 1, _("Certificates"), int(ROOTS in problems))

    def _name(self, place: int, title: str, wrong: int) -> None:
        text = ngettext("{title}: {count} to correct", "{title}: {count} to correct", wrong)
        self.step_list.item(place).setText(
            text.format(title=title, count=wrong) if wrong else title
        )

    def _content(self) -> bytes | None:
        """The draft as a file; None shows the first mistake instead."""
        problems = self.draft.problems()
        for place, section in enumerate(self.groups, 1):
            wrong = next((row for key, row in section.rows.items() if key in problems), None)
            if wrong is not None:
                self.step_list.setCurrentRow(place)
                wrong.field.setFocus()
                text = _("Correct this address first: {title}.")
                self._show_status(Status.FAIL, text.format(title=wrong.address.title))
                return None
        if ROOTS in problems:
            self.step_list.setCurrentRow(len(self.groups) + 1)
            text = _("Correct this first: {title}.")
            self._show_status(Status.FAIL, text.format(title=_("Certificates")))
            return None
        try:
            return self.draft.toml()
        except ProfileMistake as mistake:
            self._show_status(Status.FAIL, str(mistake))
            return None

    def _show_status(self, sign: Status | None, text: str) -> None:
        self.sign.setVisible(sign is not None)
        if sign is not None:
            self.sign.show_sign(sign)
        self.line.setText(text)
        self.line.setVisible(bool(text))
        set_tone(self.line, "fail" if sign is Status.FAIL else "2")

    @Slot()
    def _use(self) -> None:
        if self._content() is None:
            return
        place = self.draft.location
        location = _("{place}, changed").format(place=place) if self.draft.changed else place
        self.used.emit(FoundProfile(profile=self.draft.profile, location=location))
        self.accept()

    @Slot()
    def _save(self) -> None:
        if self.write(user_place()):
            self.used.emit(FoundProfile(profile=self.draft.profile, location=str(user_place())))

    @Slot()
    def _ask_export(self) -> None:
        if self._content() is None:
            return
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, _("Export profile"), home)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_("Profiles (*.toml)"))
        dialog.setDefaultSuffix("toml")
        dialog.selectFile(FILE_NAME)
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: Path) -> bool:
        """Write the draft as a profile; the line says how it went."""
        content = self._content()
        if content is None:
            return False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except (CannotWrite, OSError) as problem:
            self._show_status(Status.FAIL, _("Not saved: {problem}").format(problem=problem))
            return False
        self._show_status(Status.PASS, _("Saved: {path}").format(path=path))
        return True

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: FBT001 - Qt's signature
        self.ring.keyboard_used()
        buttons = (self.export, self.save, self.close_button, self.use)
        parts = (self.stack.currentWidget(), *buttons, self.step_list)
        return move_focus(self, parts, forwards=forwards)

    def done(self, result: int) -> None:
        """Every way out ends what is being tested or loaded."""
        self.tester.close()
        self.profile.wait()
        self.certificates.wait()
        super().done(result)

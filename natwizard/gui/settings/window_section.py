"""How the window looks and what it does by itself; kept for this person."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from natwizard.drawing.ground import ThemeName
from natwizard.drawing.tokens import SPACE, theme_named
from natwizard.gui.appearance import Appearance
from natwizard.gui.preferences import Preferences
from natwizard.gui.widgets.check_box import CheckBox
from natwizard.gui.widgets.drop_down import DropDown
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.window_language import kept_language
from natwizard.languages import available_languages, known_code
from natwizard.model.language import _

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

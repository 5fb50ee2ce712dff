"""How the window looks and what it does by itself; kept for this person."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.preferences import THEMES, Preferences
from natwizard.gui.widgets.check_box import CheckBox
from natwizard.gui.widgets.drop_down import DropDown
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.language import _


class WindowSection(QWidget):
    """Every change counts at once.

    Signals:
        show_result: whether the window goes on to the summary by itself.
        turn_pages: whether the window turns its pages while it runs.
        show_names: whether copies and files keep names and addresses.
    """

    show_result = Signal(bool)
    turn_pages = Signal(bool)
    show_names = Signal(bool)

    def __init__(self, look: Appearance, *, names_shown: bool) -> None:
        super().__init__()
        self._look = look
        self._kept = Preferences()
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        column.addWidget(label(_("Colours and motion"), face="lead"))
        self.theme = DropDown(look)
        self.theme.setAccessibleName(_("Colours"))
        for name, title in theme_titles().items():
            self.theme.addItem(title, name)
        self.theme.setCurrentIndex(list(THEMES).index(self._kept.theme_name))
        self.theme.activated.connect(self._on_theme)
        self.theme.setMaximumWidth(look.px(320))
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

    @Slot()
    def _on_theme(self) -> None:
        self._kept.theme_name = str(self.theme.currentData())
        self._look.use(self._kept.theme)

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


def theme_titles() -> dict[str, str]:
    """What the themes are called, in the order of THEMES."""
    return {
        "system": _("As the system has them"),
        "light": _("Light"),
        "dark": _("Dark"),
        "high_contrast": _("High contrast"),
    }

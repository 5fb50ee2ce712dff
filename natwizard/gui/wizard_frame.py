"""What QWizard leaves to its style: margins, and the footer's buttons for each page."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
    QWizard,
)

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.actions import COMMANDS, Actions, Command
from natwizard.gui.look.appearance import ICON_PX, Appearance
from natwizard.gui.look.style import palette
from natwizard.gui.widgets.buttons import COPIED_MS, set_words
from natwizard.gui.widgets.labels import set_trait

Button = QWizard.WizardButton


class Footer(Enum):
    """Which set of buttons a page has."""

    WELCOME = auto()
    CHECKS = auto()
    CHECKS_RUNNING = auto()
    SUMMARY = auto()
    SUMMARY_RUNNING = auto()


BUTTONS: Final[Mapping[Footer, tuple[tuple[Button, Command | None], ...]]] = {
    Footer.WELCOME: (
        (Button.CustomButton1, Command.OPEN_REPORT),
        (Button.Stretch, None),
        (Button.CancelButton, Command.CLOSE),
        (Button.NextButton, Command.START),
    ),
    Footer.CHECKS: (
        (Button.CustomButton1, Command.RUN_PAGE_AGAIN),
        (Button.Stretch, None),
        (Button.CustomButton2, Command.PREVIOUS_PAGE),
        (Button.NextButton, Command.NEXT_PAGE),
    ),
    Footer.CHECKS_RUNNING: (
        (Button.CustomButton1, Command.RUN_PAGE_AGAIN),
        (Button.Stretch, None),
        (Button.CustomButton3, Command.STOP),
        (Button.CustomButton2, Command.PREVIOUS_PAGE),
        (Button.NextButton, Command.NEXT_PAGE),
    ),
    Footer.SUMMARY: (
        (Button.CustomButton1, Command.RUN_AGAIN),
        (Button.CustomButton2, Command.MORE),
        (Button.Stretch, None),
        (Button.CustomButton3, Command.COPY_FOR_HELPDESK),
        (Button.FinishButton, Command.SAVE_PDF),
        (Button.CancelButton, Command.CLOSE),
    ),
    Footer.SUMMARY_RUNNING: (
        (Button.Stretch, None),
        (Button.CustomButton3, Command.STOP),
        (Button.CustomButton2, Command.PREVIOUS_PAGE),
        (Button.CancelButton, Command.CLOSE),
    ),
}
CUSTOM = {Button.CustomButton1, Button.CustomButton2, Button.CustomButton3}
"""QWizard itself shows, enables and answers the others."""


def footer_commands(footer: Footer) -> dict[Button, Command]:
    """The command behind each button of a footer."""
    return {button: command for button, command in BUTTONS[footer] if command is not None}


class WizardFrame(QObject):
    """Puts our margins and buttons on a QWizard, as often as QWizard changes its layout."""

    def __init__(self, wizard: QWizard, look: Appearance, actions: Actions) -> None:
        super().__init__(wizard)
        self._wizard, self._look, self._actions = wizard, look, actions
        self._footer: Footer | None = None
        self._side: float = SPACE.xxl
        self._fitted = False
        self._replace_buttons()
        wizard.customButtonClicked.connect(self._on_custom)

    @Slot(int)
    def _on_custom(self, which: int) -> None:
        if self._footer is not None:
            self._actions[footer_commands(self._footer)[Button(which)]].trigger()

    def button_of(self, command: Command) -> QAbstractButton | None:
        """The button of the footer that is for a command, if there is one."""
        commands = footer_commands(self._footer) if self._footer is not None else {}
        which = next((button for button, each in commands.items() if each is command), None)
        return self._wizard.button(which) if which is not None else None

    def _replace_buttons(self) -> None:
        """QWizard dresses its own when it makes them, before anybody can say of which kind."""
        for which, command in footer_commands(Footer.WELCOME).items():
            button = QPushButton()
            set_trait(button, "kind", COMMANDS[command].kind)
            set_trait(button, "tight", value=False)
            self._wizard.setButton(which, button)

    def page_turned(self) -> None:
        """QWizard resets the words of every button with each page."""
        self._fitted = False

    def show_footer(self, footer: Footer) -> None:
        """The buttons of a page."""
        had_focus = self._wizard.focusWidget() in self.buttons()
        other = footer is not self._footer
        if other:
            self._footer = footer
            self._wizard.setButtonLayout([button for button, _command in BUTTONS[footer]])
        if other or not self._fitted:
            self.fit()
        if other and had_focus:
            self.focus_primary()
        self._follow_actions()
        self.trim()

    def _follow_actions(self) -> None:
        if self._footer is None:
            return
        for which, command in footer_commands(self._footer).items():
            if which in CUSTOM:
                button, action = self._wizard.button(which), self._actions[command]
                button.setEnabled(action.isEnabled())
                button.setVisible(action.isVisible())

    def focus_primary(self) -> None:
        """Put the keyboard on the one primary button, or on the last where there is none."""
        buttons = self.buttons()
        primary = (button for button in buttons if button.property("kind") == "primary")
        chosen = next(primary, buttons[-1] if buttons else None)
        if chosen is not None:
            chosen.setFocus()

    def fit(self) -> None:
        """Words of every button.

        Where they do not fit, icons go, then air, then the margins; never letters.
        """
        self._side, self._fitted = SPACE.xxl, True
        for icons, tight in ((True, False), (False, False), (False, True)):
            self._pack(icons=icons, tight=tight)
            if self._needed() <= self._room():
                break
        else:
            self._side = SPACE.s
        self.trim()

    def _pack(self, *, icons: bool, tight: bool) -> None:
        if self._footer is None:
            return
        for which, command in footer_commands(self._footer).items():
            button, spec = self._wizard.button(which), COMMANDS[command]
            icon = spec.icon if icons else None
            self._style_button(button, self._actions[command].text(), icon, spec.kind)
            set_trait(button, "tight", tight)

    def buttons(self) -> list[QAbstractButton]:
        """Those of the footer, from left to right."""
        if self._footer is None:
            return []
        return [self._wizard.button(which) for which in footer_commands(self._footer)]

    def _needed(self) -> int:
        """All the buttons side by side. Which of them QWizard shows it only decides later."""
        buttons = self.buttons()
        gaps = self._look.px(SPACE.s) * (len(buttons) - 1)
        return sum(button.sizeHint().width() for button in buttons) + gaps

    def _room(self) -> int:
        side = self._wizard.sideWidget()
        return self._wizard.width() - side.width() - 2 * self._look.px(self._side)

    def retranslate(self) -> None:
        """The words of the buttons are different now."""
        self._footer = None

    def redraw(self) -> None:
        """Colours or sizes are different now."""
        self.fit()
        self.trim()
        holder = self._wizard.currentPage().parentWidget()
        if holder is not None:
            holder.setPalette(palette(self._look.theme))

    def confirm(self, command: Command, text: str) -> None:
        """Let a command's button say for a moment that it has been done."""
        button = self.button_of(command)
        if button is not None:
            self._style_button(button, text, Icon.TICK, COMMANDS[command].kind)
            QTimer.singleShot(COPIED_MS, self, self.fit)

    def _style_button(
        self, button: QAbstractButton, text: str, icon: Icon | None, kind: str
    ) -> None:
        set_words(button, text, icon=icon is not None)
        self._set_icon(button, icon, kind)
        set_trait(button, "kind", kind)

    def _set_icon(self, button: QAbstractButton, icon: Icon | None, kind: str) -> None:
        theme = self._look.theme
        if icon is None:
            button.setIcon(QIcon())
            return
        colour = theme.on_accent if kind == "primary" else theme.text
        side = self._look.px(ICON_PX)
        button.setIcon(self._look.icon(icon, colour))
        button.setIconSize(QSize(side, side))

    def trim(self) -> None:
        """Take away the margins that the style asks for; give the footer ours."""
        widgets = self._wizard.findChildren(
            QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
        )
        layouts = (widget.layout() for widget in widgets)
        holder = next((layout for layout in layouts if isinstance(layout, QGridLayout)), None)
        if holder is None:
            return
        holder.setContentsMargins(0, 0, 0, 0)
        holder.setSpacing(0)
        # never by way of the layout's items: asked what they are, PySide loads every kind of
        # widget there is, and the first picture waits
        footer = holder.findChild(QHBoxLayout, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if isinstance(footer, QHBoxLayout):
            across, down = self._look.px(self._side), self._look.px(SPACE.m)
            footer.setContentsMargins(across, down, across, down)
            footer.setSpacing(self._look.px(SPACE.s))
        held = (self._wizard.sideWidget(), self._wizard.currentPage())
        for column in self._wizard.findChildren(QVBoxLayout):
            if any(column.indexOf(widget) >= 0 for widget in held):
                column.setContentsMargins(0, 0, 0, 0)
                column.setSpacing(0)

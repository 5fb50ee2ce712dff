"""What QWizard leaves to its style: margins, and the footer's buttons for each page."""

from enum import Enum, auto

from PySide6.QtCore import QSize, Qt
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
from natwizard.gui.look.appearance import ICON_PX, Appearance
from natwizard.gui.look.style import palette
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.labels import set_trait
from natwizard.model.language import _

Button = QWizard.WizardButton


class Footer(Enum):
    """Which set of buttons a page has."""

    WELCOME = auto()
    CHECKS = auto()
    CHECKS_RUNNING = auto()
    SUMMARY = auto()
    SUMMARY_RUNNING = auto()


LAYOUTS = {
    Footer.WELCOME: (
        Button.CustomButton1,
        Button.Stretch,
        Button.CancelButton,
        Button.NextButton,
    ),
    Footer.CHECKS: (
        Button.CustomButton1,
        Button.Stretch,
        Button.CustomButton2,
        Button.NextButton,
    ),
    Footer.CHECKS_RUNNING: (
        Button.CustomButton1,
        Button.Stretch,
        Button.CustomButton3,
        Button.CustomButton2,
        Button.NextButton,
    ),
    Footer.SUMMARY: (
        Button.CustomButton1,
        Button.CustomButton2,
        Button.Stretch,
        Button.CustomButton3,
        Button.FinishButton,
        Button.CancelButton,
    ),
    Footer.SUMMARY_RUNNING: (
        Button.Stretch,
        Button.CustomButton3,
        Button.CustomButton2,
        Button.CancelButton,
    ),
}


def footer_texts(footer: Footer) -> dict[Button, tuple[str, Icon | None, str]]:
    """Words, icon and kind of each button of a footer."""
    match footer:
        case Footer.WELCOME:
            return {
                Button.CustomButton1: (_("Open a &report..."), None, "link"),
                Button.CancelButton: (_("&Close"), None, ""),
                Button.NextButton: (_("&Start checks"), None, "primary"),
            }
        case Footer.CHECKS | Footer.CHECKS_RUNNING:
            return {
                Button.CustomButton1: (_("&Run this page again"), Icon.RERUN, ""),
                Button.CustomButton3: (_("&Stop"), None, ""),
                Button.CustomButton2: (_("&Back"), None, ""),
                Button.NextButton: (_("&Next"), None, "primary"),
            }
        case Footer.SUMMARY:
            return {
                Button.CustomButton1: (_("&Run again"), Icon.RERUN, ""),
                Button.CustomButton2: (_("&More"), Icon.MORE, ""),
                Button.CustomButton3: (_("Copy for the &helpdesk"), Icon.COPY, ""),
                Button.FinishButton: (_("&Save PDF"), Icon.SAVE, "primary"),
                Button.CancelButton: (_("&Close"), None, ""),
            }
        case Footer.SUMMARY_RUNNING:
            return {
                Button.CustomButton3: (_("&Stop"), None, ""),
                Button.CustomButton2: (_("&Back"), None, ""),
                Button.CancelButton: (_("&Close"), None, ""),
            }


class WizardFrame:
    """Puts our margins and buttons on a QWizard, as often as QWizard lays itself out anew."""

    def __init__(self, wizard: QWizard, look: Appearance) -> None:
        self._wizard, self._look = wizard, look
        self._footer: Footer | None = None
        self._replace_buttons()

    def _replace_buttons(self) -> None:
        """QWizard dresses its own when it makes them, before anybody can say of which kind."""
        for which, (_text, _icon, kind) in footer_texts(Footer.WELCOME).items():
            button = QPushButton()
            set_trait(button, "kind", kind)
            set_trait(button, "tight", value=False)
            self._wizard.setButton(which, button)

    def show_footer(self, footer: Footer) -> None:
        """The buttons of a page."""
        if footer is not self._footer:
            had_focus = self._wizard.focusWidget() in self.buttons()
            self._footer = footer
            self._wizard.setButtonLayout(LAYOUTS[footer])
            self.fit()
            if had_focus:
                self.focus_primary()
        self.trim()

    def focus_primary(self) -> None:
        """Put the keyboard on the one primary button, or on the last where there is none."""
        buttons = self.buttons()
        primary = (button for button in buttons if button.property("kind") == "primary")
        chosen = next(primary, buttons[-1] if buttons else None)
        if chosen is not None:
            chosen.setFocus()

    def fit(self) -> None:
        """Words of every button, which QWizard sets anew with each page.

        Where they do not fit, icons go, then air; never letters.
        """
        for icons, tight in ((True, False), (False, False), (False, True)):
            self._pack(icons=icons, tight=tight)
            if self._needed() <= self._room():
                return

    def _pack(self, *, icons: bool, tight: bool) -> None:
        if self._footer is None:
            return
        for which, (text, icon, kind) in footer_texts(self._footer).items():
            self.dress(which, text, icon if icons else None, kind)
            set_trait(self._wizard.button(which), "tight", tight)

    def buttons(self) -> list[QAbstractButton]:
        """Those of the footer, from left to right."""
        footer = self._footer
        if footer is None:
            return []
        wanted = (which for which in LAYOUTS[footer] if which is not Button.Stretch)
        return [self._wizard.button(which) for which in wanted]

    def _needed(self) -> int:
        """All the buttons side by side. Which of them QWizard shows it only decides later."""
        buttons = self.buttons()
        gaps = self._look.px(SPACE.s) * (len(buttons) - 1)
        return sum(button.sizeHint().width() for button in buttons) + gaps

    def _room(self) -> int:
        side = self._wizard.sideWidget()
        return self._wizard.width() - side.width() - 2 * self._look.px(SPACE.xxl)

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

    def dress(self, which: Button, text: str, icon: Icon | None, kind: str) -> None:
        """Words, icon and kind of one button."""
        button = self._wizard.button(which)
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
            across, down = self._look.px(SPACE.xxl), self._look.px(SPACE.m)
            footer.setContentsMargins(across, down, across, down)
            footer.setSpacing(self._look.px(SPACE.s))
        held = (self._wizard.sideWidget(), self._wizard.currentPage())
        for column in self._wizard.findChildren(QVBoxLayout):
            if any(column.indexOf(widget) >= 0 for widget in held):
                column.setContentsMargins(0, 0, 0, 0)
                column.setSpacing(0)

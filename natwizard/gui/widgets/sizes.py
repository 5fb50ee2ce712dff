"""Sizes of the look that outlive a change of it (F11, another system font)."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from natwizard.gui.appearance import Appearance


def keep_width(look: Appearance, widget: QWidget, width: float) -> None:
    """Give a widget a fixed width."""
    _keep(look, widget, lambda: widget.setFixedWidth(look.px(width)))


def keep_height(look: Appearance, widget: QWidget, height: float) -> None:
    """Give a widget a fixed height."""
    _keep(look, widget, lambda: widget.setFixedHeight(look.px(height)))


def _keep(look: Appearance, widget: QWidget, apply: Callable[[], None]) -> None:
    def apply_while_alive() -> None:
        if isValid(widget):
            apply()

    apply()
    look.changed.connect(apply_while_alive)

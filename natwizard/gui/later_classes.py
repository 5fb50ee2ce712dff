"""What PySide makes of Qt only when it is first met, met before a run instead of during one.

The first picture does without these (docs/decisions/0052); each takes longer than a turn of the
event loop may take while something is being measured.
"""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QScrollArea


def meetings() -> tuple[Callable[[], object], ...]:
    """One each turn of the event loop."""
    return _accessibility, QApplication.style, _every_widget


def _accessibility() -> None:
    from PySide6.QtGui import QAccessible

    QAccessible.isActive()


def _every_widget() -> None:
    """Handed a widget of a kind that it does not know, PySide makes every kind there is."""
    area = QScrollArea()
    area.viewport()
    area.deleteLater()

"""Where Tab goes: through the content as it is read, then the buttons below, then the steps.

Qt's own order is that in which widgets were made, and some are made long after the others.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget


def move_focus(window: QWidget, parts: Sequence[QWidget | None], *, forwards: bool) -> bool:
    """Go on to the next control of these parts; False where there is none."""
    order = list(dict.fromkeys(one for part in parts for one in stops(window, part)))
    if not order:
        return False
    current = QApplication.focusWidget()
    step = 1 if forwards else -1
    if current in order:
        place = (order.index(current) + step) % len(order)
    else:
        place = 0 if forwards else -1
    reason = Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason
    order[place].setFocus(reason)
    _show(order[place])
    return True


def stops(window: QWidget, part: QWidget | None) -> list[QWidget]:
    """The controls of one part that Tab stops at, in reading order."""
    if part is None:
        return []
    found = [one for one in (part, *part.findChildren(QWidget)) if _is_stop(one)]
    return sorted(found, key=lambda one: _place(window, one))


def _is_stop(widget: QWidget) -> bool:
    """Visible, enabled, and no part of another control; of a choice only what is chosen."""
    takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    if not takes or not widget.isVisible() or not widget.isEnabled() or widget.focusProxy():
        return False
    if isinstance(widget, QAbstractButton) and widget.group() is not None:
        return widget.isChecked() or widget.group().checkedButton() is None
    return True


def _place(window: QWidget, widget: QWidget) -> tuple[int, int]:
    corner = widget.mapTo(window, QPoint(0, widget.height() // 2))
    return corner.y(), corner.x()


def _show(widget: QWidget) -> None:
    """Scroll as far as it takes to see it."""
    ancestor = widget.parentWidget()
    while ancestor is not None:
        if isinstance(ancestor, QScrollArea):
            ancestor.ensureWidgetVisible(widget)
        ancestor = ancestor.parentWidget()

"""Properties that the stylesheet asks for: "kind" of a button, "tone" of a label."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def set_trait(widget: QWidget, name: str, value: object) -> None:
    """Set a property; a widget that is dressed already is dressed anew, or it would not show.

    Before that it costs next to nothing, which the first picture of the window lives on.
    """
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)

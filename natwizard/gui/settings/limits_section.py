"""Every requirement of a profile with its limits and whom it applies to; to read, not to change."""

from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from natwizard.gui.appearance import Appearance
from natwizard.gui.words import role_title
from natwizard.model.language import _
from natwizard.model.profile import Profile, Requirement, Role
from natwizard.report.plain import plain

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
        """Fill it anew."""
        self.setRowCount(len(profile.requirements))
        for place, row in enumerate(profile.requirements):
            texts = (plain(row.text), limit_words(row), people_words(row))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(row.id)
                item.setTextAlignment(MIDDLE_LEFT)
                self.setItem(place, column, item)
        self.setColumnWidth(1, self._look.px(190))
        self.setColumnWidth(2, self._look.px(150))
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

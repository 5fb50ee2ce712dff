"""One group of addresses as a page of the settings."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.settings.address_row import AddressRow
from natwizard.gui.settings.addresses import Address, Group
from natwizard.profiles.draft import Draft


class AddressSection(QWidget):
    """Rows of one group.

    Signals:
        edited: carries the key and the text.
        test: carries the row whose address should be tried.
        stop: carries the row whose test should end.
    """

    edited = Signal(str, str)
    test = Signal(object)
    stop = Signal(object)

    def __init__(self, look: Appearance, group: Group) -> None:
        super().__init__()
        self.group = group
        self.rows: dict[str, AddressRow] = {}
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.l)
        for address in group.addresses:
            column.addWidget(self._make(look, address))
        column.addStretch(1)

    def _make(self, look: Appearance, address: Address) -> AddressRow:
        row = AddressRow(look, address)
        row.edited.connect(lambda text: self.edited.emit(address.key, text))
        row.test.connect(lambda: self.test.emit(row))
        row.stop.connect(lambda: self.stop.emit(row))
        self.rows[address.key] = row
        return row

    def show_draft(self, draft: Draft, problems: dict[str, str]) -> int:
        """Show texts and mistakes; how many mistakes there are."""
        for key, row in self.rows.items():
            row.show_text(row.field.text() if row.field.hasFocus() else draft.text_of(key))
            if not row.testing:
                row.show_problem(problems.get(key, ""))
        return len(self.rows.keys() & problems.keys())

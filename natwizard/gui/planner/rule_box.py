"""The validation rule for a named field, ready to copy."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.buttons import CopyButton
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.sizes import keep_height, keep_width
from natwizard.model.language import _
from natwizard.planner.validation_rule import (
    LONGEST_FIELD_NAME,
    BadFieldName,
    validation_rule,
)

FIELD_WIDTH = 200
RULE_HEIGHT = 98


class RuleBox(QWidget):
    """A field's API name, the formula that refuses anything but E.164, and its message."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        column.addWidget(label(_("A rule that keeps a Salesforce field right"), face="lead"))
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.s)
        said = label(_("API name of the field"), tone="2")
        self.field = QLineEdit("Phone")
        self.field.setMaxLength(LONGEST_FIELD_NAME)
        self.field.setAccessibleName(_("API name of the field"))
        keep_width(look, self.field, FIELD_WIDTH)
        said.setBuddy(self.field)
        row.addWidget(said)
        row.addWidget(self.field)
        self.copy_formula = CopyButton(look, _("Copy the for&mula"), "")
        self.copy_message = CopyButton(look, _("Copy the m&essage"), "")
        row.addStretch()
        column.addLayout(row)
        self.rule = QPlainTextEdit()
        self.rule.setReadOnly(True)
        self.rule.setTabChangesFocus(True)
        self.rule.setAccessibleName(_("Error Condition Formula"))
        self.rule.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        keep_height(look, self.rule, RULE_HEIGHT)
        column.addWidget(self.rule)
        self.line = WrappedLabel(tone="2")
        column.addWidget(self.line)
        buttons = QHBoxLayout()
        look.space(buttons, spacing=SPACE.s)
        buttons.addWidget(self.copy_formula)
        buttons.addWidget(self.copy_message)
        buttons.addStretch()
        column.addLayout(buttons)
        self.field.textChanged.connect(self._write)
        self._write()

    @Slot()
    def _write(self) -> None:
        try:
            rule = validation_rule(self.field.text().strip())
        except BadFieldName:
            self.rule.setPlainText("")
            self.line.setText(_("Type the API name, such as Phone or Direct_Dial__c."))
        else:
            self.rule.setPlainText(rule.formula)
            where = _("Object Manager, your object, Validation Rules, New. Rule Name: {name}.")
            self.line.setText(where.format(name=rule.name))
            self.copy_message.setToolTip(rule.message)
            self.copy_formula.give(rule.formula)
            self.copy_message.give(rule.message)
        has_rule = bool(self.rule.toPlainText())
        self.copy_formula.setEnabled(has_rule)
        self.copy_message.setEnabled(has_rule)

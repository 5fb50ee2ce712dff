"""One address: name, field, "Test this target", and a line for help, mistakes and results."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.settings.addresses import SECRET, Address
from natwizard.gui.widgets.buttons import IconButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label, set_tone
from natwizard.gui.widgets.traits import set_trait
from natwizard.gui.words import capitalised
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.report.plain import plain

LONGEST = 2000
BUTTON_WIDTH = 196


class AddressRow(QWidget):
    """Knows no rules: what is wrong is told to it.

    Signals:
        edited: carries the text.
        test: the person wants it tried.
        stop: the person wants that to end.
    """

    edited = Signal(str)
    test = Signal()
    stop = Signal()

    def __init__(self, look: Appearance, address: Address) -> None:
        super().__init__()
        self.address = address
        self._testing = False
        self._told_of = ""
        """The text that the result in the line is about."""
        title = label(address.title, face="strong")
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST)
        self.field.setAccessibleName(address.title)
        self.field.setAccessibleDescription(address.help)
        if address.key in SECRET:
            self.field.setEchoMode(QLineEdit.EchoMode.Password)
        title.setBuddy(self.field)
        self.button = IconButton(look, Icon.RERUN, _("Test this target"), kind="")
        self._look = look
        self._fit()
        look.changed.connect(self._fit)
        self.button.setVisible(bool(address.check))
        self._name_button()
        self.sign = Glyph(look, Activity.WAITING, side=16)
        self.sign.hide()
        self.line = WrappedLabel(address.help, tone="2")
        entry = QHBoxLayout()
        look.space(entry, spacing=SPACE.m)
        entry.addWidget(self.field, 1)
        entry.addWidget(self.button)
        told = QHBoxLayout()
        look.space(told, spacing=SPACE.s)
        told.addWidget(self.sign)
        told.addWidget(self.line, 1)
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.xs)
        column.addWidget(title)
        column.addLayout(entry)
        column.addLayout(told)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field.textEdited.connect(self.edited)
        self.button.clicked.connect(self._on_clicked)

    def show_text(self, text: str) -> None:
        """What the profile says."""
        if self.field.text() != text:
            self.field.setText(text)

    def show_problem(self, problem: str) -> None:
        """What is wrong with the text; empty brings the help back."""
        wrong = bool(problem)
        set_trait(self.field, "wrong", wrong)
        if wrong:
            self._tell(Status.FAIL, capitalised(problem))
        elif not self._told_of or self._told_of != self.field.text():
            self._tell(None, self.address.help)
        self.button.setEnabled(not wrong and bool(self.field.text().strip()))

    def tell_testing(self, text: str) -> None:
        """How far the test is; empty says that it is over."""
        self._testing = bool(text)
        if text:
            self._tell(Activity.RUNNING, text)
            self.button.tell(_("Stop"), Icon.STOP)
        else:
            self.button.tell(_("Test this target"), Icon.RERUN)
            self._fit()
        self._name_button()

    def tell_result(self, finding: Finding) -> None:
        """How it went."""
        self._told_of = self.field.text()
        self._tell(finding.status, f"{finding.summary} {finding.observed}")

    def rest(self) -> None:
        """A test ended without a result."""
        self.tell_testing("")
        self._tell(None, self.address.help)

    @Slot()
    def _fit(self) -> None:
        """One width, whatever the button says: that of the longer text, in any language."""
        if not self._testing:
            self.button.ensurePolished()
            words = self.button.sizeHint().width()
            self.button.setFixedWidth(max(self._look.px(BUTTON_WIDTH), words))

    @property
    def testing(self) -> bool:
        """Whether its test goes on."""
        return self._testing

    def _name_button(self) -> None:
        """Many rows have one: its name says whose it is."""
        words = self.button.text().strip()
        self.button.setAccessibleName(f"{words}: {self.address.title}")

    def _tell(self, sign: Sign | None, text: str) -> None:
        self.sign.setVisible(sign is not None)
        if sign is not None:
            self.sign.show_sign(sign)
        self.line.setText(plain(text))
        set_tone(self.line, "fail" if sign is Status.FAIL else "2")
        self.field.setAccessibleDescription(plain(text))

    @Slot()
    def _on_clicked(self) -> None:
        if self._testing:
            self.stop.emit()
        else:
            self.test.emit()

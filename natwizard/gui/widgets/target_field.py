"""The webphone's address: field, "Test this target", and one line that tells how it went."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.signs import Activity, Sign
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.buttons import IconButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label, set_tone, set_trait
from natwizard.model.address import WEBPHONE_PORT, host_port_of_url, parse_host_port
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.report.plain import plain

# A host name has at most 253 characters (RFC 1035, 2.3.4, as text), and a port may follow
# An address takes 255; the link to a set-up file may carry a token, and is not to be cut
LONGEST_ADDRESS = 2048


class TargetField(QWidget):
    """Empty is allowed; anything else has to read as a name or address, with or without port.

    Signals:
        test: the person wants the address tested.
        stop: the person wants the test to end.
        edited: the text is another one.
        setup_pasted: it is a link to a set-up file instead; carries the link.
    """

    test = Signal()
    stop = Signal()
    edited = Signal()
    setup_pasted = Signal(str)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._testing = False
        self._given = ""
        title = label(_("Webphone address"), face="lead")
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST_ADDRESS)
        self.field.setAcceptDrops(False)  # a set-up file dropped here is the window's
        self.field.setPlaceholderText(_("webphone.example.com"))
        self.field.setAccessibleName(_("Webphone address"))
        title.setBuddy(self.field)
        self.button = IconButton(look, Icon.RERUN, _("&Test this target"), kind="")
        self.sign = Glyph(look, Activity.WAITING, side=18)
        self.line = WrappedLabel(tone="2")
        row = QHBoxLayout()
        look.space(row, spacing=12)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        status_row = QHBoxLayout()
        look.space(status_row, spacing=8)
        status_row.addWidget(self.sign)
        status_row.addWidget(self.line, 1)
        column = QVBoxLayout(self)
        look.space(column, spacing=8)
        column.addWidget(title)
        column.addLayout(row)
        column.addLayout(status_row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._keep_width()
        look.changed.connect(self._keep_width)
        self.field.textEdited.connect(self._on_edited)
        self.button.clicked.connect(self._on_clicked)
        self._rest()

    def set_address(self, address: str) -> None:
        """Fill in what the profile says."""
        self._given = address
        self.field.setText(address)
        self._rest()

    def address(self) -> str:
        """What is typed, without blanks around it; of a pasted web address its host."""
        return host_port_of_url(self.field.text())

    def mistake(self) -> str:
        """What to type instead, or empty where the address can be used."""
        if not self.address():
            return ""
        try:
            parse_host_port(self.address(), default_port=WEBPHONE_PORT)
        except ValueError:
            return _("Type a name or an address, such as webphone.example.com.")
        return ""

    def validate(self) -> bool:
        """Whether the address can be used; says so next to the field where it cannot."""
        wrong = self.mistake()
        if wrong:
            self._show_status(Status.FAIL, wrong)
            self.field.setFocus()
        self._mark(wrong=bool(wrong))
        return not wrong

    def show_testing(self, text: str) -> None:
        """A test goes on; empty text ends it."""
        self._testing = bool(text)
        if text:
            self._show_status(Activity.RUNNING, plain(text))
            self.button.set_label(_("Stop"), Icon.STOP)
        else:
            self.button.set_label(_("&Test this target"), Icon.RERUN)

    def show_finding(self, finding: Finding) -> None:
        """How the test went."""
        measured = _("Measured: {text}.").format(text=finding.observed)
        self._show_status(finding.status, plain(f"{finding.summary} {measured}"))

    @Slot()
    def _keep_width(self) -> None:
        """Room for the longer of the two texts, so that nothing jumps."""
        texts = ("  " + _("Test this target"), "  " + _("Stop"))
        metrics = QFontMetrics(self.button.font())
        widest = max(metrics.horizontalAdvance(text) for text in texts)
        # the icon, its gap, and the padding on both sides
        self.button.setMinimumWidth(widest + 64)

    @Slot()
    def _on_edited(self) -> None:
        from natwizard.profiles.setup_file import setup_link

        link = setup_link(self.field.text())
        if link:  # no webphone's address ends like that
            self.set_address(self._given)
            self.setup_pasted.emit(link)
            return
        self._mark(wrong=False)
        self._rest()
        self.edited.emit()

    @Slot()
    def _on_clicked(self) -> None:
        if self._testing:
            self.stop.emit()
        elif not self.address():
            self._show_status(Status.FAIL, _("Type the address of your webphone first."))
            self.field.setFocus()
        elif self.validate():
            self.test.emit()

    def _rest(self) -> None:
        """What to say while nothing is tested."""
        address = self.address()
        self.button.setEnabled(True)
        if not address:
            text = _("No address set. You can paste your helpdesk's set-up link here.")
            self._show_status(Status.NOT_APPLICABLE, text)
        elif address == self._given:
            text = _("This address comes with the profile; you can leave it.")
            self._show_status(Activity.WAITING, text)
        else:
            self._show_status(Activity.WAITING, _("Not tested yet."))

    def _show_status(self, sign: Sign, text: str) -> None:
        self.sign.show_sign(sign)
        self.line.setText(text)
        set_tone(self.line, "fail" if sign is Status.FAIL else "2")

    def _mark(self, *, wrong: bool) -> None:
        set_trait(self.field, "wrong", wrong)

"""The addresses of a profile as a form: groups, names, help, and the check that tries each."""

from msgspec import Struct
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from natwizard.checks.catalogue import test_of
from natwizard.drawing.icons import Icon
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import capitalised
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.widgets.buttons import IconButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label, set_tone, set_trait
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.model.profile import Answers, Role, Targets
from natwizard.profiles.draft import Draft
from natwizard.report.plain import plain

NOT_IN_THE_FORM = {"extra_roots"}
"""Certificates have a page of their own: a line to type in does not hold them."""

SECRET = {"turn_password"}


class Address(Struct, frozen=True, kw_only=True):
    """One field.

    Attributes:
        key: of `Targets`.
        check: the check that tries it; empty where it only goes with another one.
    """

    key: str
    title: str
    help: str
    check: str = ""


class Group(Struct, frozen=True, kw_only=True):
    """One page of the form."""

    title: str
    line: str
    addresses: tuple[Address, ...]


def address_groups() -> tuple[Group, ...]:
    """Every target of a profile, each once; what has no place of its own comes last."""
    groups = (
        _webphone(), _public_address(), _calls(), _names(), _web(), _websockets(), _phones(),
        _salesforce(),
    )  # fmt: skip
    placed = {address.key for group in groups for address in group.addresses}
    rest = [key for key in Targets.__struct_fields__ if key not in placed | NOT_IN_THE_FORM]
    if not rest:
        return groups
    others = (_row(key, key, _("As the profile reference says.")) for key in rest)
    return (*groups, _group(_("Others"), _("Further addresses."), *others))


def _group(title: str, line: str, *addresses: Address) -> Group:
    return Group(title=title, line=line, addresses=addresses)


def _row(key: str, title: str, help_: str) -> Address:
    return Address(key=key, title=title, help=help_, check=test_of(key))


def _webphone() -> Group:
    return _group(
        _("Webphone"), _("Where the webphone in the browser connects to."),
        _row("webphone", _("Webphone address"),
             _("Name or address; port 10062 if none is given.")),
        _row("webphone_path", _("Path"),
             _("Of the websocket on that server; \u201c/\u201d unless you were told.")),
        _row("webphone_protocol", _("Subprotocol"),
             _("What the webphone offers; \u201csip\u201d unless you were told.")),
        _row("webphone_origin", _("Origin"),
             _("Of the page the webphone runs in; empty: its own server's.")),
        _row("webphone_control", _("Another server on that port"),
             _("With port. Tells a firewall from a service that is down.")),
    )  # fmt: skip


def _public_address() -> Group:
    return _group(
        _("Public address"), _("STUN servers tell a computer how the internet sees it."),
        _row("stun", _("STUN servers of the service"),
             _("With ports; the service uses 5060 and 3479. Commas between.")),
        _row("stun_control", _("Public STUN servers"),
             _("With ports. They get a handful of packets in each run.")),
        _row("udp_range", _("Server for the media ports"),
             _("Answers STUN on all the ports below.")),
        _row("udp_range_ports", _("Media ports it listens on"),
             _("Such as 5000-64000, or single ports with commas between.")),
    )  # fmt: skip


def _calls() -> Group:
    return _group(
        _("Test calls"), _("Something you run that answers every packet, as a call partner would."),
        _row("media", _("Reflector"), _("With port. Run one with: natwizard reflector")),
        _row("turn", _("TURN server"),
             _("Used where no reflector is set; port 3478 if none is given.")),
        _row("turn_user", _("User name for it"), _("Goes with TURN only.")),
        _row("turn_password", _("Password for it"),
             _("Stands in the profile file; reports never show it.")),
    )  # fmt: skip


def _names() -> Group:
    return _group(
        _("Name lookups"), _("Which resolvers to test, and with which names."),
        _row("resolvers", _("Resolvers"),
             _("Empty means those of the computer. Port 53 if none is given.")),
        _row("resolver_control", _("Another resolver to compare with"),
             _("A public one, such as 192.0.2.53.")),
        _row("dns_name", _("A name that every resolver knows"), _("A single dot means the root.")),
        _row("dns_large_name", _("A name with a long answer"), _("Over 512 bytes.")),
        _row("dns_large_type", _("Record type of the long answer"), _("Such as DNSKEY or TXT.")),
    )  # fmt: skip


def _web() -> Group:
    return _group(
        _("Web and filters"), _("Pages to fetch, and servers whose certificates must be public."),
        _row("http", _("Page without encryption"), _("Starts with http://")),
        _row("http_expect", _("Text it must hold"), _("May stay empty.")),
        _row("https", _("Page with encryption"), _("Starts with https://")),
        _row("https_expect", _("Text it must hold"), _("May stay empty.")),
        _row("tls", _("Servers of the service"),
             _("Their certificates must be public. Port 443 if none is given.")),
        _row("tls_control", _("Other servers to compare with"),
             _("Tell whether only some are opened by a filter.")),
        _row("tls_floor", _("A strict server"), _("Refuses anything older than TLS 1.2.")),
    )  # fmt: skip


def _websockets() -> Group:
    return _group(
        _("Websockets"), _("Connections that stay open and carry messages both ways."),
        _row("websocket", _("Echoing websockets"),
             _("Start with ws:// or wss:// and send back what they get.")),
        _row("websocket_protocol", _("Subprotocol"), _("Offered to them; empty: none.")),
        _row("websocket_origin", _("Origin"),
             _("Of the page that would open them; empty: each server's own.")),
        _row("websocket_test", _("Test page"),
             _("Where the service has people test websockets; shown beside the result.")),
    )  # fmt: skip


def _phones() -> Group:
    return _group(
        _("Desk phones"), _("For desk phones and softphones, which speak SIP."),
        _row("sip", _("SIP servers"), _("Port 5060 if none is given. Commas between.")),
        _row("sip_tls", _("SIP server with encryption"), _("Port 5061 if none is given.")),
        _row("sip_mirror", _("SIP mirror"),
             _("Sends messages back as they arrived: shows a router that rewrites them.")),
    )  # fmt: skip


def _salesforce() -> Group:
    return _group(
        _("Salesforce"), _("Where administrators sign in, to have the org read."),
        _row("salesforce_login", _("Sign-in page"),
             _("Starts with https://, such as https://example.my.salesforce.com")),
        _row("salesforce_client_id", _("Consumer key"),
             _("Of the app that you set up in Salesforce for natwizard.")),
        _row("salesforce_callback", _("Callback address"),
             _("Of that app, on this computer; to the letter.")),
        _row("salesforce_user", _("Connected account"),
             _("User name of the account that the service uses; may stay empty.")),
        _row("salesforce_cti_users", _("People who take calls"),
             _("User names with commas between; empty means everybody in a call center.")),
    )  # fmt: skip


# As much as a set-up file may hold (`setup_file.LONGEST_TEXT`)
LONGEST = 2000
BUTTON_WIDTH = 196


class AddressRow(QWidget):
    """Knows no rules: whoever judges the address says what is wrong.

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
        self._finding_for = ""
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
        status_row = QHBoxLayout()
        look.space(status_row, spacing=SPACE.s)
        status_row.addWidget(self.sign)
        status_row.addWidget(self.line, 1)
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.xs)
        column.addWidget(title)
        column.addLayout(entry)
        column.addLayout(status_row)
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
            self._show_status(Status.FAIL, capitalised(problem))
        elif not self._finding_for or self._finding_for != self.field.text():
            self._show_status(None, self.address.help)
        typed = bool(self.field.text().strip())
        self.button.setEnabled(not wrong and typed)
        # what is wrong stands below the field
        self.button.setToolTip("" if typed else _("Type an address first."))

    def show_testing(self, text: str) -> None:
        """How far the test is; empty says that it is over."""
        self._testing = bool(text)
        if text:
            self._show_status(Activity.RUNNING, text)
            self.button.set_label(_("Stop"), Icon.STOP)
        else:
            self.button.set_label(_("Test this target"), Icon.RERUN)
            self._fit()
        self._name_button()

    def show_finding(self, finding: Finding) -> None:
        """How it went."""
        self._finding_for = self.field.text()
        self._show_status(finding.status, f"{finding.summary} {finding.observed}")

    def rest(self) -> None:
        """A test ended without a result."""
        self.show_testing("")
        self._show_status(None, self.address.help)

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

    def _show_status(self, sign: Sign | None, text: str) -> None:
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


class TargetTester(QObject):
    """One test at a time, on a probe thread of its own."""

    def __init__(self, control: RunControl, parent: QObject) -> None:
        super().__init__(parent)
        self._control = control
        self._row: AddressRow | None = None
        control.tested.connect(self._on_tested)
        control.test_progressed.connect(self._on_progress)
        control.broke.connect(self._on_broke)
        control.refused.connect(self._on_broke)

    def start(self, row: AddressRow, draft: Draft) -> None:
        """Run the row's check as an administrator would, whom every check applies to."""
        from natwizard.run.plan import make_plan

        self.stop()
        self._row = row
        answers = Answers(role=Role.ADMINISTRATOR)
        only = frozenset({row.address.check})
        row.show_testing(_("Testing this address..."))
        self._control.test(make_plan(draft.profile, answers, location=draft.location, only=only))

    def stop(self) -> None:
        """Forget the test that is under way."""
        self._control.stop_test()
        if self._row is not None and self._row.testing:
            self._row.rest()
        self._row = None

    def close(self) -> None:
        """End it all."""
        self.stop()
        self._control.close()

    @Slot(object)
    def _on_tested(self, finding: Finding) -> None:
        if self._row is not None:
            self._row.show_testing("")
            self._row.show_finding(finding)
            self._row = None

    @Slot(str)
    def _on_progress(self, text: str) -> None:
        if self._row is not None and text:
            self._row.show_testing(text)

    @Slot(str)
    def _on_broke(self, _reason: str) -> None:
        if self._row is not None:
            self._row.rest()
            self._row = None

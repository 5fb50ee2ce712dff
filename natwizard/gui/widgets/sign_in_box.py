"""A box to sign in to Salesforce: what it costs, one button, and how it stands."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from natwizard.checks.shared.missing_evidence import judge_missing
from natwizard.drawing.icons import Icon
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.salesforce_access import AccessStage, SalesforceAccess
from natwizard.gui.widgets.buttons import CopyButton, IconButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.outcome import Failure
from natwizard.model.profile import Targets
from natwizard.probes.salesforce.budget import price_words


class SignInBox(QFrame):
    """Shows a SalesforceAccess.

    Signals:
        sign_in: the person wants to sign in.
        give_up: the person wants to wait no longer, or to sign out.
    """

    sign_in = Signal()
    give_up = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._stage = AccessStage.OUT
        self.setProperty("box", "group")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.sign = Glyph(look, Activity.WAITING, side=18)
        self.line = WrappedLabel(tone="2")
        self.button = IconButton(look, Icon.PERSON, _("Sign &in to Salesforce"), kind="")
        self.button.clicked.connect(self._on_clicked)
        self._copy: CopyButton | None = None
        self._buttons = QVBoxLayout()
        look.space(self._buttons, spacing=SPACE.s)
        self._buttons.addWidget(self.button)
        status_row = QHBoxLayout()
        look.space(status_row, spacing=SPACE.s)
        status_row.addWidget(self.sign)
        status_row.addWidget(self.line, 1)
        texts = QVBoxLayout()
        look.space(texts, spacing=SPACE.xs)
        texts.addStretch(1)
        texts.addWidget(label(_("Your Salesforce org"), face="lead"))
        texts.addLayout(status_row)
        texts.addStretch(1)
        row = QHBoxLayout(self)
        look.space(row, margins=(SPACE.l, SPACE.m, SPACE.l, SPACE.m), spacing=SPACE.l)
        row.addLayout(texts, 1)
        row.addLayout(self._buttons)

    def show_access(
        self, access: SalesforceAccess, targets: Targets, calls_used: int | None
    ) -> None:
        """How the sign-in stands, and how many API calls the last reading took."""
        self._stage = access.stage
        self._offer_address(access)
        match access.stage:
            case AccessStage.WAITING:
                self._show_status(Activity.RUNNING, _waiting_words(access))
                self.button.set_label(_("&Cancel"), Icon.STOP)
            case AccessStage.IN:
                self._show_status(Status.PASS, _in_words(access, calls_used))
                self.button.set_label(_("Sign &out"), Icon.PERSON)
            case AccessStage.OUT:
                ready = bool(targets.salesforce_client_id)
                if access.failure is not None:
                    self._show_status(Status.UNKNOWN, _failure_words(access.failure))
                else:
                    self._show_status(Activity.WAITING, price_words() if ready else _unset_words())
                self.button.set_label(_("Sign &in to Salesforce"), Icon.PERSON)
                self.button.setEnabled(ready)

    def _show_status(self, sign: Sign, text: str) -> None:
        self.sign.show_sign(sign)
        self.line.setText(text)
        self.button.setEnabled(True)

    def _offer_address(self, access: SalesforceAccess) -> None:
        """Where no browser opened by itself, the person opens one."""
        wanted = access.stage is AccessStage.WAITING and bool(access.address) and not access.opened
        if wanted and self._copy is None:
            self._copy = CopyButton(self._look, _("Copy the address"), access.address)
            self._buttons.addWidget(self._copy)
        elif not wanted and self._copy is not None:
            self._remove(self._copy)
            self._copy = None

    def _remove(self, widget: QWidget) -> None:
        self._buttons.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    @Slot()
    def _on_clicked(self) -> None:
        if self._stage is AccessStage.OUT:
            self.sign_in.emit()
        else:
            self.give_up.emit()


def _waiting_words(access: SalesforceAccess) -> str:
    if access.address and not access.opened:
        return _("No browser opened. Copy the address, and sign in there.")
    return _("Sign in with your browser; we wait here.")


def _in_words(access: SalesforceAccess, calls_used: int | None) -> str:
    host = access.session.org.host if access.session else ""
    text = _("Signed in at {host}.").format(host=host)
    if calls_used is not None:
        text = _("Signed in at {host}. Each reading takes about {count} API calls.").format(
            host=host, count=calls_used
        )
    return text


def _unset_words() -> str:
    return _(
        "Set targets.salesforce_client_id in the profile to sign in here. It is the consumer key of"
        " an External Client App: new connected apps can no longer be made (Spring '26)."
    )


def _failure_words(failure: Failure) -> str:
    judgement = judge_missing("", "", failure)
    settles = judgement.remedy.text if judgement.remedy else ""
    return _("Not signed in: {reason}. {settles}").format(
        reason=judgement.observed, settles=settles
    )

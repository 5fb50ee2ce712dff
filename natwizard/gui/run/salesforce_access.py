"""The person's sign-in to Salesforce, from the button to the session; kept while the window is."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal, Slot

from natwizard.gui.run.probe_thread import Emit, ProbeThread
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import CannotGather
from natwizard.probes.salesforce.session import SalesforceSession
from natwizard.probes.salesforce.sign_in import sign_in
from natwizard.run.runner import Environment


class AccessStage(StrEnum):
    """Where the sign-in stands."""

    OUT = "out"
    WAITING = "waiting"
    """The page is open in the browser, and the person is there."""
    IN = "in"


@dataclass(frozen=True, slots=True)
class PageShown:
    """The page to sign in at; `opened` says whether a browser took it."""

    number: int
    address: str
    opened: bool


@dataclass(frozen=True, slots=True)
class SignInEnded:
    """A session, or why there is none."""

    number: int
    session: SalesforceSession | None = None
    failure: Failure | None = None


class SalesforceAccess(QObject):
    """Holds the session in memory, and gives it to every run until it is forgotten.

    Signals:
        changed: stage, address or failure are different now.
        signed_in: there is a session, and the org can be read.
    """

    changed = Signal()
    signed_in = Signal()

    def __init__(
        self,
        thread: ProbeThread,
        environment: Callable[[], Environment],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.session: SalesforceSession | None = None
        self.stage = AccessStage.OUT
        self.address, self.opened = "", False
        self.failure: Failure | None = None
        self._thread, self._environment = thread, environment
        self._number = 0
        self._work: Future[None] | None = None
        thread.happened.connect(self._on_happened)

    def sign_in(self, targets: Targets) -> None:
        """Open the page in the browser and wait for the person."""
        if self.stage is AccessStage.WAITING:
            return
        self._number += 1
        number, environment = self._number, self._environment()
        self.address, self.opened, self.failure = "", False, None

        async def work(emit: Emit) -> None:
            def show(page: str) -> None:
                opener = environment.open_page
                opened = opener is not None and opener(page)
                emit(PageShown(number, page, opened))

            try:
                session = await sign_in(environment.network, targets, show)
            except CannotGather as error:
                emit(SignInEnded(number, failure=error.failure))
            else:
                emit(SignInEnded(number, session=session))

        self._work = self._thread.submit(work)
        self._change(AccessStage.WAITING)

    def expire(self) -> None:
        """Salesforce does not know the session any more: say so, and offer a new one."""
        if self.session is not None:
            self.session = None
            self.failure = Failure(code=FailureCode.SESSION_EXPIRED, operation="read_salesforce")
            self._change(AccessStage.OUT)

    def forget(self) -> None:
        """Give up waiting, or forget the session."""
        if self._work is not None:
            self._work.cancel()
        self._number += 1
        self.session, self.failure, self._work = None, None, None
        self._change(AccessStage.OUT)

    @Slot(object)
    def _on_happened(self, event: object) -> None:
        match event:
            case PageShown(number=number) if number == self._number:
                self.address, self.opened = event.address, event.opened
                self.changed.emit()
            case SignInEnded(number=number) if number == self._number:
                self._work, self.session, self.failure = None, event.session, event.failure
                self._change(AccessStage.OUT if event.session is None else AccessStage.IN)
                if event.session is not None:
                    self.signed_in.emit()
            case _:
                pass

    def _change(self, stage: AccessStage) -> None:
        self.stage = stage
        self.changed.emit()

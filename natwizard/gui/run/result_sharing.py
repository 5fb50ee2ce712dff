"""Hands runs of this window to whoever the profile names, off the GUI thread.

A run goes when its verdict stands: whoever looks at a screen together with an agent must not wait
for the minute in which a connection is held open. What changes afterwards goes again, gathered;
readers count the later form.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.model.profile import Profile
from natwizard.model.report import Report

if TYPE_CHECKING:  # loaded when something is sent: the window paints before that
    from natwizard.share.deliver import Delivery

GATHER_MS = 20_000
"""A person who answers questions answers several; they go together."""

LEAVE_S = 5.0
"""How long a window that is closed already goes on sending; what is not through by then waits."""


class SharingStage(Enum):
    """How it stands with the result that the window shows."""

    NOT_SENT = auto()
    SENDING = auto()
    TRIED = auto()
    """Each destination has had its turn; the deliveries tell what became of it."""


class Sharing(Struct, frozen=True, kw_only=True):
    """How it stands with one run.

    Attributes:
        profile: the one that the run was made with; it names who gets it.
    """

    run_id: str
    profile: Profile
    stage: SharingStage
    deliveries: "tuple[Delivery, ...]" = ()


Deliver = Callable[[Report, Profile, str], "tuple[Delivery, ...]"]


def deliver_from_here(report: Report, profile: Profile, amended_at: str) -> "tuple[Delivery, ...]":
    """Send it for good; `amended_at` is when it changed after it was sent before."""
    from natwizard.share.from_here import begin_here

    return begin_here(report, profile, profile.share, amended_at=amended_at).deliveries()


class ResultSharing(QObject):
    """One a window.

    Signals:
        changed: it stands differently with the run that is shown.
    """

    changed = Signal()
    _tried = Signal(object)

    def __init__(
        self, control: RunControl, parent: QObject, deliver: Deliver = deliver_from_here
    ) -> None:
        super().__init__(parent)
        self._control, self._deliver = control, deliver
        self._sharing: Sharing | None = None
        self._sent: Report | None = None
        self._amended: Report | None = None
        self._amended_at = ""
        self._thread: threading.Thread | None = None
        self._later = QTimer(self, interval=GATHER_MS, singleShot=True)
        self._later.timeout.connect(self.send_changes)
        self._tried.connect(self._on_tried)
        control.finished.connect(self._on_finished)
        control.amended.connect(self._on_amended)

    def sharing(self) -> Sharing | None:
        """How it stands with the run that the window shows; None where nobody gets it.

        A report from a file is none of this window's: it may be another computer's.
        """
        model, plan = self._control.model, self._control.plan
        if plan is None or model.stage is RunStage.OPENED or not plan.profile.share.wanted:
            return None
        report = model.report
        run_id = report.run_id if report is not None else ""
        if self._sharing is not None and run_id and self._sharing.run_id == run_id:
            return self._sharing
        return Sharing(run_id=run_id, profile=plan.profile, stage=SharingStage.NOT_SENT)

    @Slot()
    def send(self) -> None:
        """Send the run that is shown now, whatever was tried before, and all that waits."""
        sharing, report = self.sharing(), self._control.model.report
        if sharing is None or report is None or self._control.model.busy:
            return
        self._later.stop()
        self._amended = None
        self._begin(report, sharing.profile)

    @Slot()
    def send_changes(self) -> None:
        """Send a run again that says anything else by now than when it was sent.

        Also called before the window closes, or shows another run.
        """
        self._later.stop()
        amended, self._amended = self._amended, None
        if amended is None or self._sent is None or self._sharing is None:
            return
        if _essence(amended) != _essence(self._sent):
            self._begin(amended, self._sharing.profile)

    def wait(self, seconds: float = LEAVE_S) -> bool:
        """Give what is under way so long; False if it goes on, to be sent with the next run."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    @Slot(object)
    def _on_finished(self, report: Report) -> None:
        """A run that was stopped tells nothing of the line; it goes only if somebody sends it."""
        self.send_changes()
        if self.sharing() is not None and not self._control.model.stopped:
            self._begin(report, self._profile())

    @Slot(object)
    def _on_amended(self, report: Report) -> None:
        if self._sent is not None and report.run_id == self._sent.run_id:
            self._amended = report
            self._later.start()

    def _profile(self) -> Profile:
        if self._control.plan is None:
            raise RuntimeError("a run of this window has a plan")
        return self._control.plan.profile

    def _begin(self, report: Report, profile: Profile) -> None:
        before = self._sent
        if before is None or before.run_id != report.run_id:
            self._amended_at = ""
        elif _essence(before) != _essence(report):
            self._amended_at = datetime.now().astimezone().isoformat(timespec="milliseconds")
        self._sent = report
        sharing = Sharing(run_id=report.run_id, profile=profile, stage=SharingStage.SENDING)
        self._sharing = sharing
        # one after the other: two at once could take a newer form of a run out of the queue
        self._thread = threading.Thread(
            target=self._work,
            args=(report, sharing, self._amended_at, self._thread),
            name="share a run",
            daemon=True,
        )
        self._thread.start()
        self.changed.emit()

    def _work(
        self,
        report: Report,
        sharing: Sharing,
        amended_at: str,
        after: threading.Thread | None,
    ) -> None:
        if after is not None:
            after.join()
        started = time.perf_counter()
        try:
            deliveries = self._deliver(report, sharing.profile, amended_at)
        except Exception:  # sharing must not spoil a run, whatever happens
            logging.getLogger(__name__).exception("the run was not shared")
            deliveries = ()
        logging.getLogger(__name__).info("shared in %.1f s", time.perf_counter() - started)
        try:
            self._tried.emit((sharing, deliveries))
        except RuntimeError:  # the window is gone
            return

    @Slot(object)
    def _on_tried(self, done: "tuple[Sharing, tuple[Delivery, ...]]") -> None:
        began, deliveries = done
        if self._sharing is not began:
            return  # another one is under way by now
        self._sharing = Sharing(
            run_id=began.run_id,
            profile=began.profile,
            stage=SharingStage.TRIED,
            deliveries=deliveries,
        )
        from natwizard.share.from_here import with_handover  # loaded by now: it was sent

        report = self._control.model.report
        if report is not None and report.run_id == began.run_id:
            told = with_handover(report, deliveries, began.profile.share)
            self._control.tell_handover(told.run_id, told.handed_over)
        self.changed.emit()


def _essence(report: Report) -> object:
    """What a reader counts; the same in every language."""
    findings = tuple(
        (each.check, each.status, each.depends_on, each.measured) for each in report.findings
    )
    return report.verdict, findings

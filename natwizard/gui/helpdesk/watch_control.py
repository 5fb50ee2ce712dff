"""Runs a watch on a probe thread of its own and tells how it stands."""

import logging
from collections.abc import Callable

from msgspec import Struct
from PySide6.QtCore import QObject, Signal, Slot

from natwizard.gui.probe_thread import Emit, ProbeThread
from natwizard.model.profile import Profile
from natwizard.model.watch import WatchRecord
from natwizard.run.runner import Surroundings
from natwizard.run.watch import Watch

LOG = logging.getLogger(__name__)


class Ended(Struct, frozen=True, kw_only=True):
    """A watch is over; `broke` says why where it was a defect of ours."""

    record: WatchRecord | None = None
    broke: str = ""


class WatchControl(QObject):
    """One watch after another.

    Signals:
        told: what is known so far, once a second; carries a WatchRecord.
        ended: the watch is over; carries the reason where it broke, else nothing.
    """

    told = Signal(object)
    ended = Signal(str)

    def __init__(
        self, profile: Callable[[], Profile], surroundings: Callable[[], Surroundings],
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._profile, self._surroundings = profile, surroundings
        self._thread = ProbeThread(self)
        self._thread.happened.connect(self._on_happened)
        self._watch: Watch | None = None
        self.record: WatchRecord | None = None

    @property
    def watching(self) -> bool:
        """Whether packets may be on their way."""
        return self._watch is not None

    def start(self, duration_s: float) -> None:
        """Watch for so long."""
        if self.watching:
            return
        thread = self._thread
        watch = Watch(
            profile=self._profile(),
            surroundings=self._surroundings(),
            told=thread.tell,
            duration_s=duration_s,
        )
        self._watch, self.record = watch, None

        async def work(emit: Emit) -> None:
            try:
                emit(Ended(record=await watch.execute()))
            except Exception as error:
                LOG.exception("the watch broke")
                emit(Ended(broke=f"{type(error).__name__}: {error}"))

        thread.submit(work)

    def stop(self) -> None:
        """End it early; what was seen stays."""
        if self._watch is not None:
            self._thread.call(self._watch.stop)

    def close(self) -> bool:
        """Cancel everything; False if something did not end within a second."""
        return self._thread.close()

    @Slot(object)
    def _on_happened(self, event: WatchRecord | Ended) -> None:
        if isinstance(event, Ended):
            self._watch = None
            if event.record is not None:
                self.record = event.record
            self.ended.emit(event.broke)
        else:
            self.record = event
            self.told.emit(event)

"""The one place where the window and the measuring meet: one thread, one loop, one signal."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QObject, Signal

from natwizard.system.loop import make_loop

LOG = logging.getLogger(__name__)

# A window that is closed waits no longer for probes that do not end
JOIN_S = 1.0

Emit = Callable[[object], None]


class ProbeThread(QObject):
    """One thread, one loop, one signal. Create it in the GUI thread.

    Signals:
        happened: a frozen event object, delivered in the GUI thread.
    """

    happened = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loop = make_loop()
        self._thread = threading.Thread(target=self._work, name="probes", daemon=True)
        self._closed = False
        self._thread.start()

    def submit(
        self, work: Callable[[Emit], Coroutine[Any, Any, None]]
    ) -> Future[None]:  # fmt: skip
        """Start work on the probe loop; cancel the returned future to stop it."""
        if self._closed:
            raise RuntimeError("the probe thread is closed")
        return asyncio.run_coroutine_threadsafe(work(self.deliver), self._loop)

    def call(self, function: Callable[[], None]) -> None:
        """Have a short function called in the loop."""
        if not self._closed:
            self._loop.call_soon_threadsafe(function)

    def close(self) -> bool:
        """Cancel everything and end the thread; False if it did not end within a second."""
        if self._closed:
            return True
        self._closed = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(JOIN_S)
        return not self._thread.is_alive()

    def deliver(self, event: object) -> None:
        """Have an event delivered in the GUI thread; dropped once the thread is closed."""
        if not self._closed:
            self.happened.emit(event)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._cancel_all()
        finally:
            self._loop.close()

    def _cancel_all(self) -> None:
        """What is left cleans up, within the second that `close` waits."""
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            # less than `close` waits, so that what did not end can still be named
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=JOIN_S * 0.9))
        for task in tasks:
            if not task.done():
                LOG.warning("%s did not end in time", task.get_name())

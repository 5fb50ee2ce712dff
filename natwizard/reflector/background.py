"""A reflector on a thread and event loop of its own, for the demo and for tests."""

import asyncio
import logging
import sys
import threading
from concurrent.futures import Future
from typing import Self

from natwizard.model.profile import Targets
from natwizard.reflector.main import serve
from natwizard.reflector.profile import ReflectorEndpoints
from natwizard.reflector.server import Reflector
from natwizard.reflector.settings import ReflectorSettings, demo_settings
from natwizard.reflector.stats import Stats

LOG = logging.getLogger(__name__)

START_S = 10.0
CLOSE_S = 1.0


class BackgroundReflector:
    """Use as a context manager, or call start and close. Its methods may be called anywhere."""

    def __init__(self, settings: ReflectorSettings | None = None) -> None:
        self._settings = settings or demo_settings()
        self._running: Future[tuple[Reflector, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name="reflector", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def start(self) -> None:
        """Return once every port listens. Raises OSError, TimeoutError."""
        self._thread.start()
        self._running.result(START_S)

    def close(self) -> None:
        """Stop and wait for the thread, which takes less than a second."""
        if self._thread.is_alive():
            _reflector, loop, stop = self._running.result(START_S)
            loop.call_soon_threadsafe(stop.set)
            self._thread.join(CLOSE_S)

    @property
    def places(self) -> ReflectorEndpoints:
        """Where everything listens."""
        return self._reflector().places

    def targets(self) -> Targets:
        """This reflector as the targets of a profile."""
        return self._reflector().targets()

    def profile_text(self) -> str:
        """A whole profile (TOML) that points at this reflector."""
        return self._reflector().profile_text()

    def stats(self) -> Stats:
        """What has been done so far."""
        return self._reflector().stats()

    def _reflector(self) -> Reflector:
        return self._running.result(START_S)[0]

    def _run(self) -> None:
        # Windows: as for the probes, UDP of the Proactor loop dies on ICMP (CPython gh-91227)
        factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._serve())
        except BaseException as error:  # told to whoever waits for the start
            if self._running.done():
                LOG.exception("the reflector ended")
            else:
                self._running.set_exception(error)

    async def _serve(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ready(reflector: Reflector) -> None:
            self._running.set_result((reflector, loop, stop))

        await serve(self._settings, ready, stop)

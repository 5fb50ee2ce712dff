"""A server on a thread and event loop of its own, for the demo and for tests."""

import asyncio
import logging
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Generic, Self, TypeVar

from natwizard.model.profile import Targets
from natwizard.reflector.main import serve
from natwizard.reflector.profile import ReflectorEndpoints
from natwizard.reflector.server import Reflector
from natwizard.reflector.settings import ReflectorSettings, demo_settings
from natwizard.reflector.stats import Stats

LOG = logging.getLogger(__name__)

START_S = 10.0
# More than a server waits for its UDP thread and its connections (udp.JOIN_S, streams.CLOSE_S)
CLOSE_S = 1.0

T = TypeVar("T")

Serve = Callable[[Callable[[T], None], asyncio.Event], Awaitable[None]]
"""Tells what it serves once it does, and ends when the event is set."""


class BackgroundServer(Generic[T]):
    """Call start and close once each, from any thread."""

    def __init__(self, serve_until: Serve[T], *, name: str) -> None:
        self._serve_until = serve_until
        self._running: Future[tuple[T, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> T:
        """Return what is served, once it is. Raises OSError, TimeoutError."""
        self._thread.start()
        return self.served()

    def served(self) -> T:
        """What `start` returned."""
        return self._running.result(START_S)[0]

    @property
    def running(self) -> bool:
        """Whether its thread lives."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop and wait for the thread, which takes less than a second."""
        if self.running:
            _served, loop, stop = self._running.result(START_S)
            loop.call_soon_threadsafe(stop.set)
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        # Windows: as for the probes, UDP of the Proactor loop dies on ICMP (CPython gh-91227)
        factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._serve())
        except BaseException as error:  # told to whoever waits for the start
            if self._running.done():
                LOG.exception("%s ended", self._thread.name)
            else:
                self._running.set_exception(error)

    async def _serve(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        await self._serve_until(lambda served: self._running.set_result((served, loop, stop)), stop)


class BackgroundReflector:
    """Use as a context manager, or call start and close. Its methods may be called anywhere."""

    def __init__(self, settings: ReflectorSettings | None = None) -> None:
        chosen = settings or demo_settings()
        self._server: BackgroundServer[Reflector] = BackgroundServer(
            lambda ready, stop: serve(chosen, ready, stop), name="reflector"
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def start(self) -> None:
        """Return once every port listens. Raises OSError, TimeoutError."""
        self._server.start()

    def close(self) -> None:
        """Stop and wait for the thread, which takes less than a second."""
        self._server.close()

    @property
    def running(self) -> bool:
        """Whether its thread lives."""
        return self._server.running

    @property
    def places(self) -> ReflectorEndpoints:
        """Where everything listens."""
        return self._server.served().places

    def targets(self) -> Targets:
        """This reflector as the targets of a profile."""
        return self._server.served().targets()

    def profile_text(self) -> str:
        """A whole profile (TOML) that points at this reflector."""
        return self._server.served().profile_text()

    def stats(self) -> Stats:
        """What has been done so far."""
        return self._server.served().stats()

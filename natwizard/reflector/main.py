"""Runs a reflector until it is told to stop, or until it can no longer serve."""

import asyncio
import faulthandler
import gc
import os
import sys
import threading
import time
from collections.abc import Callable

from natwizard.reflector.server import Reflector
from natwizard.reflector.settings import ReflectorSettings
from natwizard.reflector.systemd import this_supervisor

LOOK_S = 1.0
STUCK_LOOKS = 20
"""Seconds without one turn of the event loop: nothing it does takes a tenth of one."""

FAULT_EXIT_CODE = 70
"""EX_SOFTWARE of sysexits, as natwizard.cli has it."""

SWITCH_INTERVAL_S = 0.0005
"""The thread that answers UDP waits so long at most for the one that serves connections: 5 ms of
Python's own would be a tenth of what people call a good round trip."""

# Systems allow 1,024 by default, and a full connection table needs four times as many
WANTED_FILES = 16_384

# The last one keeps whole collections from coming by themselves: `Collector` runs them
GC_THRESHOLDS = (10_000, 20, 1_000_000)
# With no more connections than so many a whole collection is short
CALM_CONNECTIONS = 256
COLLECT_CALM_S, COLLECT_ANYWAY_S = 60.0, 600.0
"""A whole collection over thousands of connections stops all threads for up to 0.8 s (measured in
an attack): UDP queues then overflow, and desks see losses. Young objects are collected as usual;
all of them when few are connected, or after ten minutes."""


class CannotServeError(RuntimeError):
    """A reflector that is not the one people measure against any more; `str()` says why."""


async def serve(
    settings: ReflectorSettings, ready: Callable[[Reflector], None], stop: asyncio.Event
) -> None:
    """Start, tell `ready` once every port listens, and close within a second of `stop`.

    Raises OSError where a port cannot be had, CannotServeError where it cannot go on.
    """
    await _serve(settings, ready, stop, lambda _reflector: None)


async def serve_as_process(
    settings: ReflectorSettings, ready: Callable[[Reflector], None], stop: asyncio.Event
) -> None:
    """As `serve`, for a process that does nothing else: it tells systemd how it is, and ends itself
    where its event loop hangs, so that whoever watches over it starts it anew.
    """
    supervisor = this_supervisor()
    guard = LoopGuard()

    collector = Collector()

    def well(reflector: Reflector) -> None:
        guard.turned()
        collector.collect_if_due(reflector.stats().connections_open)
        supervisor.alive(_status(reflector))

    def started(reflector: Reflector) -> None:
        gc.set_threshold(*GC_THRESHOLDS)
        gc.freeze()  # what stays for good need not be looked through again in every collection
        ready(reflector)
        supervisor.ready()

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    guard.start()
    try:
        await _serve(settings, started, stop, well)
        supervisor.ending("ending")
    except CannotServeError as error:
        supervisor.ending(str(error))
        raise
    finally:
        guard.stop()


async def _serve(
    settings: ReflectorSettings,
    ready: Callable[[Reflector], None],
    stop: asyncio.Event,
    well: Callable[[Reflector], None],
) -> None:
    async with Reflector(settings) as reflector:
        ready(reflector)
        while not stop.is_set():
            illness = reflector.look()
            if illness:
                raise CannotServeError(illness)
            well(reflector)
            try:
                async with asyncio.timeout(LOOK_S):
                    await stop.wait()
            except TimeoutError:
                continue


def _status(reflector: Reflector) -> str:
    stats = reflector.stats()
    return (
        f"{stats.connections_open} connections, {stats.udp.received} datagrams, "
        f"{stats.faults} faults"
    )


class Collector:
    """Runs whole garbage collections at moments when they are short."""

    def __init__(self) -> None:
        self._collected_s = time.monotonic()

    def collect_if_due(self, connections: int) -> bool:
        """Whether it was time."""
        due_s = COLLECT_CALM_S if connections <= CALM_CONNECTIONS else COLLECT_ANYWAY_S
        if time.monotonic() - self._collected_s < due_s:
            return False
        gc.collect()
        self._collected_s = time.monotonic()
        return True


class LoopGuard:
    """A thread that ends the process where its event loop does not come round any more.

    It counts its own looks, not seconds: a computer that slept has not hung.
    """

    def __init__(self) -> None:
        self._turns = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="loop guard", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def turned(self) -> None:
        """The loop came round."""
        self._turns += 1

    def stop(self) -> None:
        """Watch no more."""
        self._done.set()

    def _watch(self) -> None:
        seen, looks = -1, 0
        while not self._done.wait(LOOK_S):
            looks = looks + 1 if self._turns == seen else 0
            seen = self._turns
            if looks >= STUCK_LOOKS:
                sys.stderr.write("the event loop hangs; this process ends, to be started anew\n")
                faulthandler.dump_traceback()
                os._exit(FAULT_EXIT_CODE)


def allow_many_files() -> None:
    """Ask for as many open files as connections may need, up to what the system allows anyway."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))

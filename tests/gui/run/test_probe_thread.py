"""Where the threads meet: order, place, and a quick end."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from gui.probe_threads import ProbeThreads
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from natwizard.gui.run.probe_thread import Emit, ProbeThread


class Receiver(QObject):
    """Keeps what it is told, and in which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[tuple[object, int]] = []

    @Slot(object)
    def on_event(self, event: object) -> None:
        self.got.append((event, threading.get_ident()))


@pytest.fixture
def probe_thread(qtbot: QtBot) -> Iterator[ProbeThread]:
    assert qtbot
    thread = ProbeThread()
    yield thread
    assert thread.close()


async def emit_numbers(emit: Emit) -> None:
    for number in range(500):
        emit(number)
        if number % 50 == 0:
            await asyncio.sleep(0)


def test_events_arrive_in_order_on_the_gui_thread(qtbot: QtBot, probe_thread: ProbeThread) -> None:
    receiver = Receiver()
    probe_thread.happened.connect(receiver.on_event)
    probe_thread.submit(emit_numbers)
    qtbot.waitUntil(lambda: len(receiver.got) == 500)
    assert receiver.got == [(number, threading.get_ident()) for number in range(500)]


def test_work_runs_on_the_probe_thread(qtbot: QtBot, probe_thread: ProbeThread) -> None:
    async def where(emit: Emit) -> None:
        emit(threading.get_ident())

    receiver = Receiver()
    probe_thread.happened.connect(receiver.on_event)
    probe_thread.submit(where)
    qtbot.waitUntil(lambda: bool(receiver.got))
    assert receiver.got[0][0] != threading.get_ident()


def test_closing_cancels_what_runs_and_leaves_no_thread(
    qtbot: QtBot, probe_threads: ProbeThreads
) -> None:
    assert qtbot
    thread = ProbeThread()
    begun, cleaned = threading.Event(), threading.Event()

    async def long_work(_emit: Emit) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.set()

    thread.submit(long_work)
    assert begun.wait(5)
    began = time.monotonic()
    assert thread.close()
    assert time.monotonic() - began < 30
    assert cleaned.is_set()
    assert not probe_threads.left()


def test_closing_twice_is_harmless_and_a_closed_thread_takes_no_work(qtbot: QtBot) -> None:
    assert qtbot
    thread = ProbeThread()
    assert thread.close()
    assert thread.close()
    with pytest.raises(RuntimeError, match="closed"):
        thread.submit(emit_numbers)


@pytest.mark.timeout(60)
def test_twenty_thousand_events_do_not_break_python(
    qtbot: QtBot, probe_thread: ProbeThread
) -> None:
    """Guards the PySide6 pin: 6.12.0 loses a reference to True with every emit on 3.11."""
    receiver = Receiver()
    probe_thread.happened.connect(receiver.on_event)

    async def emit_many(emit: Emit) -> None:
        for number in range(20_000):
            emit(number)
            if number % 500 == 0:
                await asyncio.sleep(0)

    probe_thread.submit(emit_many)
    qtbot.waitUntil(lambda: len(receiver.got) == 20_000, timeout=30_000)

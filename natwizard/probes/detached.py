"""Runs a call that cannot be interrupted without ever having to wait for it."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def run_detached(work: Callable[[], T], *, name: str) -> T:
    """Like asyncio.to_thread, but on a daemon thread that a cancelled caller leaves behind.

    The default executor is joined when the program ends, so one name lookup that hangs
    would hold the window open for as long as the system's resolver waits.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if isinstance(error, StopIteration):  # no future takes it: the caller would wait for ever
            future.set_exception(RuntimeError(repr(error)))
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)  # type: ignore[arg-type]  # T may itself be Optional

    def call() -> None:
        value, error = None, None
        try:
            value = work()
        except BaseException as raised:  # noqa: BLE001 - handed to the caller
            error = raised
        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=call, name=name, daemon=True).start()
    return await future

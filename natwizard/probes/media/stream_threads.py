"""The two threads of a stream of packets: one that sends, one that takes in the answers.

Two, because they wait for different things: the sender for the clock (`time.sleep`, which has a
fine timer on Windows too), the receiver for the socket. One thread would have to wait for the
socket with a timeout, and on Windows those end on a 15.6 ms tick.
"""

import threading
from abc import ABC, abstractmethod
from typing import Self

from natwizard.probes.media.timing_guard import prefer_this_thread

RECEIVE_WAIT_S = 0.05
"""So late at most a receiver sees that its stream shall stop."""

# Several rounds of the receiver; a thread that hangs is left behind
JOIN_S = 0.5


class StreamThreads(ABC):
    """A stream that runs while it is entered. Use it once.

    The threads only append to lists, in order; others may read them at any time.
    """

    def __init__(self, name: str) -> None:
        """`name` is what a debugger shows before "sender" and "receiver"."""
        self._stop = threading.Event()
        self._sender = threading.Thread(
            target=self._preferred_send, name=f"{name} sender", daemon=True
        )
        self._receiver = threading.Thread(
            target=self._preferred_receive, name=f"{name} receiver", daemon=True
        )

    def __enter__(self) -> Self:
        self._sender.start()
        self._receiver.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop both threads, which takes them `RECEIVE_WAIT_S`."""
        self._stop.set()
        self._sender.join(JOIN_S)
        self._receiver.join(JOIN_S)
        self._ended()

    @property
    def sending(self) -> bool:
        """Whether packets are still to be sent."""
        return self._sender.is_alive()

    def _preferred_send(self) -> None:
        prefer_this_thread()
        self._send_all()

    def _preferred_receive(self) -> None:
        prefer_this_thread()
        self._receive_all()

    @abstractmethod
    def _send_all(self) -> None:
        """Send at the deadlines, until all has left or `_stop` is set."""

    @abstractmethod
    def _receive_all(self) -> None:
        """Take in what comes, until `_stop` is set."""

    def _ended(self) -> None:  # noqa: B027 - a stream that owns nothing has nothing to do
        """Both threads are done: count what only now is known, close what is owned."""

"""Tells systemd how this service is. Source: sd_notify(3), sd_watchdog_enabled(3)."""

import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

US_PER_S = 1_000_000


class Supervisor:
    """Whoever started this process, where that is systemd (or speaks its protocol); else nobody.

    Attributes:
        watchdog_s: it ends and restarts this process after so long without `alive`; None: never.
    """

    def __init__(self, environment: Mapping[str, str], process_id: int) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        meant_for = environment.get("WATCHDOG_PID", str(process_id))
        patience_us = environment.get("WATCHDOG_USEC", "")
        self.watchdog_s: float | None = None
        if patience_us.isdecimal() and int(patience_us) and meant_for == str(process_id):
            self.watchdog_s = int(patience_us) / US_PER_S

    def ready(self) -> None:
        """Everything listens."""
        self._tell("READY=1")

    def alive(self, status: str) -> None:
        """All is well, in a few words for `systemctl status`."""
        self._tell(f"STATUS={status}\nWATCHDOG=1")

    def ending(self, status: str) -> None:
        """This process is about to end, and why."""
        self._tell(f"STATUS={status}\nSTOPPING=1")

    def _tell(self, message: str) -> None:
        if sys.platform == "win32" or not self._address.startswith(("/", "@")):
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            suppress(OSError),  # a supervisor that is gone is no reason to end
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams,
        ):
            datagrams.setblocking(False)
            datagrams.sendto(message.encode(), address)


def this_supervisor() -> Supervisor:
    """That of this process."""
    return Supervisor(os.environ, os.getpid())

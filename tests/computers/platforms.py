"""What tests need to know of the system: marks with their reason, and where programs keep data."""

import os
import socket
import sys
from pathlib import Path

import pytest


def under_wine() -> bool:
    """Whether this Windows is wine's, which differs from Windows where a mark says so."""
    if sys.platform != "win32":
        return False
    from ctypes import windll

    return hasattr(windll.ntdll, "wine_get_version")


def has_address(address: str) -> bool:
    """Whether this computer answers to an IPv4 address; macOS has only one of 127.0.0.0/8."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        try:
            datagrams.bind((address, 0))
        except OSError:
            return False
    return True


def linux_only(reason: str) -> pytest.MarkDecorator:
    """For what only Linux has, such as KDE's settings."""
    return pytest.mark.skipif(sys.platform != "linux", reason=f"only Linux: {reason}")


def sends_from_one_address() -> pytest.MarkDecorator:
    """For tests that tell routers by the source of what they send to several servers here."""
    reason = "macOS sends to an address of its own from that very address"
    return pytest.mark.skipif(sys.platform == "darwin", reason=reason)


def posix_only(reason: str) -> pytest.MarkDecorator:
    """For what Windows lacks: mode bits, Unix sockets, signals to others."""
    return pytest.mark.skipif(os.name != "posix", reason=f"not on Windows: {reason}")


def keep_data_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Have natwizard keep its reports below a folder of the test, as platformdirs allows it."""
    patch.setenv("XDG_DATA_HOME", str(folder))
    patch.setenv("WIN_PD_OVERRIDE_LOCAL_APPDATA", str(folder))

"""Marks for tests that one system cannot run; the reason is printed with every run."""

import os
import sys

import pytest


def under_wine() -> bool:
    """Whether this Windows is wine's, which differs from Windows where a mark says so."""
    if sys.platform != "win32":
        return False
    from ctypes import windll

    return hasattr(windll.ntdll, "wine_get_version")


def linux_only(reason: str) -> pytest.MarkDecorator:
    """For what only Linux has, such as KDE's settings."""
    return pytest.mark.skipif(sys.platform != "linux", reason=f"only Linux: {reason}")


def posix_only(reason: str) -> pytest.MarkDecorator:
    """For what Windows lacks: mode bits, Unix sockets, signals to others."""
    return pytest.mark.skipif(os.name != "posix", reason=f"not on Windows: {reason}")

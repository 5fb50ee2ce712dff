"""The computer this program runs on, as probes see it."""

import getpass
import platform
import sys

from natwizard.model.report import Machine
from natwizard.probes.host import Host, Screen
from natwizard.system.linux import LinuxHost
from natwizard.system.macos import MacHost
from natwizard.system.windows import WindowsHost


def system_host(*, screens: tuple[Screen, ...] | None = None) -> Host:
    """The host of this platform. `screens` where the caller knows them better (the window)."""
    if sys.platform == "win32":
        return WindowsHost(screens)
    if sys.platform == "darwin":
        return MacHost(screens)
    return LinuxHost(screens)


def machine_facts(host: Host) -> Machine:
    """Which computer this is, for the report's head."""
    return Machine(
        host_name=platform.node(),
        user_name=_user_name(),
        system=host.system,
        architecture=host.processor().architecture,
    )


def _user_name() -> str:
    """The account's name; empty where it has none, as some containers' users."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""

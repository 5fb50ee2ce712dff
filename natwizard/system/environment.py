"""The real world, put together for a run."""

import getpass
import platform
import sys
from collections.abc import Callable

from natwizard.model.report import ComputerSummary, Report
from natwizard.probes.host import Host, Screen
from natwizard.probes.salesforce.session import SalesforceSession
from natwizard.run.runner import Environment
from natwizard.system.facts import GuardedHost, ask, well_formed
from natwizard.system.linux import LinuxHost
from natwizard.system.macos import MacHost
from natwizard.system.mapped_network import World
from natwizard.system.network import SystemNetwork
from natwizard.system.ways_out import SystemLine
from natwizard.system.windows import WindowsHost


def system_host(*, screens: tuple[Screen, ...] | None = None) -> Host:
    """The host of this platform. `screens` where the caller knows them better (the window)."""
    if sys.platform == "win32":
        return GuardedHost(WindowsHost(screens))
    if sys.platform == "darwin":
        return GuardedHost(MacHost(screens))
    return GuardedHost(LinuxHost(screens))


def machine_facts(host: Host) -> ComputerSummary:
    """Which computer this is, for the report's head."""
    return ComputerSummary(
        host_name=well_formed(ask(platform.node, "")),
        user_name=well_formed(ask(_user_name, "")),
        system=host.system,
        architecture=host.processor().architecture,
    )


def _user_name() -> str:
    """The account's name; empty where it has none, as some containers' users."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def real_environment(
    screens: tuple[Screen, ...] | None = None,
    *,
    open_page: Callable[[str], bool] | None = None,
    salesforce: SalesforceSession | None = None,
    earlier_reports: Callable[[], tuple[Report, ...]] | None = None,
    world: World | None = None,
) -> Environment:
    """This computer and its network; `screens` where the caller knows them better (the window).

    `open_page` as of `system.browser.page_opener`; without it no browser is opened.
    `salesforce` is the org that somebody signed in to.
    `earlier_reports` for what is compared with earlier runs; without it nothing is.
    `world` in place of the internet, for a demo.
    """
    host = system_host(screens=screens)
    own = SystemNetwork()
    return Environment(
        network=own if world is None else world.network,
        line=SystemLine(lambda: own.destinations) if world is None else None,
        host=host,
        machine=machine_facts(host),
        open_page=open_page,
        salesforce=salesforce,
        earlier_reports=earlier_reports,
        public_roots=world.public_roots if world is not None else (),
    )

"""The real world, put together for a run."""

from collections.abc import Callable

from natwizard.model.report import Report
from natwizard.probes.host import Screen
from natwizard.probes.salesforce.session import SalesforceSession
from natwizard.run.runner import Surroundings
from natwizard.system.host import machine_facts, system_host
from natwizard.system.network import SystemNetwork


def real_surroundings(
    screens: tuple[Screen, ...] | None = None,
    *,
    open_page: Callable[[str], bool] | None = None,
    salesforce: SalesforceSession | None = None,
    earlier_reports: Callable[[], tuple[Report, ...]] | None = None,
) -> Surroundings:
    """This computer and its network; `screens` where the caller knows them better (the window).

    `open_page` as of `system.browser.page_opener`; without it no browser is opened.
    `salesforce` is the org that somebody signed in to.
    `earlier_reports` for what is compared with earlier runs; without it nothing is.
    """
    host = system_host(screens=screens)
    return Surroundings(
        network=SystemNetwork(),
        host=host,
        machine=machine_facts(host),
        open_page=open_page,
        salesforce=salesforce,
        earlier_reports=earlier_reports,
    )

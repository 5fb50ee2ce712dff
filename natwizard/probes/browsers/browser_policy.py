"""Policies and preferences of the installed browsers that calls in a page depend on."""

from msgspec import Struct

from natwizard.model.language import N_
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.browsers.chromium_policy import chromium_policies
from natwizard.probes.browsers.firefox_policy import firefox_policies
from natwizard.probes.browsers.linux import linux_browsers
from natwizard.probes.browsers.macos import macos_browsers
from natwizard.probes.browsers.policy_value import PolicyValue
from natwizard.probes.browsers.windows import windows_browsers
from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host


class BrowserPolicyEvidence(Struct, frozen=True, kw_only=True):
    """What was found set, whether or not it does harm; each key of a browser once."""

    settings: tuple[PolicyValue, ...]


async def gather(context: ProbeContext) -> BrowserPolicyEvidence:
    """Read registry, policy files and Firefox's preferences, off the event loop."""
    return await run_detached(lambda: look_for_policies(context.host), name="browser policy")


def look_for_policies(host: Host) -> BrowserPolicyEvidence:
    """The first place wins: the computer's policies come before the account's."""
    look = {"linux": linux_browsers, "macos": macos_browsers, "windows": windows_browsers}
    copies = look[host.platform](host)
    found: dict[tuple[BrowserFamily, str], PolicyValue] = {}
    for setting in (*chromium_policies(host), *firefox_policies(host, copies)):
        found.setdefault((setting.family, setting.key), setting)
    return BrowserPolicyEvidence(settings=tuple(found.values()))


BROWSER_POLICY = Probe(
    name="browser_policy",
    title=N_("Reading the policies of your browsers"),
    evidence=BrowserPolicyEvidence,
    phase=Phase.MACHINE,
    typical_s=0.5,
    deadline_s=10.0,
    gather=gather,
)

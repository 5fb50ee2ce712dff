"""Which interface carries calls to the service, and what lies below it: cable, Wi-Fi, VPN."""

import ipaddress
import socket
from urllib.parse import urlsplit

from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import QuotingText, ServerText
from natwizard.model.profile import Targets
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host
from natwizard.probes.link.kind import Link, LinkKind, Radio
from natwizard.probes.link.linux import linux_below, linux_link, linux_radio
from natwizard.probes.link.macos import macos_below, macos_link, macos_radio
from natwizard.probes.link.windows import adapters, windows_below, windows_link, windows_radio
from natwizard.probes.network import Endpoint, Network, Route

ASK_S = 2.0
CHOSEN = r"HKLM\SOFTWARE\Microsoft\DusmSvc\Profiles"
BY_MEDIUM = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\NetworkList\DefaultMediaCost"
MEDIA = {LinkKind.ETHERNET: "Ethernet", LinkKind.WIFI: "WiFi", LinkKind.CELLULAR: "4G"}
METERED_COST = 2


def is_metered(host: Host, link: Link, *, below: bool = False) -> bool | None:
    """None where the system does not tell. `below`: another link stands above this one."""
    match host.platform:
        case "linux":
            return _by_network_manager(host, link.name)
        case "windows":
            return _by_registry(host, link) if below else _by_cost(host, link)
        case "macos":
            return None


def _by_network_manager(host: Host, name: str) -> bool | None:
    """ "yes", "no", either with "(guessed)", or "unknown"; the same in every language."""
    try:
        answer = host.run(
            ("nmcli", "-g", "GENERAL.METERED", "device", "show", name), timeout_s=ASK_S
        )
    except (OSError, TimeoutError):
        return None
    told = answer.output.split()[:1] if answer.exit_code == 0 else []
    return {"yes": True, "no": False}.get(told[0]) if told else None


def _by_cost(host: Host, link: Link) -> bool | None:
    """Windows' own answer is about the way that it prefers, and so about what is above all."""
    told = host.metered()
    return _by_registry(host, link) if told is None else told


def _by_registry(host: Host, link: Link) -> bool | None:
    guid = next((each.guid for each in adapters(host) if each.name == link.name), "")
    chosen = rf"{CHOSEN}\{guid}"
    costs = [
        host.registry_values(rf"{chosen}\{profile}").get("UserCost")
        for profile in (host.registry_subkeys(chosen) if guid else ())
    ]
    told = [cost for cost in costs if cost is not None]
    if not told and link.kind in MEDIA:
        told = [
            cost
            for name, cost in host.registry_values(BY_MEDIUM).items()
            if name.casefold() == MEDIA[link.kind].casefold()
        ]
    return METERED_COST in told if told else None


RESOLVE_S = 3.0

# Addresses of documentation (RFC 5737, RFC 3849): nobody has them, so they take the default
# route. Looking a route up sends nothing.
ELSEWHERE = (
    Endpoint(family=socket.AF_INET, address="192.0.2.1", port=9),
    Endpoint(family=socket.AF_INET6, address="2001:db8::1", port=9),
)


class LinkEvidence(Struct, frozen=True, kw_only=True):
    """The way calls take out of this computer.

    Attributes:
        towards: the target whose route was looked up; empty for the default route.
        routed: there is a route. Without one the only usable interface stands for it.
        link: the interface that carries the route; None where it cannot be told.
        below: real interfaces under a VPN, bridge or bond; empty where they cannot be told.
        radio: of the Wi-Fi among them, if there is one.
        usable: names of interfaces that are up and have an address beyond this computer.
        metered: the system says that it is paid by what goes through it; None where it does not
            tell.
        lookups: names that were resolved on the way.
    """

    towards: ServerText
    routed: bool
    link: Link | None
    below: tuple[Link, ...]
    radio: Radio | None
    usable: tuple[QuotingText, ...]
    metered: bool | None = None
    lookups: tuple[Attempt[ServerText], ...] = ()


async def gather(context: ProbeContext) -> LinkEvidence:
    """Find the route, then ask the system about its interface, off the event loop."""
    lookups: list[Attempt[str]] = []
    towards, route = await _route(context, lookups)
    return await run_detached(
        lambda: _look(context.host, towards, route, tuple(lookups)), name="link"
    )


def link_targets(targets: Targets) -> tuple[HostPort, ...]:
    """Targets that calls go to, addresses before names: those need no lookup."""
    texts = [targets.webphone, targets.media, *targets.stun, *targets.websocket, targets.https]
    found = []
    for text in filter(None, texts):
        host_port = urlsplit(text).netloc.rpartition("@")[2] if "://" in text else text
        try:
            found.append(parse_host_port(host_port, default_port=443))
        except ValueError:
            continue
    return tuple(sorted(dict.fromkeys(found), key=lambda target: not _is_address(target.host)))


async def _route(context: ProbeContext, lookups: list[Attempt[str]]) -> tuple[str, Route | None]:
    # each may take RESOLVE_S, and one is enough
    for target in link_targets(context.targets)[:2]:
        found: tuple[Endpoint, ...] = ()

        async def resolve(target: HostPort = target) -> str:
            nonlocal found
            found = await context.network.resolve(target, timeout_s=RESOLVE_S)
            return ", ".join(endpoint.address for endpoint in found)

        lookups.append(await context.attempt("resolve", target, resolve))
        for endpoint in found:
            route = None if _is_loopback(endpoint) else context.network.route_to(endpoint)
            if route is not None and route.interface:
                return str(target), route
    return "", _default_route(context.network)


def _default_route(network: Network) -> Route | None:
    for endpoint in ELSEWHERE:
        route = network.route_to(endpoint)
        if route is not None:
            return route
    return None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(endpoint: Endpoint) -> bool:
    return ipaddress.ip_address(endpoint.address.partition("%")[0]).is_loopback


def _look(
    host: Host, towards: str, route: Route | None, lookups: tuple[Attempt[str], ...]
) -> LinkEvidence:
    usable = _usable(host)
    only = usable[0] if len(usable) == 1 else ""
    name = route.interface if route is not None else only
    link = _link(host, name) if name else None
    below = _below(host, link) if link else ()
    wifi = next((each for each in (link, *below) if each and each.kind is LinkKind.WIFI), None)
    return LinkEvidence(
        towards=towards,
        routed=route is not None,
        link=link,
        below=below,
        radio=_radio(host, wifi.name) if wifi else None,
        usable=usable,
        metered=_metered(host, link, below),
        lookups=lookups,
    )


def _usable(host: Host) -> tuple[str, ...]:
    return tuple(
        interface.name
        for interface in host.interfaces()
        if interface.is_up and any(_leads_out(address) for address in interface.addresses)
    )


def _leads_out(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def _link(host: Host, name: str) -> Link:
    ask = {"linux": linux_link, "windows": windows_link, "macos": macos_link}
    return ask[host.platform](host, name)


def _below(host: Host, link: Link) -> tuple[Link, ...]:
    if link.kind not in (LinkKind.VPN, LinkKind.VIRTUAL, LinkKind.SOFTWARE):
        return ()
    ask = {"linux": linux_below, "windows": windows_below, "macos": macos_below}
    return ask[host.platform](host, link.name)


def _metered(host: Host, link: Link | None, below: tuple[Link, ...]) -> bool | None:
    """What carries the rest counts first: a VPN costs what the mobile network below it does."""
    if link is None:
        return None
    told = [is_metered(host, each, below=True) for each in below]
    told.append(is_metered(host, link))
    return next((answer for answer in told if answer is not None), None)


def _radio(host: Host, name: str) -> Radio:
    ask = {"linux": linux_radio, "windows": windows_radio, "macos": macos_radio}
    return ask[host.platform](host, name)


LINK = Probe(
    name="link",
    title=N_("Looking at how this computer is connected"),
    evidence=LinkEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.5,
    deadline_s=20.0,
    shares_line=True,
    gather=gather,
)

"""What a firewall has to let out for a role, drawn from a profile's rows, ranges and targets."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from natwizard.model.address import WEBPHONE_PORT, HostPort, parse_host_port, parse_ports
from natwizard.model.language import N_
from natwizard.model.profile import LimitValue, Profile, PublicUse, Requirement, Role

if TYPE_CHECKING:  # the names of the formats wait for no check to load
    from natwizard.checks.ip_ranges import RangeLimits

TCP, UDP = "tcp", "udp"
# "Technical Prerequisites": RTP and STUN
MEDIA_PORTS = ("5000-64000",)


class FirewallRule(Struct, frozen=True, kw_only=True):
    """Outgoing packets to let through; answers to them have to come back.

    Attributes:
        destinations: networks (CIDR), addresses or one host name; empty means anyone.
        protocol: "tcp" or "udp".
        ports: single ports or "low-high".
        why: the requirement's own words.
        source: where that is written, or empty where it is the profile owner's own.
    """

    requirement: str
    destinations: tuple[str, ...]
    protocol: str
    ports: tuple[str, ...]
    why: str
    source: str = ""


class FirewallList(Struct, frozen=True, kw_only=True):
    """All rules for one role of one profile, in two ways.

    Attributes:
        rules: by port, to anyone. What the source asks for.
        locked: the same needs, to known addresses alone as far as they are the service's. The
            source advises against it.
        locked_costs: what whoever takes the second way has to know.
    """

    profile: str
    version: str
    role: Role
    rules: tuple[FirewallRule, ...]
    locked: tuple[FirewallRule, ...] = ()
    locked_costs: str = ""


# "Technical Prerequisites": locking the firewall to addresses is not recommended, and browsers need
# UDP to and from the public internet
LOCKED_COSTS = N_(
    "The vendor advises against locking a firewall to addresses: browsers need UDP to and from the"
    " public internet. Calls may stay silent, and an address that the vendor adds is blocked until"
    " this list is changed."
)
FOR_COMPARISON = N_("Servers that natwizard asks, to compare the service with")


def firewall_list(profile: Profile, role: Role) -> FirewallList:
    """Every rule for people of this role, in the profile's order, both ways."""
    rows = [row for row in profile.requirements if role in row.roles]
    limits = _range_limits(profile)
    ways = [
        _with_test_servers(
            [
                _rule(row, need, profile)
                for row in rows
                for need in _needs(row, profile, limits, locked=locked)
            ],
            rows,
            profile,
            limits,
        )
        for locked in (False, True)
    ]
    return FirewallList(
        profile=profile.name,
        version=profile.version,
        role=role,
        rules=ways[0],
        locked=ways[1],
        locked_costs=LOCKED_COSTS if ways[0] != ways[1] else "",
    )


class FirewallNeed(Struct, frozen=True):
    """What one row needs, before it is a rule; without `why` the row's own words say it."""

    destinations: tuple[str, ...]
    protocol: str
    ports: tuple[str, ...]
    why: str = ""


def _rule(row: Requirement, need: FirewallNeed, profile: Profile) -> FirewallRule:
    return FirewallRule(
        requirement=row.id,
        destinations=need.destinations,
        protocol=need.protocol,
        ports=need.ports,
        why=need.why or row.text,
        source=_source(profile, row),
    )


def _needs(
    row: Requirement, profile: Profile, limits: "RangeLimits", *, locked: bool
) -> Iterator[FirewallNeed]:
    from natwizard.checks.port_dns import PORT_DNS
    from natwizard.checks.port_sip import PORT_SIP, SipLimits
    from natwizard.checks.port_web_pages import PORT_TCP80, PORT_TCP443
    from natwizard.checks.port_webphone import PORT_WEBPHONE
    from natwizard.checks.udp_range import UDP_RANGE_CHECK
    from natwizard.checks.udp_stun import UDP_STUN, StunLimits

    targets = profile.targets
    # rows that say so for servers of anyone: the CRM, web pages, name servers
    for_anyone: Mapping[str, tuple[tuple[str, str], ...]] = {
        PORT_TCP80.name: ((TCP, "80"),),
        PORT_TCP443.name: ((TCP, "443"),),
        PORT_DNS.name: ((TCP, "53"), (UDP, "53")),
    }
    service = limits.ranges if locked else ()
    for protocol, port in for_anyone.get(row.id, ()):
        yield FirewallNeed((), protocol, (port,))
    if row.id == PORT_WEBPHONE.name:
        hosts = _hosts((targets.webphone,), WEBPHONE_PORT)
        ports = tuple(str(host.port) for host in hosts) or (str(WEBPHONE_PORT),)
        yield FirewallNeed(service, TCP, ports)
    elif row.id == PORT_SIP.name:
        sip = msgspec.convert(dict(row.limits), type=SipLimits)
        for protocol in (TCP, UDP):
            yield FirewallNeed(service, protocol, _merged(sip.ports))
        if limits.desk_phones:
            why = N_("Desk phones fetch their settings")
            yield FirewallNeed(limits.desk_phones, TCP, ("80", "443"), why)
    elif row.id == UDP_STUN.name:
        stun = msgspec.convert(dict(row.limits), type=StunLimits)
        yield FirewallNeed(service, UDP, _merged(stun.ports))
    elif row.id == UDP_RANGE_CHECK.name:
        yield FirewallNeed(service, UDP, MEDIA_PORTS)


class _Asked(Struct, frozen=True):
    """Servers that a run asks for the sake of one row."""

    check: str
    protocol: str
    hosts: tuple[HostPort, ...]
    why: str


def _asked(profile: Profile) -> Iterator[_Asked]:
    """The profile's own servers, those for comparison, and public ones where they are asked."""
    from natwizard.checks.port_sip import PORT_SIP
    from natwizard.checks.port_webphone import PORT_WEBPHONE
    from natwizard.checks.udp_range import UDP_RANGE_CHECK
    from natwizard.checks.udp_stun import UDP_STUN

    targets = profile.targets
    webphone, sip, stun, udp = (
        check.name for check in (PORT_WEBPHONE, PORT_SIP, UDP_STUN, UDP_RANGE_CHECK)
    )
    named = (
        (webphone, (TCP,), (targets.webphone,), WEBPHONE_PORT, "webphone"),
        (sip, (TCP, UDP), targets.sip, 5060, "sip"),
        (sip, (TCP,), (targets.sip_tls,), 5061, "sip_tls"),
        (stun, (UDP,), targets.stun, 0, "stun"),
        (udp, (UDP,), (targets.media,), 0, "media"),
        (webphone, (TCP,), (targets.webphone_control,), WEBPHONE_PORT, ""),
        (sip, (TCP, UDP), (targets.sip_mirror,), 5060, ""),
        (stun, (UDP,), targets.stun_control, 0, ""),
    )
    for check, protocols, texts, port, setting in named:
        why = f"targets.{setting} of the profile" if setting else FOR_COMPARISON
        for protocol in protocols:
            yield _Asked(check, protocol, _hosts(texts, port), why)
    if not profile.public_servers:
        return
    for server in profile.public:
        if server.use is PublicUse.MEDIA_BEACON:
            yield _Asked(udp, UDP, _hosts((server.address,), 0), FOR_COMPARISON)
        elif server.use is PublicUse.WEBPHONE_PORT:
            yield _Asked(webphone, TCP, _hosts((server.address,), 0), FOR_COMPARISON)


def _with_test_servers(
    rules: Sequence[FirewallRule],
    rows: Sequence[Requirement],
    profile: Profile,
    limits: "RangeLimits",
) -> tuple[FirewallRule, ...]:
    """The rules, and after those of each row what a run asks beside them that they do not allow."""
    made: list[FirewallRule] = []
    for row in rows:
        made += [rule for rule in rules if rule.requirement == row.id]
        shut: dict[tuple[str, int, str], list[str]] = {}
        for each in _asked(profile):
            for host in each.hosts if each.check == row.id else ():
                if not any(_lets_out(rule, each.protocol, host, limits) for rule in rules):
                    shut.setdefault((each.protocol, host.port, each.why), []).append(host.host)
        for (protocol, port, why), hosts in shut.items():
            need = FirewallNeed(tuple(dict.fromkeys(hosts)), protocol, (str(port),), why)
            rule = _rule(row, need, profile)
            made.append(msgspec.structs.replace(rule, source="") if why == FOR_COMPARISON else rule)
    return tuple(made)


def _lets_out(rule: FirewallRule, protocol: str, host: HostPort, limits: "RangeLimits") -> bool:
    if rule.protocol != protocol:
        return False
    if not any(host.port in each for each in parse_ports(rule.ports)):
        return False
    if not rule.destinations or host.host in rule.destinations:
        return True
    return rule.destinations == limits.ranges and _inside(host.host, limits)


def _range_limits(profile: Profile) -> "RangeLimits":
    from natwizard.checks.ip_ranges import IP_RANGES, RangeLimits

    rows = [row.limits for row in profile.requirements if row.id == IP_RANGES.name]
    found: dict[str, LimitValue] = dict(rows[0]) if rows else {}
    return msgspec.convert(found, type=RangeLimits)


def _hosts(texts: tuple[str, ...], default_port: int) -> tuple[HostPort, ...]:
    """Targets that are set; the profile's reader has seen to it that they can be read."""
    return tuple(parse_host_port(text, default_port=default_port or 1) for text in texts if text)


def _inside(host: str, limits: "RangeLimits") -> bool:
    try:
        address = ip_network(host)
    except ValueError:
        return False
    return any(
        address.version == network.version and address.network_address in network
        for network in limits.networks()
    )


def _merged(ports: tuple[str, ...]) -> tuple[str, ...]:
    """In order, each once."""
    ranges = sorted(parse_ports(ports), key=lambda each: each.start)
    texts = [
        str(each.start) if len(each) == 1 else f"{each.start}-{each.stop - 1}" for each in ranges
    ]
    return tuple(text for text, following in pairwise((*texts, "")) if text != following)


def _source(profile: Profile, row: Requirement) -> str:
    source = profile.sources.get(row.source)
    if source is None:
        return ""
    return ", ".join(filter(None, (source.title, row.section, source.url)))

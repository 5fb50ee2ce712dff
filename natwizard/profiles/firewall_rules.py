"""What a firewall has to let out for a role, drawn from a profile's rows, ranges and targets."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from natwizard.model.address import WEBPHONE_PORT, HostPort, parse_host_port, parse_ports
from natwizard.model.language import N_
from natwizard.model.profile import LimitValue, Profile, Requirement, Role

if TYPE_CHECKING:  # the names of the formats wait for no check to load
    from natwizard.checks.ip_ranges import RangeLimits

TCP, UDP = "tcp", "udp"
SIP_PORTS = ("5050", "5060", "5061")
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
    """All rules for one role of one profile."""

    profile: str
    version: str
    role: Role
    rules: tuple[FirewallRule, ...]


def firewall_list(profile: Profile, role: Role) -> FirewallList:
    """Every rule for people of this role, in the profile's order."""
    rows = [row for row in profile.requirements if role in row.roles]
    limits = _range_limits(profile)
    rules = [
        FirewallRule(
            requirement=row.id,
            destinations=destinations,
            protocol=protocol,
            ports=ports,
            why=why or row.text,
            source=_source(profile, row),
        )
        for row in rows
        for destinations, protocol, ports, why in _needs(row, profile, limits)
    ]
    return FirewallList(
        profile=profile.name, version=profile.version, role=role, rules=tuple(rules)
    )


Need = tuple[tuple[str, ...], str, tuple[str, ...], str]


def _needs(row: Requirement, profile: Profile, limits: "RangeLimits") -> Iterator[Need]:
    from natwizard.checks.port_dns import PORT_DNS
    from natwizard.checks.port_sip import PORT_SIP
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
    for protocol, port in for_anyone.get(row.id, ()):
        yield (), protocol, (port,), ""
    if row.id == PORT_WEBPHONE.name:
        hosts = _hosts((targets.webphone,), WEBPHONE_PORT)
        ports = tuple(str(host.port) for host in hosts) or (str(WEBPHONE_PORT),)
        yield limits.ranges, TCP, ports, ""
        yield from _named(hosts, TCP, limits, "targets.webphone")
    elif row.id == PORT_SIP.name:
        for protocol in (TCP, UDP):
            yield limits.ranges, protocol, SIP_PORTS, ""
            yield from _named(_hosts(targets.sip, 5060), protocol, limits, "targets.sip")
        if limits.desk_phones:
            yield limits.desk_phones, TCP, ("80", "443"), N_("Desk phones fetch their settings")
    elif row.id == UDP_STUN.name:
        stun = msgspec.convert(dict(row.limits), type=StunLimits)
        yield limits.ranges, UDP, _merged(stun.ports), ""
        yield from _named(_hosts(targets.stun, 0), UDP, limits, "targets.stun")
    elif row.id == UDP_RANGE_CHECK.name:
        yield limits.ranges, UDP, MEDIA_PORTS, ""
        yield from _named(_hosts((targets.media,), 0), UDP, limits, "targets.media")


def _range_limits(profile: Profile) -> "RangeLimits":
    from natwizard.checks.ip_ranges import IP_RANGES, RangeLimits

    rows = [row.limits for row in profile.requirements if row.id == IP_RANGES.name]
    found: dict[str, LimitValue] = dict(rows[0]) if rows else {}
    return msgspec.convert(found, type=RangeLimits)


def _hosts(texts: tuple[str, ...], default_port: int) -> tuple[HostPort, ...]:
    """Targets that are set; the profile's reader has seen to it that they can be read."""
    return tuple(parse_host_port(text, default_port=default_port or 1) for text in texts if text)


def _named(
    hosts: tuple[HostPort, ...], protocol: str, limits: "RangeLimits", setting: str
) -> Iterator[Need]:
    """Servers that the profile names, as far as the ranges do not hold them already."""
    for host in hosts:
        if not _inside(host.host, limits):
            yield (host.host,), protocol, (str(host.port),), f"{setting} of the profile"


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

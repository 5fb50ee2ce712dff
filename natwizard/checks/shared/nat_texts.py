"""What STUN answers say of the router between: addresses by flow. Used by both nat rules."""

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv6Address

from msgspec.structs import replace

from natwizard.model.address import (
    HostPort,
    IpAddress,
    behind_translation,
    canonical_host,
    canonical_ip,
    possible_ipv4,
)
from natwizard.model.language import N_
from natwizard.probes.stun.binding import EarlierAddress, StunEvidence, StunFlow
from natwizard.probes.stun.client import StunMapping

# Hosts change the other half (RFC 8981): it does not tell one way out from another
IPV6_SITE_BITS = 64
# An earlier address counts only if this computer was in the same network, as far as its own says
IPV4_SITE_BITS = 24

ASK_WHY_SILENT = N_("Ask why STUN servers do not answer here, then run again.")
SILENT_REQUEST = N_(
    "Please see whether UDP to the internet, and the answers, are allowed: of several STUN servers"
    " at most one answered this computer."
)


def reflections(evidence: StunEvidence, ip_version: int) -> list[tuple[StunFlow, StunMapping]]:
    """Flows of one family that were answered, with addresses that can be compared.

    A flow over IPv6 may leave as IPv4 (NAT64) and one beside it as IPv6: two translators on one
    line, not two lines. So the native ones count, and the translated ones where there are no
    others.
    """
    answered = [
        (flow, flow.attempt.value)
        for flow in evidence.flows
        if flow.ip_version == ip_version and flow.attempt.value is not None
    ]
    if any(is_masked(each) for _flow, each in answered):
        return answered
    if ip_version == 4:
        return _as_ipv4(answered)
    native = [found for found in answered if _public_ip(found[1]).version == 6]
    return native or answered


def by_connection(
    seen: Iterable[tuple[StunFlow, StunMapping]],
) -> tuple[list[tuple[StunFlow, StunMapping]], ...]:
    """The flows of each connection of this computer's own by themselves: a VPN for some of the
    routes has another address, and no router gave it.
    """
    parts: dict[str, list[tuple[StunFlow, StunMapping]]] = {}
    for flow, mapping in seen:
        parts.setdefault(flow.local_address, []).append((flow, mapping))
    return tuple(parts.values())


def _as_ipv4(
    answered: list[tuple[StunFlow, StunMapping]],
) -> list[tuple[StunFlow, StunMapping]]:
    """What a server behind a translator of its own tells an IPv4 socket, as the IPv4 address.

    One that stands for no address that others told is left out: it cannot be compared.
    """
    known = {public for _flow, each in answered if (public := _public_ip(each)).version == 4}
    found = []
    for flow, mapping in answered:
        public = _public_ip(mapping)
        if isinstance(public, IPv6Address):
            meant = next((each for each in possible_ipv4(public) if each in known), None)
            if meant is None:
                continue
            public = meant
        place = HostPort(str(public), mapping.public.port)
        found.append((flow, replace(mapping, public=place)))
    return found


def is_masked(mapping: StunMapping) -> bool:
    """Whether the report has been redacted, so that the address is one no longer."""
    return "*" in mapping.public.host


def _public_ip(mapping: StunMapping) -> IpAddress:
    return behind_translation(canonical_ip(mapping.public.host))


def public_line(reflection: StunMapping) -> str:
    """The public address, or of IPv6 its /64: a computer changes the rest by itself.

    A masked one stays as it is: in one report, masks are alike where the line is.
    """
    if is_masked(reflection):
        return reflection.public.host
    address = _public_ip(reflection)
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_SITE_BITS), strict=False))


def is_translated(flow: StunFlow, reflection: StunMapping) -> bool:
    """Whether the address or the port changes on the way."""
    return (
        reflection.public.host != canonical_host(flow.local_address)
        or reflection.public.port != reflection.local_port
    )


def address_before(evidence: StunEvidence) -> EarlierAddress | None:
    """What the newest earlier run from the same network saw, if that is another address now.

    IPv4 only: of IPv6 the network and the address are one. Two homes may number alike, so this is
    a hint, and no verdict rests on it.
    """
    seen = reflections(evidence, 4)
    here = {_site(flow.local_address) for flow, _reflection in seen} - {None}
    now = {reflection.public.host for _flow, reflection in seen}
    earlier = [each for each in evidence.earlier if each.ip_version == 4]
    last = next((each for each in earlier if _site(each.local_address) in here), None)
    return last if last is not None and last.public not in now else None


def _site(address: str) -> str | None:
    try:
        return str(ipaddress.IPv4Network((address, IPV4_SITE_BITS), strict=False))
    except ValueError:
        return None

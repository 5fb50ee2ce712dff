"""What STUN answers say of the router between: addresses by flow. Used by both nat rules."""

import ipaddress

from natwizard.probes.stun import StunEvidence, StunFlow
from natwizard.probes.stun_client import Reflection

IPV6_SITE_BITS = 64


def reflections(evidence: StunEvidence, ip_version: int) -> list[tuple[StunFlow, Reflection]]:
    """Flows of one family that were answered."""
    return [
        (flow, flow.attempt.value)
        for flow in evidence.flows
        if flow.ip_version == ip_version and flow.attempt.value is not None
    ]


def public_line(reflection: Reflection) -> str:
    """The public address, or of IPv6 its /64: a computer changes the rest by itself."""
    address = ipaddress.ip_address(reflection.public.host)
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_SITE_BITS), strict=False))


def is_translated(flow: StunFlow, reflection: Reflection) -> bool:
    """Whether the address or the port changes on the way."""
    return (
        reflection.public.host != flow.local_address
        or reflection.public.port != reflection.local_port
    )

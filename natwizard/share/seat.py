"""Which seat a run is about, without saying whose: keyed hashes and the profile's sites."""

import hashlib
import hmac
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from natwizard.model.profile import Share, Site
from natwizard.model.shared import Seat

ID_HEX_DIGITS = 32
"""128 bits: two of a billion computers share an ID with a probability of 1e-21."""
NO_SALT = b"natwizard"
"""Hides a machine's ID, which is random itself, but not a name that somebody can guess."""


def seat_of(
    share: Share, sites: Iterable[Site], *, machine: str, host_name: str, addresses: Iterable[str]
) -> Seat:
    """The seat of a computer with these addresses; `machine` is the system's own ID for it."""
    site, subnet = site_at(sites, addresses)
    return Seat(
        host_id=host_id(share.salt, machine),
        name_id=name_id(share.salt, host_name),
        host_name=host_name if share.names else "",
        site=site.name if site else "",
        subnet=subnet,
        provider=site.provider if site else "",
    )


def host_id(salt: str, machine: str) -> str:
    """HMAC-SHA256 of the machine's ID under the profile's salt, 32 hexadecimal digits."""
    return _keyed_hash(salt, machine)


def name_id(salt: str, host_name: str) -> str:
    """The same of a computer's name: without its domain, capital letters counting as small."""
    name = host_name.strip().partition(".")[0].lower()
    return _keyed_hash(salt, f"name:{name}") if name else ""


def site_at(sites: Iterable[Site], addresses: Iterable[str]) -> tuple[Site | None, str]:
    """The first site that one of the addresses is in, and by which of its subnets; of subnets
    that lie within each other, the smallest, as networks are routed.

    What cannot be read as an address or a subnet is in no site.
    """
    here = [parsed for text in addresses if (parsed := _address(text)) is not None]
    best: tuple[Site | None, str] = None, ""
    around: IPv4Network | IPv6Network | None = None
    for site in sites:
        for subnet in site.subnets:
            try:
                network = ip_network(subnet)
            except ValueError:
                continue
            if any(each in network for each in here) and _is_inside(network, around):
                best, around = (site, subnet), network
    return best


def _is_inside(
    network: IPv4Network | IPv6Network, around: IPv4Network | IPv6Network | None
) -> bool:
    """Whether a network is a part of another and smaller; of all there is, where that is None."""
    match network, around:
        case (_, None):
            return True
        case (IPv4Network() as part, IPv4Network() as whole):
            return part != whole and part.subnet_of(whole)
        case (IPv6Network() as part, IPv6Network() as whole):
            return part != whole and part.subnet_of(whole)
        case _:
            return False


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """A server that listens for both families sees IPv4 within IPv6 (RFC 4291, 2.5.5.2)."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _keyed_hash(salt: str, text: str) -> str:
    digest = hmac.new(salt.encode() or NO_SALT, text.encode(), hashlib.sha256)
    return digest.hexdigest()[:ID_HEX_DIGITS]

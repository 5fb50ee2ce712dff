"""Names of the service that a name server withholds, as filters of names do.

They say that the name does not exist, or lead to 0.0.0.0, this computer, or a page of their own.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network

from natwizard.model.address import IpAddress, behind_translation, canonical_ip, is_literal
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode
from natwizard.probes.service_addresses import ServiceName

NAMED_AT_MOST = 3

# nobody's public service lives there (RFC 1918, 3927, 4193, 4291); documentation's ranges may
# stand for public ones, so `is_global` will not do
INNER = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


def hidden_names(names: Iterable[ServiceName]) -> tuple[ServiceName, ...]:
    """Those that lead nowhere here, or to an inner address while a control finds a public one."""
    return tuple(name for name in names if _is_hidden(name))


def leads_nowhere(host: str, address: IPv4Address | IPv6Address) -> bool:
    """Whether a filter answered: no server that has a name of its own is at 0.0.0.0 or here."""
    return address.is_unspecified or (address.is_loopback and "." in host and not is_literal(host))


EXEMPT = N_("Ask to take {hosts} off the name filter.")
EXEMPT_REQUEST = N_(
    "Please exempt {hosts} from DNS filtering, and look into this computer's hosts file:"
    " calls go there. Seen from here: {answers}."
)


def exempt_texts(names: Sequence[ServiceName]) -> dict[str, str]:
    """What stands in the fields of EXEMPT and its request."""
    return {
        "hosts": ", ".join(name.host for name in names[:NAMED_AT_MOST]),
        "answers": "; ".join(f"{name.host}: {answers_to(name)}" for name in names[:NAMED_AT_MOST]),
    }


def answers_to(name: ServiceName) -> str:
    """What is answered here, and what a control says."""
    here = ", ".join(name.addresses.value or ()) or _("no such name")
    elsewhere = ", ".join(_elsewhere(name))
    if not elsewhere:
        return here
    return _("{here} (another name server: {elsewhere})").format(here=here, elsewhere=elsewhere)


def _is_hidden(name: ServiceName) -> bool:
    found = [_meant(text) for text in name.addresses.value or ()]
    if found and all(leads_nowhere(name.host, address) for address in found):
        return True
    elsewhere = [_meant(text) for text in _elsewhere(name)]
    if not elsewhere or any(_is_inner(address) for address in elsewhere):
        return False
    if not found:
        failure = name.addresses.failure
        return failure is not None and failure.code is FailureCode.NAME_NOT_FOUND
    return all(_is_inner(address) for address in found)


def _elsewhere(name: ServiceName) -> tuple[str, ...]:
    return (name.control.value or ()) if name.control is not None else ()


def _meant(text: str) -> IpAddress:
    return behind_translation(canonical_ip(text))


def _is_inner(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in INNER)

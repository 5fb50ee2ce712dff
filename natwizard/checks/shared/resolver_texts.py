"""What checks of name servers share: which answered, and how to say it."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

from natwizard.checks.shared.number_format import attempt_words
from natwizard.model.address import parse_host_port
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.probes.dns_servers import RESOLVING, Asked, DnsAnswer, ResolverAnswers

RESOLVES = RESOLVING

ANSWER_BY_UDP: Final = N_(
    "Ask whether the name server may answer over UDP 53, too; names are found without."
)
ANSWER_BY_UDP_REQUEST: Final = N_(
    "Please see whether the name servers of this computer can answer over UDP 53 beside TCP:"
    " programs ask over UDP first, and nothing came back by it."
)
"""Where the system asks over TCP alone (resolv.conf(5), use-vc), and names come."""


def own(resolvers: Sequence[ResolverAnswers]) -> tuple[ResolverAnswers, ...]:
    """Those this computer uses, in the system's order."""
    return tuple(each for each in resolvers if not each.control)


def control_of(resolvers: Sequence[ResolverAnswers]) -> ResolverAnswers | None:
    """The one to compare with, or None."""
    return next((each for each in resolvers if each.control), None)


def address_of(resolver: ResolverAnswers) -> str:
    """Without the port where it goes without saying."""
    place = parse_host_port(resolver.resolver)
    return place.host if place.port == 53 else resolver.resolver


def is_local(resolver: ResolverAnswers) -> bool:
    """Whether it stands in this network (a router) and not on the internet."""
    try:
        address = ip_address(parse_host_port(resolver.resolver).host)
    except ValueError:
        return False
    return address.is_private and not address.is_loopback


def usable(asked: Asked | None) -> DnsAnswer | None:
    """The answer, if there is one that resolves the name."""
    if asked is None or asked.value is None or asked.value.rcode not in RESOLVES:
        return None
    return asked.value


def answer_words(asked: Asked | None) -> str:
    """ "9 ms", "no answer in 3.0 s", "SERVFAIL"."""
    if asked is None:
        return attempt_words_or_dash(None)
    if asked.value is not None and asked.value.rcode not in RESOLVES:
        return asked.value.rcode
    return attempt_words(asked)


def attempt_words_or_dash(attempt: Attempt[object] | None) -> str:
    """As `attempt_words`; a dash for what was not asked."""
    return attempt_words(attempt) if attempt is not None else "-"

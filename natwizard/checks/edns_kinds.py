"""How a resolver handles EDNS. Source: RFC 6891."""

from enum import IntEnum

from natwizard.checks.resolver_words import usable
from natwizard.model.outcome import FailureCode
from natwizard.probes.dns_servers import Asked, ResolverAnswers

NOT_UNDERSTOOD = {"FORMERR", "NOTIMP"}


BAD_ANSWER = FailureCode.BAD_ANSWER


# what every network carries in one piece (DNS Flag Day 2020)
UNFRAGMENTED_BYTES = 1232


PLAIN_LIMIT_BYTES = 512


class Kind(IntEnum):
    """How a resolver handles EDNS, best first."""

    WHOLE = 0
    VERSION_LOST = 1
    OPTION_LOST = 2
    BUFFER_LOST = 3
    DNSSEC_LOST = 4
    FRAGMENTS_LOST = 5
    LARGE_LOST = 6
    LARGE_FAILS = 7
    CUT_SHORT = 8
    STRIPPED = 9
    NOT_UNDERSTOOD = 10
    FAILS = 11
    DROPPED = 12
    SILENT = 13


ADVICE = {kind for kind in Kind if Kind.WHOLE < kind < Kind.STRIPPED}


ODD_ONES = {
    Kind.VERSION_LOST,
    Kind.OPTION_LOST,
    Kind.BUFFER_LOST,
    Kind.DNSSEC_LOST,
    Kind.LARGE_FAILS,
}


def kind_of(resolver: ResolverAnswers) -> Kind:
    """How one resolver handles EDNS; SILENT where not even a plain question is answered."""
    if not resolver.plain.ok or resolver.edns is None:
        return Kind.SILENT
    answer = resolver.edns.value
    if answer is None:
        junk = resolver.edns.failure is not None and resolver.edns.failure.code is BAD_ANSWER
        return Kind.FAILS if junk else Kind.DROPPED
    if answer.rcode in NOT_UNDERSTOOD:
        return Kind.NOT_UNDERSTOOD
    if usable(resolver.plain) is not None and usable(resolver.edns) is None:
        return Kind.FAILS
    if not answer.has_opt:
        return Kind.STRIPPED
    return _kind_of_more(resolver)


def _kind_of_more(resolver: ResolverAnswers) -> Kind:
    """What gets lost where a common question with EDNS comes back; the worst of it."""
    if _stopped(resolver.edns_dnssec):
        return Kind.DNSSEC_LOST
    if _stopped(resolver.edns_large_buffer):
        return Kind.BUFFER_LOST
    large = _kind_of_large(resolver)
    if large is not Kind.WHOLE:
        return large
    if _stopped(resolver.unknown_option):
        return Kind.OPTION_LOST
    # any answer will do: not all resolvers know BADVERS, but what drops it knows no EDNS
    lost = resolver.version_1 is not None and resolver.version_1.value is None
    return Kind.VERSION_LOST if lost else Kind.WHOLE


def _stopped(asked: Asked | None) -> bool:
    """Asked, but there came nothing, a complaint, or an answer whose OPT record is gone."""
    if asked is None:
        return False
    answer = asked.value
    return answer is None or not answer.has_opt or answer.rcode in NOT_UNDERSTOOD


def _kind_of_large(resolver: ResolverAnswers) -> Kind:
    """How an answer over 512 bytes fares; WHOLE also where the profile's name has none."""
    if resolver.large is None:
        return Kind.WHOLE
    answer, over_tcp = resolver.large.value, resolver.large_tcp
    if answer is None:
        known = over_tcp.value if over_tcp is not None else None
        fragments = known is not None and known.size_bytes > UNFRAGMENTED_BYTES
        return Kind.FRAGMENTS_LOST if fragments else Kind.LARGE_LOST
    if usable(resolver.edns) is not None and usable(resolver.large) is None:
        return Kind.LARGE_FAILS
    truncated_for_good = answer.truncated and (over_tcp is None or not over_tcp.ok)
    return Kind.CUT_SHORT if truncated_for_good else Kind.WHOLE

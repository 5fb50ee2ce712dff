"""salesforce.ip_ranges: where only some addresses may sign in, are the vendor's among them?

Profiles enforce their login ranges, and a profile without ranges lets everybody in. Source:
"Technical Prerequisites": where ranges are enforced, the vendor's have to stand in Network Access
(the org's trusted ranges) too.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.ip_ranges import RangeLimits
from natwizard.checks.shared.salesforce_parts import (
    ADMINISTRATOR,
    NAMED_AT_MOST,
    part,
    reading,
    shown,
)
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _, ngettext
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import AddressRange, LoginRanges
from natwizard.probes.salesforce.org import SALESFORCE

Span = tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]


class RangeGap(Struct, frozen=True, kw_only=True):
    """A profile that shuts some of the vendor's ranges out."""

    profile: str
    missing: tuple[str, ...]


class LoginRangesState(VerdictTable):
    """From where people may sign in."""

    UNRESTRICTED = passed(N_("Salesforce lets people sign in from any address."))
    ALLOWED = passed(N_("The vendor's addresses are among those allowed."))
    TOO_MANY = unknown(
        N_("There are more profiles than we read."),
        N_("Look at the login ranges of the other profiles in Setup."),
        owner=ADMINISTRATOR,
    )
    """More profiles than were read."""
    NOT_TRUSTED = failed(
        N_("Network Access lacks some of the vendor's addresses."),
        N_("In Setup, Network Access, add the vendor's ranges: {missing}."),
        owner=ADMINISTRATOR,
    )
    GAPS = failed(
        N_("The service may not sign in from all its addresses."),
        N_("Add the vendor's ranges to the login ranges of: {profiles}."),
        owner=ADMINISTRATOR,
    )


def judge(inputs: Inputs, limits: RangeLimits) -> Judgement:
    """Where a profile enforces ranges, it and Network Access have to hold all of the vendor's."""
    found = part(inputs, lambda evidence: evidence.login_ranges)
    restricted = [each for each in found.profiles if each.ranges]
    gaps = tuple(
        RangeGap(profile=each.profile, missing=missing)
        for each in restricted
        if (missing := _missing(each.ranges, limits))
    )
    untrusted: tuple[str, ...] = ()
    if restricted and not gaps:  # where nothing is enforced, nothing has to be allowed
        untrusted = _missing(part(inputs, lambda evidence: evidence.security).trusted, limits)
    return _state(found, gaps, untrusted, restricted=bool(restricted)).verdict.judgement(
        texts={
            "profiles": ", ".join(gap.profile for gap in gaps[:NAMED_AT_MOST]),
            "missing": ", ".join(untrusted),
        },
        observed=_observed(found, len(restricted), gaps, untrusted),
        expected=_("the vendor's, or none"),
        measured=(
            Quantity(name="profiles", value=len(found.profiles), unit=Unit.COUNT),
            Quantity(name="restricted", value=len(restricted), unit=Unit.COUNT),
            Quantity(name="with_gaps", value=len(gaps), unit=Unit.COUNT),
            Quantity(name="not_in_network_access", value=len(untrusted), unit=Unit.COUNT),
        ),
        details=(*_details(inputs, gaps, limits), reading(inputs)),
    )


def _missing(ranges: Sequence[AddressRange], limits: RangeLimits) -> tuple[str, ...]:
    """The vendor's ranges that are not wholly inside. Raises EvidenceMissing for masked ones."""
    spans = _joined([_span(each) for each in ranges])
    return tuple(
        text
        for text, network in zip(limits.ranges, limits.networks(), strict=True)
        if not any(_holds(span, network) for span in spans)
    )


def _span(each: AddressRange) -> Span:
    """First and last address; a report that was passed on may have them masked."""
    try:
        return ip_address(each.start), ip_address(each.end)
    except ValueError:
        return shown(None, f"range {each.start} to {each.end}")


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Ranges that touch or overlap as one: two halves hold what lies across them."""
    joined: list[Span] = []
    for low, high in sorted(spans, key=_place):
        first, last = joined[-1] if joined else (None, low)
        if first and first.version == low.version and int(low) <= int(last) + 1:
            joined[-1] = (first, max(last, high, key=int))
        else:
            joined.append((low, high))
    return tuple(joined)


def _place(span: Span) -> tuple[int, int]:
    low, _high = span
    return low.version, int(low)


def _holds(span: Span, network: IPv4Network | IPv6Network) -> bool:
    low, high = span
    return (
        low.version == network.version
        and int(low) <= int(network.network_address)
        and int(network.broadcast_address) <= int(high)
    )


def _state(
    found: LoginRanges,
    gaps: tuple[RangeGap, ...],
    untrusted: tuple[str, ...],
    *,
    restricted: bool,
) -> LoginRangesState:
    if gaps:
        return LoginRangesState.GAPS
    if untrusted:
        return LoginRangesState.NOT_TRUSTED
    if found.left_out:
        return LoginRangesState.TOO_MANY
    return LoginRangesState.ALLOWED if restricted else LoginRangesState.UNRESTRICTED


def _observed(
    found: LoginRanges, restricted: int, gaps: tuple[RangeGap, ...], untrusted: tuple[str, ...]
) -> str:
    parts = []
    if gaps:
        missing = dict.fromkeys(text for gap in gaps for text in gap.missing)
        text = ngettext("{count} range missing", "{count} ranges missing", len(missing))
        parts.append(text.format(count=len(missing)))
    if untrusted:
        text = ngettext(
            "{count} range not in Network Access",
            "{count} ranges not in Network Access",
            len(untrusted),
        )
        parts.append(text.format(count=len(untrusted)))
    count = len(found.profiles)
    of_all = ngettext(
        "ranges in {some} of {count} profile", "ranges in {some} of {count} profiles", count
    )
    parts.append(of_all.format(some=restricted, count=count))
    if found.left_out:
        text = ngettext("{count} not read", "{count} not read", found.left_out)
        parts.append(text.format(count=found.left_out))
    return ", ".join(parts)


def _details(inputs: Inputs, gaps: tuple[RangeGap, ...], limits: RangeLimits) -> tuple[Detail, ...]:
    lines = [
        Detail(label=gap.profile, text=_("missing: {ranges}").format(ranges=", ".join(gap.missing)))
        for gap in gaps
    ]
    security = inputs.evidence(SALESFORCE).security.value
    if security is not None:
        untrusted = len(_missing(security.trusted, limits))
        text = _("{count} of the vendor's {all} ranges are trusted (no code at sign-in)").format(
            count=len(limits.ranges) - untrusted, all=len(limits.ranges)
        )
        lines.append(Detail(label=_("Network access"), text=text))
        if security.ranges_every_request is not None:
            when = _("at every request") if security.ranges_every_request else _("at sign-in")
            lines.append(Detail(label=_("Login ranges are enforced"), text=when))
    return tuple(lines)


SALESFORCE_IP_RANGES = Check(
    name="salesforce.ip_ranges",
    meaning=N_(
        "Where an org lets people in from certain addresses only, the service's addresses "
        "must be among them. Else it is locked out."
    ),
    title=N_("Login IP ranges"),
    term="IP ranges",
    about_service=True,
    page=Page.ADMINISTRATOR,
    method=N_("Login ranges of the profiles of the connected account and of people who take calls"),
    needs=(SALESFORCE,),
    limits=RangeLimits,
    judge=judge,
    shares_limits_of="ip.ranges",
    asks_until_signed_in=True,
)

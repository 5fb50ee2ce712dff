"""ip.ranges: do the service's names lead into the ranges that firewalls are told to allow?"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.name_filter import (
    EXEMPT,
    EXEMPT_REQUEST,
    NAMED_AT_MOST,
    answers_to,
    exempt_texts,
    hidden_names,
    leads_nowhere,
)
from natwizard.checks.shared.number_format import failure_words, tried_by
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.address import IpAddress, behind_translation, canonical_ip, possible_ipv4
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _, ngettext
from natwizard.model.privacy import register_published
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.service_addresses import SERVICE_ADDRESSES, ServiceName

# "Technical Prerequisites", docs.natterbox.com; the /23 is printed there with a wrong end
VENDOR_RANGES = (
    "185.185.76.0/22",
    "5.180.188.0/22",
    "103.73.186.0/23",
    "84.45.30.0/24",
    "54.228.110.191",
    "79.125.121.120",
    "52.71.103.102",
    "35.156.148.166",
    "52.16.243.39",
    "52.208.62.60",
    "34.254.106.49",
    "18.202.74.215",
)

# the same page: where Yealink desk phones fetch their settings
DESK_PHONE_ADDRESSES = (
    "20.19.104.34",
    "20.85.145.227",
    "20.19.96.56",
    "20.242.144.0",
    "20.242.144.1",
    "51.11.241.228",
)
register_published((*VENDOR_RANGES, *DESK_PHONE_ADDRESSES))


class RangeLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which addresses a firewall has to let through.

    Attributes:
        ranges: ranges (CIDR) and single addresses, IPv4 or IPv6, that belong to the service.
        desk_phones: where desk phones fetch their settings; only for the list of rules.
    """

    ranges: tuple[str, ...] = VENDOR_RANGES
    desk_phones: tuple[str, ...] = DESK_PHONE_ADDRESSES

    def __post_init__(self) -> None:
        for text in (*self.ranges, *self.desk_phones):
            ip_network(text)

    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The ranges as networks."""
        return tuple(ip_network(text) for text in self.ranges)


class AddressPlacement(Struct, frozen=True, kw_only=True):
    """An address of a name, and where it lies.

    Attributes:
        own: in a private network or on this computer: a server of your own, which no firewall
            towards the internet has to let through.
    """

    host: str
    address: str
    inside: bool
    own: bool


class RangeKind(VerdictTable):
    """Where the service's names lead."""

    INSIDE = passed(N_("The service's addresses lie in the ranges to allow."))
    ONLY_OWN = passed(N_("Only servers of your own are set; they need no opening."))
    OUTSIDE = warned(
        N_("The service uses addresses outside the ranges to allow."),
        N_("Allow {addresses} too, or check the name."),
        N_(
            "Please allow {addresses} as well: names of the service lead there, outside"
            " its published ranges. If that looks wrong, check what answers these names."
        ),
    )
    NO_ADDRESS = unknown(
        N_("No name of the service could be looked up."),
        N_("Check the service's names in the profile, then run again."),
        owner=Owner.HELPDESK,
    )
    HIDDEN = failed(
        N_("Something hides the service's servers from this computer."), EXEMPT, EXEMPT_REQUEST
    )


class RangeFacts(Struct, frozen=True, kw_only=True):
    """How many names of the service a filter withholds."""

    hidden: int


def judge(inputs: Inputs, limits: RangeLimits) -> Judgement:
    """Every public address has to lie inside. Addresses of your own are shown, and not counted."""
    names = inputs.evidence(SERVICE_ADDRESSES).names
    hidden = hidden_names(names)
    placed = _place([name for name in names if name not in hidden], limits)
    outside = [each for each in placed if not (each.inside or each.own)]
    inside = [each for each in placed if each.inside]
    return _kind(hidden, placed).verdict.judgement(
        texts={
            "addresses": ", ".join(each.address for each in outside[:NAMED_AT_MOST]),
            **exempt_texts(hidden),
        },
        observed=_observed(names, hidden, placed, outside),
        expected=_("every public address in the service's ranges"),
        measured=(
            Quantity(name="names", value=len(names), unit=Unit.COUNT),
            Quantity(name="addresses", value=len(placed), unit=Unit.COUNT),
            Quantity(name="inside", value=len(inside), unit=Unit.COUNT),
            Quantity(name="outside", value=len(outside), unit=Unit.COUNT),
            Quantity(name="own", value=sum(each.own for each in placed), unit=Unit.COUNT),
            *((Quantity(name="hidden", value=len(hidden), unit=Unit.COUNT),) if hidden else ()),
        ),
        details=_details(names, hidden, placed, limits),
        tried=tried_by(names),
        facts=RangeFacts(hidden=len(hidden)),
    )


def _place(names: Sequence[ServiceName], limits: RangeLimits) -> tuple[AddressPlacement, ...]:
    networks = limits.networks()
    placed = []
    for name in names:
        found = (_within(canonical_ip(text), networks) for text in name.addresses.value or ())
        for address in dict.fromkeys(found):
            inside = any(address in network for network in networks)
            own = not inside and _is_own(name.host, address)
            placed.append(
                AddressPlacement(host=name.host, address=str(address), inside=inside, own=own)
            )
    return tuple(placed)


def _within(address: IpAddress, networks: Sequence[IPv4Network | IPv6Network]) -> IpAddress:
    """The address that is meant: through NAT64 or 6to4 an IPv4 address has a longer form.

    A network may translate under a prefix of its own (RFC 6052). It is told by its outcome: that
    an address of somebody else holds one of the service's in the right place is no accident.
    """
    meant = behind_translation(address)
    if isinstance(meant, IPv6Address) and not any(meant in network for network in networks):
        for candidate in possible_ipv4(meant):
            if any(candidate in network for network in networks):
                return candidate
    return meant


def _is_own(host: str, address: IPv4Address | IPv6Address) -> bool:
    """Whether it is a server of your own, and not a name that a filter sends nowhere."""
    return not address.is_global and not leads_nowhere(host, address)


def _kind(hidden: Sequence[ServiceName], placed: Sequence[AddressPlacement]) -> RangeKind:
    if hidden:
        return RangeKind.HIDDEN
    if not placed:
        return RangeKind.NO_ADDRESS
    if any(not (each.inside or each.own) for each in placed):
        return RangeKind.OUTSIDE
    return RangeKind.INSIDE if any(each.inside for each in placed) else RangeKind.ONLY_OWN


def _observed(
    names: Sequence[ServiceName],
    hidden: Sequence[ServiceName],
    placed: Sequence[AddressPlacement],
    outside: Sequence[AddressPlacement],
) -> str:
    parts = [
        ngettext("{count} name", "{count} names", len(names)).format(count=len(names)),
        ngettext("{count} address", "{count} addresses", len(placed)).format(count=len(placed)),
        _("{count} inside").format(count=sum(each.inside for each in placed)),
    ]
    if hidden:
        shown = ", ".join(name.host for name in hidden[:NAMED_AT_MOST])
        text = ngettext("{count} hidden ({shown})", "{count} hidden ({shown})", len(hidden))
        parts.append(text.format(count=len(hidden), shown=shown))
    if outside:
        shown = ", ".join(f"{each.host} {each.address}" for each in outside[:NAMED_AT_MOST])
        parts.append(_("{count} outside ({shown})").format(count=len(outside), shown=shown))
    own = sum(each.own for each in placed)
    if own:
        parts.append(_("{count} your own").format(count=own))
    return ", ".join(parts)


def _details(
    names: Sequence[ServiceName],
    hidden: Sequence[ServiceName],
    placed: Sequence[AddressPlacement],
    limits: RangeLimits,
) -> tuple[Detail, ...]:
    lines = []
    for name in names:
        if name in hidden:
            lines.append(Detail(label=name.host, text=answers_to(name)))
            continue
        if name.addresses.failure is not None:
            lines.append(Detail(label=name.host, text=failure_words(name.addresses.failure.code)))
            continue
        text = ", ".join(
            f"{each.address} ({_where(each)})" for each in placed if each.host == name.host
        )
        lines.append(Detail(label=name.host, text=text))
    lines.append(Detail(label=_("Ranges"), text=", ".join(limits.ranges)))
    return tuple(lines)


def _where(each: AddressPlacement) -> str:
    if each.inside:
        return _("inside")
    return _("your own") if each.own else _("outside")


IP_RANGES = Check(
    name="ip.ranges",
    meaning=N_(
        "A firewall that knows the service's addresses lets them through. Names that lead "
        "elsewhere were changed on the way, or the list is old."
    ),
    title=N_("IP ranges of the service"),
    term="IP ranges",
    about_service=True,
    page=Page.FIREWALL_PORTS,
    needs=(SERVICE_ADDRESSES,),
    limits=RangeLimits,
    judge=judge,
)

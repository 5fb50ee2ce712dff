"""nat.load_balancing: do all flows leave under one public address?"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.nat_texts import (
    ASK_WHY_SILENT,
    SILENT_REQUEST,
    address_before,
    by_connection,
    public_line,
    reflections,
)
from natwizard.checks.shared.number_format import tried_lines
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _, ngettext
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import date_words
from natwizard.probes.stun.binding import STUN, EarlierAddress, StunEvidence

# What is no date comes from a kept file that anybody may have written
TEXT_LIMIT = 40


class BalancingLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many flows, to how many servers, must agree before that means anything.

    One server always sees one address where a router balances by destination.
    """

    flows: int = 4
    servers: int = 2


class FamilyFlows(Struct, frozen=True, kw_only=True):
    """Flows of one family, and how many left under which address.

    Attributes:
        balanced: flows of one connection of this computer's own leave under several addresses.
        of_service: those under which the service's servers were asked.
    """

    flows: int
    servers: int
    addresses: dict[str, int]
    balanced: bool
    of_service: tuple[str, ...]


PIN = N_("Ask to send all of the service's traffic under one address.")
PIN_REQUEST = N_(
    "Please send all traffic of the telephone service under one public address. {flows} flows left"
    " under {addresses}. Either several internet lines are balanced: then pin the service to one."
    " Or a provider translates addresses and takes them from a pool: then ask it for paired pooling"
    " (RFC 6888, REQ-2) or a public address of your own."
)
"""What flows show is the same for both, and so is what it does to calls."""
SECOND_SERVER = N_("Set a second STUN server (targets.stun_control), then run again.")


class LinesKind(VerdictTable):
    """Under how many public addresses traffic leaves."""

    ONE = passed(N_("Your traffic leaves through one internet line."))
    TWO = failed(N_("Your traffic leaves under two public addresses."), PIN, PIN_REQUEST)
    SEVERAL = failed(N_("Your traffic leaves under {count} public addresses."), PIN, PIN_REQUEST)
    SPLIT_HERE = warned(
        N_("This computer sends the service's traffic out by two connections."),
        N_("Ask to lead all of the service's traffic the same way."),
        N_(
            "Please lead all traffic of the telephone service from this computer by the same"
            " connection, past the VPN or all through it: its servers are asked under {addresses}."
        ),
    )
    """By its own routes, as a VPN for some of them sets: no line of the router's."""
    TOO_FEW_SERVERS = unknown(
        N_("One address so far; one server cannot tell for sure."),
        SECOND_SERVER,
        owner=Owner.HELPDESK,
    )
    OTHERS_SILENT = unknown(
        N_("One address so far; one server cannot tell for sure."),
        ASK_WHY_SILENT,
        SILENT_REQUEST,
    )
    """A second server is set, and it did not answer."""
    ALL_SILENT = unknown(
        N_("We could not see your public address."),
        ASK_WHY_SILENT,
        SILENT_REQUEST,
    )
    NO_ANSWER = unknown(
        N_("We could not see your public address."), SECOND_SERVER, owner=Owner.HELPDESK
    )


def judge(inputs: Inputs, limits: BalancingLimits) -> Judgement:
    """More than one address in either family is a problem; too few flows tell nothing."""
    evidence = inputs.evidence(STUN)
    families = {
        version: family for version in (4, 6) if (family := _family(evidence, version)).flows
    }
    several = [
        family for family in families.values() if family.balanced or len(family.of_service) > 1
    ]
    enough = [
        family
        for family in families.values()
        if family.flows >= limits.flows and family.servers >= limits.servers
    ]
    before = address_before(evidence)
    shown = several[0] if several else None
    kind = _kind(families, shown, enough=bool(enough), set_up=inputs.line.stun_hosts > 1)
    return kind.verdict.judgement(
        texts={
            "count": len(shown.addresses),
            "flows": shown.flows,
            "addresses": ", ".join(shown.addresses),
        }
        if shown
        else {},
        observed=_observed(several or enough or list(families.values()), before),
        expected=_("one public address"),
        measured=tuple(
            quantity
            for version, family in families.items()
            for quantity in _quantities(version, family)
        ),
        details=(*_details(families), *_before_line(before)),
        tried=tried_lines([flow.attempt for flow in evidence.flows]),
    )


def _family(evidence: StunEvidence, version: int) -> FamilyFlows:
    seen = reflections(evidence, version)
    lines = [(flow, public_line(reflection)) for flow, reflection in seen]
    return FamilyFlows(
        flows=len(seen),
        servers=len({reflection.server.host for _flow, reflection in seen}),
        addresses=dict(Counter(line for _flow, line in lines)),
        balanced=any(
            len({public_line(mapping) for _flow, mapping in part}) > 1
            for part in by_connection(seen)
        ),
        of_service=tuple(dict.fromkeys(line for flow, line in lines if flow.is_service)),
    )


def _kind(
    families: Mapping[int, FamilyFlows], several: FamilyFlows | None, *, enough: bool, set_up: bool
) -> LinesKind:
    if several is not None and not several.balanced:
        return LinesKind.SPLIT_HERE
    if several is not None:
        return LinesKind.TWO if len(several.addresses) == 2 else LinesKind.SEVERAL
    if enough:
        return LinesKind.ONE
    if set_up:
        return LinesKind.OTHERS_SILENT if families else LinesKind.ALL_SILENT
    return LinesKind.TOO_FEW_SERVERS if families else LinesKind.NO_ANSWER


def _observed(families: list[FamilyFlows], before: EarlierAddress | None) -> str:
    if not families:
        return _("no server answered")
    family = families[0]
    count = len(family.addresses)
    now = ngettext(
        "{count} public address in {flows} flows",
        "{count} public addresses in {flows} flows",
        count,
    ).format(count=count, flows=family.flows)
    if before is None:
        return now
    return _("{now}; another one on {day}").format(now=now, day=_day(before))


def _day(before: EarlierAddress) -> str:
    try:
        return date_words(datetime.fromisoformat(before.seen_at))
    except ValueError:  # another version's way to write a moment
        return before.seen_at[:TEXT_LIMIT]


def _before_line(before: EarlierAddress | None) -> tuple[Detail, ...]:
    if before is None:
        return ()
    text = _("{address} on {day}, from the same network: the public address is not static")
    return (Detail(label=_("Before"), text=text.format(address=before.public, day=_day(before))),)


def _quantities(version: int, family: FamilyFlows) -> tuple[Quantity, ...]:
    return (
        Quantity(name=f"flows_ipv{version}", value=family.flows, unit=Unit.COUNT),
        Quantity(name=f"addresses_ipv{version}", value=len(family.addresses), unit=Unit.COUNT),
    )


def _details(families: dict[int, FamilyFlows]) -> tuple[Detail, ...]:
    return tuple(
        Detail(
            label=_("Public address"),
            text=ngettext("{address}, {count} flow", "{address}, {count} flows", count).format(
                address=address, count=count
            ),
        )
        for family in families.values()
        for address, count in family.addresses.items()
    )


NAT_LOAD_BALANCING = Check(
    name="nat.load_balancing",
    meaning=N_(
        "A site with several internet lines may send one call out by two of them. The service "
        "then hears two strangers, and the call breaks."
    ),
    title=N_("Load balancing (one public address)"),
    term="Load balancing",
    page=Page.CONNECTION,
    needs=(STUN,),
    limits=BalancingLimits,
    judge=judge,
)

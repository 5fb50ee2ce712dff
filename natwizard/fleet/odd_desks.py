"""Desks that are odd by themselves: they fail where those around them pass. Pure."""

from collections import defaultdict

from msgspec import Struct
from msgspec.structs import replace

from natwizard.fleet.requirement_runs import Tally
from natwizard.fleet.scan import KINDS, Event
from natwizard.fleet.significance import false_discovery_rates, fisher_greater

SURE = 0.05
"""One in twenty of the desks that are told as odd, at most."""
HALF = 0.5
"""A desk that fails less often is not odd, but shares what all have now and then (decision 72)."""
FAILURES_AT_LEAST = 3
"""Of failures, too: one or two may have been passing trouble."""


class OddDesk(Struct, frozen=True, kw_only=True):
    """One desk that fails where its neighbours pass."""

    seat: str
    site: str
    requirement: str
    failed: int
    runs: int
    neighbours: int
    rate: float


def odd_desks(events_of: dict[str, list[Event]]) -> tuple[OddDesk, ...]:
    """Desks that fail where others at their site pass, in what no shared cause explains."""
    found: list[tuple[float, OddDesk]] = []
    looks = 0
    for name, events in events_of.items():
        sites: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            sites[event.groups[KINDS.index("site")]].append(event)
        for site, members in sites.items():
            tally = Tally.of(members)
            runs, failures = tally.runs, tally.failures
            looks += len(runs)
            for seat, failed in failures.items():
                if failed < FAILURES_AT_LEAST or failed < HALF * runs[seat]:
                    continue
                # other odd desks must not hide this one
                others = [
                    each for each in runs if each != seat and failures[each] < HALF * runs[each]
                ]
                chance = fisher_greater(
                    failed,
                    runs[seat],
                    sum(failures[each] for each in others),
                    sum(runs[each] for each in others),
                )
                desk = OddDesk(seat=seat, site=site, requirement=name, failed=failed,
                               runs=runs[seat], neighbours=len(others), rate=chance)  # fmt: skip
                found.append((chance, desk))
    rates = false_discovery_rates([chance for chance, _desk in found], looks)
    odd = [
        replace(desk, rate=rate)
        for (_chance, desk), rate in zip(found, rates, strict=True)
        if rate <= SURE
    ]
    return tuple(sorted(odd, key=lambda desk: (desk.site, desk.requirement, desk.seat)))

"""A planted fleet's events, straight from the truth, and what the analysis claims of them."""

from collections import defaultdict

from fleet.synthetic import REQUIREMENTS, Claim, Fleet

from natwizard.fleet.scan import Event
from natwizard.fleet.shared_cause import Analysis


def events_of(fleet: Fleet) -> dict[str, list[Event]]:
    """Every requirement of every run."""
    found: dict[str, list[Event]] = defaultdict(list)
    for run in fleet.runs:
        desk = run.desk
        groups = ("", desk.site.provider, desk.site.name, desk.subnet, desk.browser)
        of_day_s = (run.at_s + 3600 * desk.site.utc_h) % 86400
        for name in REQUIREMENTS:
            failed = name in run.failing
            found[name].append(Event(run.at_s, of_day_s, desk.host_id, run.run_id, groups, failed))
    return found


def claims_of(analysis: Analysis) -> list[Claim]:
    """In the terms of the truth."""
    return [
        Claim(
            kind=cause.kind,
            groups=cause.places,
            requirements=frozenset((cause.requirement, *cause.also)),
            windows=tuple((window.start_s, window.end_s) for window in cause.windows),
            perhaps=tuple((scope.kind, scope.groups) for scope in cause.perhaps),
        )
        for cause in analysis.causes
    ]

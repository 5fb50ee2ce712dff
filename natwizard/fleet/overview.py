"""All that a folder of reports tells, as one frozen value; every view shows this alone."""

from msgspec import Struct

from natwizard.fleet.odd_desks import OddDesk
from natwizard.fleet.reading import Unread
from natwizard.fleet.shared_cause import Cause

GROUPINGS = ("site", "subnet", "provider", "browser", "role")
"""By what seats are put together; each is a column of the runs."""


class Place(Struct, frozen=True, kw_only=True):
    """Seats of one group by the verdict of their newest run; `kind` is one of GROUPINGS.

    Attributes:
        could_not_tell: with those whose newest run was only a part of one.
    """

    kind: str
    name: str
    seats: int
    ready: int
    ready_with_advice: int
    not_ready: int
    could_not_tell: int
    ready_to_public: int = 0


class Failing(Struct, frozen=True, kw_only=True):
    """How many seats of a group fail a requirement in their newest run, of those judged."""

    kind: str
    name: str
    requirement: str
    failed: int
    seats: int


class RequirementTotal(Struct, frozen=True, kw_only=True):
    """A requirement over all seats; `owner` is who most of its remedies name."""

    requirement: str
    title: str
    owner: str
    failed: int
    seats: int


class OwnerTotal(Struct, frozen=True, kw_only=True):
    """What one owner has to do: so many problems at so many seats."""

    owner: str
    problems: int
    seats: int


class Bin(Struct, frozen=True, kw_only=True):
    """Desks that ran in one stretch of time, and those of them that failed.

    Attributes:
        start_s: UTC seconds, or seconds of the local day where the problem is daily.
    """

    start_s: float
    failed: int
    desks: int


class SharedProblem(Struct, frozen=True, kw_only=True):
    """A shared cause, with the words that its own reports use.

    Attributes:
        offset_s, end_offset_s: what local time there adds to UTC, when it begins and when it ends.
        one_clock: the desks' clocks agree; else both offsets are 0, and it is told in UTC.
        summary, where: of most of the findings; `where` is the part of the way, or empty.
        run_codes: of some of its runs, to look at.
        bins: the group over the whole time, or over the day; `bin_s` is the width of each.
    """

    cause: Cause
    title: str
    also_titles: tuple[str, ...]
    owner: str
    summary: str
    where: str
    offset_s: float
    run_codes: tuple[str, ...]
    end_offset_s: float = 0.0
    one_clock: bool = True
    bins: tuple[Bin, ...] = ()
    bin_s: float = 0.0


class OddProblem(Struct, frozen=True, kw_only=True):
    """A desk that is odd by itself."""

    desk: OddDesk
    label: str
    title: str
    owner: str


class SilentSeat(Struct, frozen=True, kw_only=True):
    """A seat that no report has come from; `last_s` is None where none ever did, `offset_s` what
    local time added to UTC then.
    """

    label: str
    site: str
    last_s: float | None
    days: float | None
    offset_s: float = 0.0


class Change(Struct, frozen=True, kw_only=True):
    """Seats of a site whose requirement was passed before a date and fails now, or the reverse."""

    site: str
    requirement: str
    title: str
    worse: int
    better: int


class Flow(Struct, frozen=True, kw_only=True):
    """How many seats went from one verdict to another; `before` is empty for new seats."""

    before: str
    after: str
    seats: int


class HourPoint(Struct, frozen=True, kw_only=True):
    """One hour of the day, local time: 95 of 100 runs were no worse than `p95`."""

    hour: int
    p95: float
    runs: int


class Line(Struct, frozen=True, kw_only=True):
    """One figure of one site by the hour of the day.

    Attributes:
        limit: what most of its runs were held against; None where there was none.
        higher_is_better: `p95` is then the worst 5 of 100 from below.
    """

    site: str
    requirement: str
    title: str
    unit: str
    limit: float | None
    points: tuple[HourPoint, ...]
    higher_is_better: bool = False


class SeatRow(Struct, frozen=True, kw_only=True):
    """One seat as its newest run left it; `failing` are requirement IDs with commas between."""

    seat: str
    host_name: str
    site: str
    subnet: str
    provider: str
    browser: str
    role: str
    system: str
    app_version: str
    verdict: str
    at_s: float
    offset_s: float
    run_code: str
    run_id: str
    runs: int
    failing: str
    file: str


class Overview(Struct, frozen=True, kw_only=True):
    """The whole of it.

    Attributes:
        now_s: the moment it is told for; silence is counted up to it.
        since_s: what changed is told from there on.
        silent_after_days: so long without a report is silence.
        by: one of GROUPINGS, by which it is shown what fails where.
        listed: seats on the list that silence is told by; None without one.
    """

    folder: str
    now_s: float
    since_s: float
    silent_after_days: float
    runs: int
    first_s: float | None
    last_s: float | None
    by: str
    total: Place
    places: tuple[Place, ...]
    requirements: tuple[RequirementTotal, ...]
    failing: tuple[Failing, ...]
    owners: tuple[OwnerTotal, ...]
    problems: tuple[SharedProblem, ...]
    odd: tuple[OddProblem, ...]
    silent: tuple[SilentSeat, ...]
    listed: int | None
    flows: tuple[Flow, ...]
    changes: tuple[Change, ...]
    lines: tuple[Line, ...]
    seats: tuple[SeatRow, ...]
    unread: tuple[Unread, ...]

    def places_by(self, kind: str) -> tuple[Place, ...]:
        """Groups of one kind, those with the most seats that are not ready first."""
        return tuple(place for place in self.places if place.kind == kind)

    def shared_by(self, row: SeatRow) -> tuple[SharedProblem, ...]:
        """The shared problems that a run is a part of: what fails in it, where and when it ran."""
        groups = {"everywhere": "", "provider": row.provider, "site": row.site,
                  "subnet": row.subnet, "browser": row.browser}  # fmt: skip
        failing = set(row.failing.split(", "))
        return tuple(
            problem
            for problem in self.problems
            if not failing.isdisjoint((problem.cause.requirement, *problem.cause.also))
            and groups[problem.cause.kind] in problem.cause.places
            and any(each.start_s <= row.at_s <= each.end_s for each in problem.cause.windows)
        )

    def failing_by(self, kind: str) -> tuple[Failing, ...]:
        """What fails in the groups of one kind."""
        return tuple(row for row in self.failing if row.kind == kind)

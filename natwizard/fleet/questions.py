"""Asks the tables everything that an overview tells. The SQL is DuckDB's; packaging/fleet/ has the
same questions as views for ClickHouse, and a test holds the answers against each other.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from natwizard.fleet.overview import (
    GROUPINGS,
    Change,
    Failing,
    Flow,
    HourPoint,
    Line,
    Overview,
    OwnerTotal,
    Place,
    RequirementTotal,
    SeatRow,
    SilentSeat,
)
from natwizard.fleet.problems import DAY_S, analysed, odd_problems, shared_problem
from natwizard.fleet.reading import Unread
from natwizard.fleet.shared_cause import Cause
from natwizard.fleet.tables import Tables
from natwizard.model.language import N_, _
from natwizard.share.seat import name_id

CLOCK_AHEAD_S = DAY_S
"""A time zone set wrong moves UTC by hours: only a day ahead is surely a wrong clock."""
RUNS_AT_LEAST = 3
"""Of fewer runs in an hour nobody can say what is usual in it."""
LABEL_DIGITS = 8
"""Of 32 hexadecimal ones: two desks of 500 share eight in one of 30,000 fleets."""


class Asked(Struct, frozen=True, kw_only=True):
    """What somebody wants to know.

    Attributes:
        now_s, since_s: UTC seconds; see Overview.
        devices: names of computers that should report; None where nobody gave a list.
        salt: of the profile, to recognise a listed name by its `name_id`.
        site: only this one; empty for all.
        by: one of GROUPINGS.
    """

    folder: Path
    now_s: float
    since_s: float
    silent_after_days: float
    devices: tuple[str, ...] | None = None
    salt: str = ""
    site: str = ""
    by: str = "site"


def ask(tables: Tables, asked: Asked, unread: list[Unread]) -> Overview:
    """Everything at once; `unread` gets runs that no clock can have been right for."""
    _drop_ahead(tables, asked, unread)
    titles = _titles(tables)
    # before other sites are left out: what they did in the same hours is evidence
    analysis = analysed(tables)
    problems = tuple(
        shared_problem(tables, cause, titles)
        for cause in analysis.causes
        if not asked.site or _is_at(tables, cause, asked.site)
    )
    heard = _heard_names(tables)
    if asked.site:
        tables.keep_site(asked.site)
    seats = _seats(tables)
    names = _listed_names(tables, asked)
    labels = {row.seat: names.get(row.seat) or row.host_name or _short(row.seat) for row in seats}
    return Overview(
        folder=str(asked.folder),
        now_s=asked.now_s,
        since_s=asked.since_s,
        silent_after_days=asked.silent_after_days,
        runs=int(tables.number("SELECT count(*) FROM runs")),
        first_s=tables.number("SELECT min(at_s) FROM runs") or None,
        last_s=tables.number("SELECT max(at_s) FROM runs") or None,
        by=asked.by,
        total=_places(tables, "", "''")[0] if seats else _nobody(),
        places=tuple(place for kind in GROUPINGS for place in _places(tables, kind, kind)),
        requirements=tuple(
            replace(row, title=titles.get(row.requirement, row.title))
            for row in _requirements(tables)
        ),
        failing=tuple(row for kind in GROUPINGS for row in _failing(tables, kind)),
        owners=_owners(tables),
        problems=problems,
        odd=tuple(
            each
            for each in odd_problems(tables, analysis, labels, titles)
            if not asked.site or each.desk.site == asked.site
        ),
        silent=_silent(asked, seats, labels, names, heard),
        listed=None if asked.devices is None else len(set(map(_bare, asked.devices))),
        flows=_flows(tables, asked.since_s),
        changes=tuple(
            replace(row, title=titles.get(row.requirement, row.title))
            for row in _changes(tables, asked.since_s)
        ),
        lines=tuple(
            replace(line, title=titles.get(line.requirement, line.title)) for line in _lines(tables)
        ),
        seats=tuple(replace(row, host_name=names.get(row.seat) or row.host_name) for row in seats),
        unread=tuple(sorted(unread, key=lambda each: each.file)),
    )


def find_by_code(tables: Tables, code: str) -> list[SeatRow]:
    """Runs whose four words these are, newest first; case and what stands between the words do not
    matter: they are typed as somebody hears them.
    """
    words = " ".join(re.findall(r"\w+", code.lower()))
    return tables.rows(f"{_SEATS} WHERE lower(r.run_code) = ? ORDER BY r.at_s DESC", words,
                       into=SeatRow)  # fmt: skip


def site_names(tables: Tables) -> tuple[str, ...]:
    """Of all runs, those with the most seats first."""
    told = tables.stream(
        "SELECT site FROM runs WHERE site <> '' GROUP BY site ORDER BY count(DISTINCT seat) DESC,"
        " site"
    )
    return tuple(str(name) for (name,) in told)


_SEATS = """
SELECT r.seat, r.host_name, r.site, r.subnet, r.provider, r.browser, r.role, r.system,
       r.app_version, r.verdict, r.at_s, r.offset_s, r.run_code, r.run_id,
       (SELECT count(*) FROM runs AS every_run WHERE every_run.seat = r.seat) AS runs,
       coalesce((SELECT string_agg(f.requirement, ', ' ORDER BY f.requirement)
                 FROM findings f WHERE f.run_id = r.run_id AND f.status = 'fail'), '') AS failing,
       r.file
FROM runs r
"""


def _drop_ahead(tables: Tables, asked: Asked, unread: list[Unread]) -> None:
    """Leave out what comes from a clock that is ahead."""
    ahead = tables.stream(
        "SELECT file FROM runs WHERE at_s > ? ORDER BY file", asked.now_s + CLOCK_AHEAD_S
    )
    reason = N_("from the future: that computer's clock is wrong")
    unread += [Unread(str(file), reason) for (file,) in ahead]
    tables.keep_runs("at_s <= ?", asked.now_s + CLOCK_AHEAD_S)


def _is_at(tables: Tables, cause: Cause, site: str) -> bool:
    """Whether desks of a site are among those that a cause is told of."""
    if cause.kind == "everywhere":
        return True
    places = ", ".join("?" for _place in cause.places)
    query = f"SELECT count(*) FROM runs WHERE site = ? AND {cause.kind} IN ({places})"
    return tables.number(query, site, *cause.places) > 0


def _seats(tables: Tables) -> list[SeatRow]:
    return tables.rows(
        f"{_SEATS} WHERE r.run_id IN (SELECT run_id FROM last_runs) ORDER BY r.site, r.seat",
        into=SeatRow,
    )


def _places(tables: Tables, kind: str, column: str) -> tuple[Place, ...]:
    """Groups with the most seats that are not ready first."""
    return tuple(
        tables.rows(
            f"""
            SELECT '{kind}' AS kind, {column} AS name, count(*) AS seats,
                   count_if(verdict = 'ready') AS ready,
                   count_if(verdict = 'ready_with_advice') AS ready_with_advice,
                   count_if(verdict = 'not_ready') AS not_ready,
                   count_if(verdict IN ('could_not_tell', 'partly_checked')) AS could_not_tell,
                   count_if(verdict = 'ready_as_far_as_public_servers_can_tell')
                       AS ready_to_public
            FROM last_runs GROUP BY ALL ORDER BY not_ready DESC, seats DESC, name
            """,
            into=Place,
        )
    )


def _nobody() -> Place:
    return Place(
        kind="", name="", seats=0, ready=0, ready_with_advice=0, not_ready=0, could_not_tell=0
    )


def _requirements(tables: Tables) -> tuple[RequirementTotal, ...]:
    return tuple(
        tables.rows(
            """
            SELECT j.requirement, any_value(j.title) AS title,
                   coalesce(mode(CASE WHEN j.failed THEN j.owner END), '') AS owner,
                   count_if(j.failed) AS failed, count(*) AS seats
            FROM judged j JOIN last_runs r USING (run_id)
            GROUP BY j.requirement ORDER BY failed DESC, j.requirement
            """,
            into=RequirementTotal,
        )
    )


def _failing(tables: Tables, kind: str) -> tuple[Failing, ...]:
    return tuple(
        tables.rows(
            f"""
            SELECT '{kind}' AS kind, r.{kind} AS name, j.requirement,
                   count_if(j.failed) AS failed, count(*) AS seats
            FROM judged j JOIN last_runs r USING (run_id)
            GROUP BY r.{kind}, j.requirement ORDER BY j.requirement, r.{kind}
            """,
            into=Failing,
        )
    )


def _owners(tables: Tables) -> tuple[OwnerTotal, ...]:
    return tuple(
        tables.rows(
            """
            SELECT j.owner, count(*) AS problems, count(DISTINCT r.seat) AS seats
            FROM judged j JOIN last_runs r USING (run_id)
            WHERE j.failed AND j.owner <> '' GROUP BY j.owner ORDER BY problems DESC, j.owner
            """,
            into=OwnerTotal,
        )
    )


def _heard_names(tables: Tables) -> frozenset[str]:
    """Every name that a run ever had, in the clear or as its keyed hash: also those that computers
    had before they were given others, and of other sites.
    """
    told = tables.stream("SELECT DISTINCT host_name, name_id, seat FROM runs")
    return frozenset(
        name
        for host, hashed, seat in told
        for name in (_bare(str(host)), str(hashed), _bare(str(seat).removeprefix("name:")))
        if name
    )


def _listed_names(tables: Tables, asked: Asked) -> dict[str, str]:
    """Seats by the names on the list: a name that no report holds is known by its keyed hash."""
    if asked.devices is None:
        return {}
    known: dict[str, str] = {}
    # lists name a computer twice, with its domain and without: it is one, by its first name
    for name in reversed(asked.devices):
        known[name.lower()] = known[_bare(name)] = known[name_id(asked.salt, name)] = name
    found = tables.stream("SELECT seat, lower(host_name), name_id FROM last_runs")
    return {
        str(seat): known[key]
        for seat, host, hashed in found
        for key in (str(hashed), _bare(str(host)), str(seat).removeprefix("name:"))
        if key in known
    }


def _silent(
    asked: Asked,
    seats: Sequence[SeatRow],
    labels: dict[str, str],
    names: dict[str, str],
    heard: frozenset[str],
) -> tuple[SilentSeat, ...]:
    """Longest silent first: those on the list that never reported, then by when they last did."""
    listed = {_bare(name): name for name in reversed(asked.devices or ())}
    never = [
        SilentSeat(label=name, site="", last_s=None, days=None)
        for name in asked.devices or ()
        if listed[_bare(name)] == name
        and heard.isdisjoint((_bare(name), name_id(asked.salt, name)))
    ]
    after_s = asked.silent_after_days * DAY_S
    quiet = [
        SilentSeat(
            label=labels[row.seat],
            site=row.site,
            last_s=row.at_s,
            days=(asked.now_s - row.at_s) / DAY_S,
            offset_s=row.offset_s,
        )
        for row in sorted(seats, key=lambda row: row.at_s)
        # a computer that is on no list any more has gone, it is not silent
        if asked.now_s - row.at_s > after_s and (asked.devices is None or row.seat in names)
    ]
    return (*never, *quiet)


def _flows(tables: Tables, since_s: float) -> tuple[Flow, ...]:
    return tuple(
        tables.rows(
            """
            WITH before AS (SELECT seat, arg_max(verdict, at_s) AS verdict
                            FROM runs WHERE at_s < ? GROUP BY seat),
                 after AS (SELECT seat, arg_max(verdict, at_s) AS verdict
                           FROM runs WHERE at_s >= ? GROUP BY seat)
            SELECT coalesce(before.verdict, '') AS before, after.verdict AS after,
                   count(*) AS seats
            FROM after LEFT JOIN before USING (seat)
            GROUP BY ALL ORDER BY seats DESC, before, after
            """,
            since_s,
            since_s,
            into=Flow,
        )
    )


def _changes(tables: Tables, since_s: float) -> tuple[Change, ...]:
    """Seats with a run on either side; the newest of each side counts."""
    return tuple(
        tables.rows(
            """
            WITH sides AS (
                SELECT r.seat, r.site, j.requirement, j.title, r.at_s >= ? AS is_after, r.at_s,
                       j.failed
                FROM judged j JOIN runs r USING (run_id)),
            last_of AS (
                SELECT seat, arg_max(site, at_s) AS site, requirement, any_value(title) AS title,
                       is_after, arg_max(failed, at_s) AS failed
                FROM sides GROUP BY seat, requirement, is_after)
            SELECT after.site, after.requirement, any_value(after.title) AS title,
                   count_if(after.failed AND NOT before.failed) AS worse,
                   count_if(before.failed AND NOT after.failed) AS better
            FROM last_of AS after
            JOIN last_of AS before ON before.seat = after.seat
                 AND before.requirement = after.requirement
            WHERE after.is_after AND NOT before.is_after
            GROUP BY after.site, after.requirement
            HAVING worse + better > 0
            ORDER BY worse - better DESC, worse DESC, after.site, after.requirement
            """,
            since_s,
            into=Change,
        )
    )


class _LinePoint(Struct, frozen=True, kw_only=True):
    site: str
    requirement: str
    title: str
    unit: str
    limit: float | None
    hour: int
    p95: float
    p5: float
    runs: int
    better_above: bool


def _lines(tables: Tables) -> tuple[Line, ...]:
    """Every figure of the voice test that stands against a limit, hour by hour."""
    points = tables.rows(
        """
        SELECT r.site, f.requirement, any_value(f.title) AS title,
               any_value(f.headline_unit) AS unit, mode(f.headline_limit) AS "limit",
               CAST(floor(fmod(r.at_s + r.offset_s, 86400) / 3600) AS INTEGER) AS hour,
               quantile_cont(f.headline, 0.95) AS p95, quantile_cont(f.headline, 0.05) AS p5,
               count(*) AS runs,
               coalesce(avg(f.headline) FILTER (f.status = 'pass') > mode(f.headline_limit), false)
                   AS better_above
        FROM findings f JOIN runs r USING (run_id)
        WHERE f.headline IS NOT NULL AND f.page = 'udp_media'
        GROUP BY r.site, f.requirement, hour HAVING count(*) >= ?
        ORDER BY f.requirement, r.site, hour
        """,
        RUNS_AT_LEAST,
        into=_LinePoint,
    )
    by_line: dict[tuple[str, str], list[_LinePoint]] = defaultdict(list)
    for point in points:
        by_line[point.requirement, point.site].append(point)
    return tuple(_line(members) for members in by_line.values())


def _line(points: list[_LinePoint]) -> Line:
    """A limit that passing runs are above is one that must be reached, not one to stay under."""
    first = points[0]
    above = 2 * sum(point.better_above for point in points) > len(points)
    return Line(
        site=first.site,
        requirement=first.requirement,
        title=first.title,
        unit=first.unit,
        limit=first.limit,
        points=tuple(
            HourPoint(hour=each.hour, p95=each.p5 if above else each.p95, runs=each.runs)
            for each in points
        ),
        higher_is_better=above,
    )


def _titles(tables: Tables) -> dict[str, str]:
    """In the language of whoever reads, for every agent's own may be another; the titles of
    reports only for questions that a profile asks by itself.
    """
    from natwizard.checks.catalogue import CHECKS  # takes a third of a second

    told = tables.stream("SELECT requirement, any_value(title) FROM findings GROUP BY ALL")
    return {str(name): str(title) for name, title in told} | {
        check.name: _(check.title) for check in CHECKS
    }


def _bare(name: str) -> str:
    """A computer's name without its domain."""
    return name.strip().partition(".")[0].lower()


def _short(seat: str) -> str:
    """Enough of an ID to tell seats apart on a page."""
    kind, colon, rest = seat.rpartition(":")
    return f"{kind}{colon}{rest[:LABEL_DIGITS]}" if colon != ":" or kind == "run" else rest

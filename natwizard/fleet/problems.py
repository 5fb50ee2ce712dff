"""Shared problems and odd desks out of the tables, with the words of their own reports."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from natwizard.fleet.overview import Bin, OddProblem, SharedProblem
from natwizard.fleet.scan import DESKS_AT_LEAST, KINDS, Event
from natwizard.fleet.shared_cause import Analysis, Cause, analyse
from natwizard.fleet.tables import Tables

DAY_S = 86400.0
CODES_SHOWN = 3
# Bars over the whole time, and over a day: of half an hour, within which a desk counts once
BINS, BINS_A_DAY = 120, 48


def analysed(tables: Tables) -> Analysis:
    """Only requirements that some desks fail are looked at: the others cannot have a cause."""
    suspects = [
        str(name)
        for (name,) in tables.stream(
            """
            SELECT requirement FROM judged
            GROUP BY requirement HAVING count_if(failed) >= ? ORDER BY min(position), requirement
            """,
            DESKS_AT_LEAST,
        )
    ]
    runs = _both_ways(tables) if suspects else {}
    return analyse(
        {
            name: [
                runs[str(run)][bool(failed)]
                for run, failed in tables.stream(
                    "SELECT run_id, failed FROM judged WHERE requirement = ?", name
                )
            ]
            for name in suspects
        }
    )


def _both_ways(tables: Tables) -> dict[str, tuple[Event, Event]]:
    """Each run as one that passed and as one that failed: all requirements share these two."""
    groups = ", ".join(KINDS[1:])
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    seats: dict[str, str] = {}
    runs: dict[str, tuple[Event, Event]] = {}
    for run_id, seat, at_s, offset_s, *names in tables.stream(
        f"SELECT run_id, seat, at_s, offset_s, {groups} FROM runs"
    ):
        key = ("", *map(str, names))
        run, at = str(run_id), float(str(at_s))
        event = Event(
            at_s=at,
            of_day_s=(at + float(str(offset_s))) % DAY_S,
            seat=seats.setdefault(str(seat), str(seat)),
            run=run,
            groups=shared.setdefault(key, key),
            failed=False,
        )
        runs[run] = (event, event._replace(failed=True))
    return runs


def shared_problem(tables: Tables, cause: Cause, titles: dict[str, str]) -> SharedProblem:
    """The words that most of its findings use, in whatever language they were made."""
    column = "''" if cause.kind == "everywhere" else f"r.{cause.kind}"
    places = ", ".join("?" for _place in cause.places)
    when = " OR ".join("r.at_s BETWEEN ? AND ?" for _window in cause.windows)
    moments = [moment for each in cause.windows for moment in (each.start_s, each.end_s)]
    rows = list(
        tables.stream(
            f"""
            SELECT f.owner, f.summary, f.place, r.run_code, r.at_s, r.offset_s, r.seat
            FROM findings f JOIN runs r USING (run_id)
            WHERE f.requirement = ? AND f.status = 'fail' AND {column} IN ({places})
                  AND ({when})
            ORDER BY r.at_s DESC, r.run_id
            """,
            cause.requirement,
            *cause.places,
            *moments,
        )
    )
    owner, summary, where = (_most(str(row[place]) for row in rows) for place in range(3))
    bins, bin_s = _bins(tables, cause, column)
    told = [(float(str(row[4])), float(str(row[5])), str(row[6])) for row in rows]
    one_clock = _is_one_clock(told)
    return SharedProblem(
        cause=cause,
        title=titles.get(cause.requirement, cause.requirement),
        also_titles=tuple(titles.get(name, name) for name in cause.also),
        owner=owner,
        summary=summary,
        where=where,
        offset_s=told[-1][1] if told and one_clock else 0.0,
        end_offset_s=told[0][1] if told and one_clock else 0.0,
        one_clock=one_clock,
        run_codes=tuple(str(row[3]) for row in rows[:CODES_SHOWN]),
        bins=bins,
        bin_s=bin_s,
    )


def _is_one_clock(runs: Sequence[tuple[float, float, str]]) -> bool:
    """Whether desks agree what time it is; `runs` are moments, what local time adds, and seats.

    All clocks of a place may be put forward or back once (daylight saving), and then some seat
    ran before and after. What else differs are several time zones.
    """
    by_time = sorted(runs)
    changed = [
        place for place, (one, other) in enumerate(pairwise(by_time), 1) if one[1] != other[1]
    ]
    if not changed:
        return True
    before, after = by_time[: changed[0]], by_time[changed[0] :]
    return len(changed) == 1 and not {run[2] for run in before}.isdisjoint(run[2] for run in after)


def _bins(tables: Tables, cause: Cause, column: str) -> tuple[tuple[Bin, ...], float]:
    """The group's desks over the whole time or over the day, for a picture of it."""
    first_s = tables.number("SELECT min(at_s) FROM runs")
    last_s = tables.number("SELECT max(at_s) FROM runs")
    if cause.daily:
        bin_s, moment = DAY_S / BINS_A_DAY, "fmod(r.at_s + r.offset_s, 86400)"
        first_s = 0.0
    else:
        bin_s, moment = max(60.0, (last_s - first_s) / BINS), "r.at_s"
    places = {f"place{number}": place for number, place in enumerate(cause.places)}
    named = ", ".join(f"${name}" for name in places)
    found = tables.rows(
        f"""
        SELECT $first + $width * floor(({moment} - $first) / $width) AS start_s,
               count(DISTINCT CASE WHEN j.failed THEN r.seat END) AS failed,
               count(DISTINCT r.seat) AS desks
        FROM judged j JOIN runs r USING (run_id)
        WHERE j.requirement = $requirement AND {column} IN ({named})
        GROUP BY 1 ORDER BY 1
        """,
        {"first": first_s, "width": bin_s, "requirement": cause.requirement, **places},
        into=Bin,
    )
    return tuple(found), bin_s


def odd_problems(
    tables: Tables, analysis: Analysis, labels: dict[str, str], titles: dict[str, str]
) -> tuple[OddProblem, ...]:
    """Each odd desk by its label, with who its reports say has to act."""
    owners = {
        (seat, requirement): str(owner)
        for seat, requirement, owner in tables.stream(
            """
            SELECT r.seat, f.requirement, mode(f.owner) FROM findings f JOIN runs r USING (run_id)
            WHERE f.status = 'fail' GROUP BY ALL
            """
        )
    }
    return tuple(
        OddProblem(
            desk=desk,
            label=labels.get(desk.seat, desk.seat),
            title=titles.get(desk.requirement, desk.requirement),
            owner=owners.get((desk.seat, desk.requirement), ""),
        )
        for desk in analysis.odd
    )


def _most(texts: Iterable[str]) -> str:
    counted = Counter(text for text in texts if text)
    return counted.most_common(1)[0][0] if counted else ""

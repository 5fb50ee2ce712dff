"""How right `natwizard fleet` is on planted fleets, and how fast on 50,000 reports.

Not a test: python -m tests.benchmarks.bench_fleet [reports] [seeds]. Prints precision and recall of
shared causes for several sizes of site, then reads so many reports of 45 KB (2.3 GB at 50,000, in
the temporary folder) beside DuckDB's own read_json of the same files.
"""

import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))  # as the tests import what they share

from fleet.fleet_claims import claims_of, events_of
from fleet.synthetic import SCENES, Fleet, make_fleet, score, write_fleet

from natwizard.fleet import shared_cause
from natwizard.fleet.questions import DAY_S, Asked, ask
from natwizard.fleet.read import fleet_tables
from natwizard.fleet.shared_cause import analyse

REPORTS = 50_000
SEEDS = 10
GOAL = 0.95
SIZES = (5, 10, 20, 40)
NOISES = (0.004, 0.03)
SITES = (3, 6, 12)
LEVELS = (0.01, 0.05, 0.1, 0.2)
NULL_TIMES = 5


def main() -> None:
    """All tables."""
    reports = int(sys.argv[1]) if len(sys.argv) > 1 else REPORTS
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else SEEDS
    print_scores(seeds)
    print_scenes(seeds)
    print_false_alarms(seeds)
    print_speed(reports)


def print_scores(seeds: int) -> None:
    """Precision and recall, and the same of single odd desks."""
    print(f"Shared causes, {seeds} fleets of 12 sites over 10 days each; goal {GOAL} at 20 desks")
    print(f"{'desks a site':>12} {'noise':>6} {'planted':>8} {'found':>6} {'precision':>10}"
          f" {'recall':>7} {'odd: prec.':>11} {'recall':>7} {'s a fleet':>10}")  # fmt: skip
    for desks in SIZES:
        for noise in NOISES if desks == 20 else NOISES[:1]:
            added, odd, started = Counter[str](), Counter[str](), time.perf_counter()
            for seed in range(seeds):
                fleet = make_fleet(seed, desks=desks, noise=noise)
                analysis = analyse(events_of(fleet))
                told = score(fleet, claims_of(analysis))
                added.update(found=told.found, right=told.right, planted=told.planted, met=told.met)
                truth = {(desk.host_id, name) for desk in fleet.desks for name in desk.broken}
                mine = {(each.seat, each.requirement) for each in analysis.odd}
                odd.update(found=len(mine), right=len(mine & truth), planted=len(truth))
            took_s = (time.perf_counter() - started) / seeds
            print(f"{desks:12} {noise:6} {added['planted']:8} {added['found']:6}"
                  f" {share(added['right'], added['found']):10.3f}"
                  f" {share(added['met'], added['planted']):7.3f}"
                  f" {share(odd['right'], odd['found']):11.3f}"
                  f" {share(odd['right'], odd['planted']):7.3f} {took_s:10.1f}")  # fmt: skip


def print_scenes(seeds: int) -> None:
    """Faults at several places at once, beside each other, and growing; a tenth of the desks falls
    silent meanwhile. Of a fault at several places, those count that three desks met. Left open: of
    those that are right, whether a larger place is hit, which it then is.
    """
    print(f"\nSeveral at once, {seeds} fleets each; goal {GOAL} at 20 desks")
    print(f"{'':28} {'sites':>5} {'desks':>5} {'planted':>8} {'found':>6} {'precision':>10}"
          f" {'recall':>7} {'left open':>10}")  # fmt: skip
    for name, plant in {"every kind": None, **SCENES}.items():
        for sites in SITES:
            for desks in SIZES[:3]:
                added = Counter[str]()
                for seed in range(500, 500 + seeds):
                    fleet = make_fleet(seed, sites=sites, desks=desks, silent=0.1, plant=plant)
                    told = score(fleet, claims_of(analyse(events_of(fleet))))
                    added.update(found=told.found, right=told.right, planted=told.planted,
                                 met=told.met, left_open=told.left_open)  # fmt: skip
                print(f"{name:28} {sites:5} {desks:5} {added['planted']:8} {added['found']:6}"
                      f" {share(added['right'], added['found']):10.3f}"
                      f" {share(added['met'], added['planted']):7.3f}"
                      f" {added['left_open']:10}")  # fmt: skip


def print_false_alarms(seeds: int) -> None:
    """Of fleets in which nothing is shared, no more may have a cause than its chance says, at any
    level: at that of the page one in a hundred.
    """
    print(f"\nFleets without a shared cause, {NULL_TIMES * seeds} each: how many tell one")
    print(f"{'sites':>5} {'noise':>6}" + "".join(f" {level:>6}" for level in LEVELS))
    sure, shared_cause.SURE = shared_cause.SURE, max(LEVELS)
    by_itself, shared_cause.SURE_BY_ITSELF = shared_cause.SURE_BY_ITSELF, max(LEVELS) / 10
    for sites in SITES:
        for noise in (*NOISES, 0.1):
            clearest = [
                min((cause.chance for cause in analyse(events_of(fleet)).causes), default=1.0)
                for fleet in (
                    make_fleet(1000 + seed, sites=sites, noise=noise, faults=0)
                    for seed in range(NULL_TIMES * seeds)
                )
            ]
            told = "".join(f" {sum(each <= level for each in clearest):6}" for level in LEVELS)
            print(f"{sites:5} {noise:6}{told}")
    shared_cause.SURE, shared_cause.SURE_BY_ITSELF = sure, by_itself


def share(part: int, whole: int) -> float:
    """1 where there is nothing to share."""
    return part / whole if whole else 1.0


def print_speed(reports: int) -> None:
    """The whole of `natwizard fleet`, and DuckDB alone reading two fields of each finding."""
    fleet = large_fleet(reports)
    with tempfile.TemporaryDirectory(prefix="natwizard-bench-") as made:
        folder = Path(made)
        size = write_fleet(fleet, folder, whole=True)
        print(f"\n{len(fleet.runs)} reports, {size / 1e9:.2f} GB, {os.cpu_count()} processors")
        started, before_s = time.perf_counter(), processor_s()
        with fleet_tables(folder) as (tables, unread):
            read_s = time.perf_counter() - started
            asked = Asked(folder=folder, now_s=fleet.end_s, since_s=fleet.end_s - 7 * DAY_S,
                          silent_after_days=7)  # fmt: skip
            overview = ask(tables, asked, unread)
        whole_s, used_s = time.perf_counter() - started, processor_s() - before_s
        assert overview.runs == len(fleet.runs)
        own, children = (
            resource.getrusage(who).ru_maxrss / 1000
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        before_s = processor_s()
        peer_s = peer(folder)
        peer_used_s = processor_s() - before_s
        print(f"natwizard fleet: {whole_s:.1f} s, of which reading {read_s:.1f} s;"
              f" {used_s:.1f} s of processor;"
              f" at most {own:.0f} MB, each reader {children:.0f} MB")  # fmt: skip
        print(f"DuckDB's read_json of requirement and status alone: {peer_s:.1f} s,"
              f" {peer_used_s:.1f} s of processor ({whole_s / peer_s:.2f} times that)")  # fmt: skip


def processor_s() -> float:
    """Seconds of all processors so far: what a busy machine does not change."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def large_fleet(reports: int) -> Fleet:
    """About so many runs of 50 sites in two weeks."""
    per_desk = 2 * 5 * 0.92 * 4.3
    fleet = make_fleet(1, sites=50, desks=-(-reports // round(50 * per_desk)), days=14,
                       runs_a_day=4.3)  # fmt: skip
    fleet.runs = fleet.runs[:reports]
    return fleet


def peer(folder: Path) -> float:
    """Seconds for the same files, without a look at what is broken, hostile or twice there."""
    started = time.perf_counter()
    columns = {
        "run_id": "VARCHAR",
        "findings": "STRUCT(requirement VARCHAR, status VARCHAR)[]",
    }
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(
        "SELECT count(*) FROM (SELECT unnest(findings) FROM read_json($files, columns = $columns))",
        {"files": f"{folder}/*.json", "columns": columns},
    ).fetchone()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()

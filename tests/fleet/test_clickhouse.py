"""The views of packaging/fleet in ClickHouse's own engine, against `natwizard fleet`.

The same 5,000 planted reports take both ways: as files into the folder, and as log records, read
by OpenTelemetry's definitions and written as the collector's exporter writes its table.
"""

import json
import math
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import msgspec
import pytest
from fleet.synthetic import (
    JITTER,
    LATENCY,
    LOSS,
    MOS,
    REQUIREMENTS,
    Fleet,
    Run,
    make_fleet,
    report_json,
)
from share.collector import records_of, request_of

from natwizard.fleet.overview import Overview
from natwizard.fleet.questions import DAY_S, Asked, ask
from natwizard.fleet.read import fleet_tables
from natwizard.fleet.significance import fisher_greater
from natwizard.model.finding import Status
from natwizard.model.report import Readiness
from natwizard.model.shared import SharedReport
from natwizard.share.otlp import logs_body

PACKAGE = Path(__file__).parents[2] / "packaging/fleet"
GUIDE = Path(__file__).parents[2] / "docs/site.md"
VIEWS = PACKAGE / "clickhouse/views.sql"
TABLE = PACKAGE / "clickhouse/table.sql"
DASHBOARDS = sorted((PACKAGE / "grafana/dashboards").glob("*.json"))
TTL_SETTING = ", ttl_only_drop_parts = 1"
EXPIRY = "TTL TimestampTime + INTERVAL 90 DAY\n"
INSERT = """
INSERT INTO otel_logs
    (Timestamp, SeverityNumber, ServiceName, Body, ResourceAttributes, LogAttributes)
SELECT * FROM file('{file}', JSONEachRow,
    'Timestamp DateTime64(9), SeverityNumber UInt8, ServiceName String, Body String,
     ResourceAttributes Map(String, String), LogAttributes Map(String, String)')
"""
NOW = "now64(3, 'UTC')"
LATE = """
SELECT host_name FROM natwizard_silent
WHERE last_run < fromUnixTimestamp64Milli(toInt64({milliseconds}))
"""
COPY_OF_TWO = """
INSERT INTO copied SELECT * FROM otel_logs WHERE ResourceAttributes['host.id'] IN ('{}', '{}')
"""
COPIED = """
SELECT ResourceAttributes['host.id'] AS seat, count() AS records FROM copied GROUP BY seat
"""
OF_RESOURCE = ("host.", "service.", "os.")
SHARED_KEYS = {"natwizard.site", "natwizard.subnet", "natwizard.provider", "natwizard.role",
               "natwizard.profile", "natwizard.name_id", "natwizard.far_end"}  # fmt: skip


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    made = make_fleet(31, sites=8, desks=20, days=11, faults=5)
    made.runs = made.runs[:5000]
    return made


TWINS, RENAMED, THERE_AND_BACK = 0, 1, 2
"""Of the desks by their order: two computers of one disk image, and two that were renamed."""


def name_ids(fleet: Fleet) -> dict[str, str]:
    """By run: its computer's name as a keyed hash, where that tells clones of one disk apart."""
    host_ids = sorted({each.desk.host_id for each in fleet.runs})
    found = {}
    for place, host_id in enumerate(host_ids[:3]):
        runs = sorted(
            (each for each in fleet.runs if each.desk.host_id == host_id),
            key=lambda each: each.at_s,
        )
        for turn, run in enumerate(runs):
            third = min(2, 3 * turn // len(runs))
            names = {TWINS: "ab"[turn % 2], RENAMED: "aab"[third], THERE_AND_BACK: "aba"[third]}
            found[run.run_id] = names[place] * 32
    return found


def named_report(run: Run, names: dict[str, str]) -> bytes:
    return report_json(run).replace(
        b'"name_id":""', f'"name_id":"{names.get(run.run_id, "")}"'.encode()
    )


@pytest.fixture(scope="module")
def overview(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Overview:
    folder = tmp_path_factory.mktemp("fleet")
    names = name_ids(fleet)
    for run in fleet.runs:
        (folder / f"{run.run_id}.json").write_bytes(named_report(run, names))
    asked = Asked(folder=folder, now_s=fleet.end_s, since_s=fleet.end_s - 5 * DAY_S,
                  silent_after_days=3)  # fmt: skip
    with fleet_tables(folder) as (tables, unread):
        return ask(tables, asked, unread)


class ClickHouse:
    """One engine a process is all that chdb allows."""

    def __init__(self, folder: str) -> None:
        from chdb import session

        self._session = session.Session(folder)

    def run(self, query: str) -> list[dict[str, object]]:
        answer = self._session.query(query, "JSONEachRow").data()
        return [json.loads(line) for line in answer.splitlines()]

    def close(self) -> None:
        self._session.close()


def forms(report: bytes, number: int) -> Iterator[SharedReport]:
    """What came of a run: every tenth twice, as of a collector that answered too late; others
    first in another form, which changed when somebody answered a question. Some in no order.
    """
    shared = msgspec.json.decode(report, type=SharedReport)
    if number % 10 == 0:
        yield shared
    if number % 10 != 5:
        yield shared
        return
    stale = msgspec.structs.replace(
        shared,
        verdict=Readiness.NOT_READY,
        findings=tuple(
            msgspec.structs.replace(each, status=Status.FAIL, summary="Stale")
            for each in shared.findings
        ),
    )
    later = msgspec.structs.replace(shared, amended_at=shared.finished_at.replace("2026", "2027"))
    yield from (stale, later) if number % 20 == 5 else (later, stale)


def table_rows(shared: SharedReport) -> Iterator[dict[str, object]]:
    """A run as rows of otel_logs."""
    for record in records_of(request_of(logs_body(shared))):
        resource, own = {}, {}
        for key, value in record.items():
            if key.startswith("@"):
                continue
            text = str(value).lower() if isinstance(value, bool) else str(value)
            is_shared = key.startswith(OF_RESOURCE) or key in SHARED_KEYS
            (resource if is_shared else own)[key] = text
        yield {
            "Timestamp": f"{int(str(record['@time'])) / 1e9:.9f}",
            "SeverityNumber": record["@severity"], "ServiceName": record["service.name"],
            "Body": record["@body"], "ResourceAttributes": resource, "LogAttributes": own,
        }  # fmt: skip


@pytest.fixture(scope="module")
def clickhouse(fleet: Fleet) -> Iterator[ClickHouse]:
    pytest.importorskip("chdb", reason="ClickHouse's engine: make test-oracles installs it")
    with tempfile.TemporaryDirectory() as folder:
        engine = ClickHouse(f"{folder}/data")
        table = TABLE.read_text()
        assert EXPIRY in table  # the planted runs are of 2026, and must not expire under a test
        for statement in table.replace(EXPIRY, "").replace(TTL_SETTING, "").split(";\n"):
            if statement.strip():
                engine.run(statement)
        rows = Path(folder) / "rows.jsonl"
        with rows.open("w") as file:
            names = name_ids(fleet)
            for number, run in enumerate(fleet.runs):
                for form in forms(named_report(run, names), number):
                    for row in table_rows(form):
                        file.write(json.dumps(row) + "\n")
        engine.run(INSERT.format(file=rows))
        views = VIEWS.read_text()
        assert NOW in views  # a test must not hang on the day on which it runs
        for statement in views.replace(NOW, f"toDateTime64({fleet.end_s}, 3, 'UTC')").split(";\n"):
            if statement.strip():
                engine.run(statement)
        yield engine
        engine.close()


def test_runs_and_findings_count_once(clickhouse: ClickHouse, fleet: Fleet) -> None:
    (told,) = clickhouse.run("SELECT count() AS n, uniqExact(seat) AS seats FROM natwizard_runs")
    assert int(str(told["n"])) == len(fleet.runs)
    # two computers of one disk image are two
    assert int(str(told["seats"])) == len({run.desk.host_id for run in fleet.runs}) + 1
    (findings,) = clickhouse.run("SELECT count() AS n FROM natwizard_findings")
    assert int(str(findings["n"])) == 19 * len(fleet.runs)


def test_clones_of_one_disk_are_the_same_seats(clickhouse: ClickHouse, overview: Overview) -> None:
    """And a computer that was renamed, or got its old name again, is one."""
    told = {str(row["seat"]) for row in clickhouse.run("SELECT DISTINCT seat FROM natwizard_runs")}
    assert told == {row.seat for row in overview.seats}
    assert len([seat for seat in told if "/" in seat]) == 2
    assert [each.detail for each in overview.unread] == ["2"]
    (clones,) = clickhouse.run("SELECT computers FROM natwizard_clones")
    assert int(str(clones["computers"])) == 2


def test_moments_are_the_same(clickhouse: ClickHouse, overview: Overview) -> None:
    told = {
        str(row["seat"]): (float(str(row["at_s"])), float(str(row["offset_s"])))
        for row in clickhouse.run(
            "SELECT seat, toUnixTimestamp64Milli(at) / 1000 AS at_s, offset_s"
            " FROM natwizard_last_runs"
        )
    }
    assert told == {
        row.seat: (pytest.approx(row.at_s, abs=0.002), row.offset_s) for row in overview.seats
    }


def test_seats_are_the_same(clickhouse: ClickHouse, overview: Overview) -> None:
    columns = (
        "seats", "ready", "ready_to_public", "ready_with_advice", "not_ready", "could_not_tell",
    )  # fmt: skip
    told = {
        row["site"]: tuple(int(str(row[column])) for column in columns)
        for row in clickhouse.run("SELECT * FROM natwizard_seats")
    }
    assert told == {
        site.name: tuple(getattr(site, column) for column in columns)
        for site in overview.places_by("site")
    }
    assert all(seats == sum(by_verdict) for seats, *by_verdict in told.values())
    total = overview.total
    assert all(getattr(total, column) for column in columns)


def test_what_fails_where_is_the_same(clickhouse: ClickHouse, overview: Overview) -> None:
    told = {
        (row["requirement"], row["site"]): (int(str(row["failed"])), int(str(row["seats"])))
        for row in clickhouse.run("SELECT * FROM natwizard_requirements")
    }
    assert told == {
        (row.requirement, row.name): (row.failed, row.seats) for row in overview.failing_by("site")
    }


def test_silent_seats_are_the_same(clickhouse: ClickHouse, overview: Overview) -> None:
    before_s = overview.now_s - 3 * DAY_S
    late = clickhouse.run(LATE.format(milliseconds=round(before_s * 1000)))
    assert {row["host_name"] for row in late} == {seat.label for seat in overview.silent}
    assert overview.silent


def test_lines_by_hour_are_the_same(clickhouse: ClickHouse, overview: Overview) -> None:
    told = {
        (row["site"], row["requirement"], int(str(row["hour"]))): row
        for row in clickhouse.run("SELECT * FROM natwizard_lines")
    }
    ours = {
        (line.site, line.requirement, point.hour): (line, point)
        for line in overview.lines
        for point in line.points
    }
    assert told.keys() == ours.keys()
    for key, (line, point) in ours.items():
        side = "p5" if line.higher_is_better else "p95"
        assert float(str(told[key][side])) == pytest.approx(point.p95, rel=1e-6)
        assert int(str(told[key]["runs"])) == point.runs


def test_the_chance_is_fishers(clickhouse: ClickHouse) -> None:
    rows = clickhouse.run("SELECT * FROM natwizard_shared_hours")
    assert len(rows) > 50
    for row in rows:
        counts = [int(str(row[name])) for name in
                  ("failed", "desks", "failed_elsewhere", "desks_elsewhere")]  # fmt: skip
        apart, others = (int(str(row[name])) for name in ("sites_in_trouble", "sites_elsewhere"))
        choices = 2 ** (apart + 1) * math.comb(others, apart) if apart else 1
        exact = min(1.0, fisher_greater(*counts) * choices)
        assert float(str(row["chance"])) == pytest.approx(exact, rel=1e-6)


def test_sites_that_fail_in_one_hour_hide_each_other_in_no_view(clickhouse: ClickHouse) -> None:
    """Two of three sites: each is held against the third, not against the other."""
    rows = clickhouse.run(
        "SELECT * FROM natwizard_shared_hours WHERE sites_in_trouble > 0 AND failed * 2 >= desks"
    )
    for row in rows:
        assert int(str(row["failed_elsewhere"])) <= int(str(row["desks_elsewhere"])) / 2
    together = clickhouse.run(
        "SELECT countIf(failed * 2 >= desks AND failed >= 2) AS sites,"
        " maxIf(sites_in_trouble, failed * 2 >= desks AND failed >= 2) + 1 AS told"
        " FROM natwizard_shared_hours GROUP BY requirement, hour HAVING sites > 1"
    )
    assert together
    assert all(str(row["sites"]) == str(row["told"]) for row in together)


def test_what_is_shared_stands_out_in_the_hours_too(
    clickhouse: ClickHouse, overview: Overview
) -> None:
    """The dashboard's alert would have fired where the analysis finds a fault of a site."""
    sites = {
        (problem.cause.requirement, problem.cause.group)
        for problem in overview.problems
        if problem.cause.kind == "site"
    }
    fired = {
        (row["requirement"], row["site"])
        for row in clickhouse.run(
            "SELECT DISTINCT requirement, site FROM natwizard_shared_hours"
            " WHERE chance < 0.0001 AND failed >= 3"
        )
    }
    assert sites
    assert sites <= fired


def queries() -> Iterator[tuple[str, str]]:
    """Every query of every dashboard, with what Grafana would fill in."""
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text())
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield f"{path.stem}: {panel['title']}", target["rawSql"]
        for variable in dashboard["templating"]["list"]:
            yield f"{path.stem}: ${variable['name']}", variable["query"]


def shown(clickhouse: ClickHouse, fleet: Fleet, name: str) -> list[tuple[object, ...]]:
    """The rows of a panel or of a variable, with figures as numbers and moments in seconds."""
    query = dict(queries())[name]
    sites = ", ".join(f"'{site.name}'" for site in fleet.sites)
    filled = re.sub(r"\$__timeFilter\(([\w.]+)\)", r"\1 > toDateTime(0)", query)
    filled = filled.replace("${site:singlequote}", sites)
    filled = filled.replace("${requirement:singlequote}", f"'{LATENCY}'")
    assert "$" not in filled
    return [tuple(map(plain, row.values())) for row in clickhouse.run(filled)]


def plain(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(cell).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return cell


def hour_of(run: Run) -> float:
    return run.at_s // 3600 * 3600


def by_hour_and_site(fleet: Fleet) -> list[tuple[object, ...]]:
    """95 of 100 of what was planted are no higher, between the two nearest."""
    planted: dict[tuple[float, str], list[float]] = defaultdict(list)
    for run in fleet.runs:
        planted[hour_of(run), run.desk.site.name].append(run.figures[LATENCY])
    return [
        (*key, quantiles([*found, *found[:1]] if len(found) == 1 else found, n=20,
                         method="inclusive")[-1])
        for key, found in planted.items()
    ]  # fmt: skip


def in_trouble_together(fleet: Fleet) -> list[tuple[object, ...]]:
    """Desks that fail in half of their runs of an hour, at each site, against those elsewhere."""
    desks: dict[tuple[str, float], dict[str, dict[str, list[bool]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    names, twins = name_ids(fleet), min(run.desk.host_id for run in fleet.runs)
    for run in fleet.runs:
        host_id = run.desk.host_id
        seat = f"{host_id}/{names[run.run_id][:8]}" if host_id == twins else host_id
        for name in REQUIREMENTS:
            told = desks[name, hour_of(run)][run.desk.site.name]
            told[seat].append(name in run.failing)
    rows: list[tuple[object, ...]] = []
    for (name, hour), sites in desks.items():
        counts = {
            site: (sum(2 * sum(runs) >= len(runs) for runs in there.values()), len(there))
            for site, there in sites.items()
        }
        hit = {site for site, (failed, seats) in counts.items() if 2 * failed >= seats > 0
               and failed >= 2}  # fmt: skip
        for site, (failed, seats) in counts.items():
            rest = [each for other, each in counts.items() if other not in {site, *hit}]
            failed_there, seats_there = sum(each[0] for each in rest), sum(each[1] for each in rest)
            apart, others = len(hit - {site}), len(counts) - 1
            choices = 2 ** (apart + 1) * math.comb(others, apart) if apart else 1
            chance = fisher_greater(failed, seats, failed_there, seats_there) * choices
            if failed >= 3 and chance < 0.0001:
                rows.append((hour, site, name, failed, seats, failed_there, seats_there, chance))
    return rows


def over_time(fleet: Fleet) -> list[tuple[object, ...]]:
    """Runs of an hour by verdict, in the order of the panel."""
    counts: dict[float, Counter[str]] = defaultdict(Counter)
    for run in fleet.runs:
        verdict = run.verdict
        counts[hour_of(run)][
            "could_not_tell" if verdict == Readiness.PARTLY_CHECKED else verdict
        ] += 1
    order = (Readiness.READY, Readiness.READY_WITH_ADVICE, Readiness.NOT_READY,
             Readiness.COULD_NOT_TELL, Readiness.READY_TO_PUBLIC)  # fmt: skip
    return [(hour, *(found[each.value] for each in order)) for hour, found in counts.items()]


def failures_over_time(fleet: Fleet) -> list[tuple[object, ...]]:
    counts = Counter((hour_of(run), name) for run in fleet.runs for name in run.failing)
    return [(*key, count) for key, count in counts.items()]


def expected(fleet: Fleet, overview: Overview) -> dict[str, list[tuple[object, ...]]]:
    """What each panel has to show: by `natwizard fleet`, or by what was planted."""
    total, sites = overview.total, overview.places_by("site")
    last = sorted(overview.seats, key=lambda row: -row.at_s)
    silent = [row for row in last if overview.now_s - row.at_s > 7 * DAY_S]
    titles = {row.requirement: row.title for row in overview.requirements}
    planted_titles = {name: title for name, (title, *_more) in REQUIREMENTS.items()}
    assert titles.keys() == planted_titles.keys()
    latency = [line for line in overview.lines if line.requirement == LATENCY]
    hours: dict[int, list[float]] = defaultdict(list)
    for line in latency:
        for point in line.points:
            hours[point.hour].append(point.p95)
    worst = {line.site: max(line.points, key=lambda point: point.p95) for line in latency}
    names = [(site.name,) for site in fleet.sites]
    return {
        "seats: Seats": [(total.seats,)],
        "seats: Ready": [(total.ready + total.ready_with_advice + total.ready_to_public,)],
        "seats: Not ready": [(total.not_ready,)],
        "seats: Silent for a week": [(len(silent),)],
        "seats: Seats by site": [
            (each.name, each.not_ready, each.could_not_tell, each.ready_with_advice,
             each.ready_to_public, each.ready)
            for each in sites
        ],
        "seats: Runs by verdict": over_time(fleet),
        "seats: Silent seats": [
            (row.host_name, row.site, row.at_s, round((overview.now_s - row.at_s) / DAY_S, 1))
            for row in silent
        ],
        "seats: Seats that are not ready": [
            (row.at_s, row.site, row.host_name, row.run_code)
            for row in last
            if row.verdict == Readiness.NOT_READY
        ],
        "seats: $site": names,
        "requirements: Desks that fail together": in_trouble_together(fleet),
        "requirements: What fails, and who acts": [
            (planted_titles[row.requirement], row.failed, row.seats, row.owner)
            for row in overview.requirements
            if row.failed
        ],
        "requirements: Where": [
            (row.name, planted_titles[row.requirement], row.failed, row.seats,
             pytest.approx(100 * row.failed / row.seats, abs=0.51))
            for row in overview.failing_by("site")
            if row.failed
        ],
        "requirements: Failures over time": failures_over_time(fleet),
        "requirements: $site": names,
        "lines: By hour of the day (local time)": [
            (f"{hour:02}:00", max(told), median(told), 100) for hour, told in hours.items()
        ],
        "lines: Worst hour of each site": [
            (line.site, worst[line.site].hour,
             pytest.approx(worst[line.site].p95, abs=0.051), line.unit, line.limit,
             sum(point.runs for point in line.points))
            for line in latency
        ],
        "lines: Over time": by_hour_and_site(fleet),
        "lines: $requirement": [(name,) for name in (JITTER, LATENCY, LOSS, MOS)],
        "lines: $site": names,
    }  # fmt: skip


def keyed(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """In the order of their words and moments, which tell them apart; figures stand behind."""
    return sorted(
        rows,
        key=lambda row: [
            str(round(cell)) if isinstance(cell, float) and cell > 1e9 else str(cell)
            for cell in row
            if isinstance(cell, str) or (isinstance(cell, int | float) and cell > 1e9)
        ],
    )


@pytest.mark.parametrize("name", [name for name, _query in queries()])
def test_every_panel_of_every_dashboard_shows_what_is_true(
    clickhouse: ClickHouse, fleet: Fleet, overview: Overview, name: str
) -> None:
    wanted = expected(fleet, overview)[name]
    rows = shown(clickhouse, fleet, name)
    assert rows
    assert len(rows) == len(wanted)
    for row, truth in zip(keyed(rows), keyed(wanted), strict=True):
        assert len(row) == len(truth)
        for cell, true in zip(row, truth, strict=True):
            assert cell == (
                pytest.approx(true, rel=1e-6, abs=0.002) if isinstance(true, float) else true
            ), (row, truth)


def test_the_results_of_one_computer_are_deleted_as_the_guide_says(
    clickhouse: ClickHouse, fleet: Fleet
) -> None:
    (statement,) = re.findall(r"`(ALTER TABLE otel_logs DELETE [^`]+)`", GUIDE.read_text())
    gone, kept = sorted({run.desk.host_id for run in fleet.runs})[:2]
    clickhouse.run("CREATE TABLE copied AS otel_logs")
    clickhouse.run(COPY_OF_TWO.format(gone, kept))
    before = {row["seat"]: row["records"] for row in clickhouse.run(COPIED)}
    assert before.keys() == {gone, kept}
    asked = statement.replace("otel_logs", "copied").replace("'...'", f"'{gone}'")
    clickhouse.run(f"{asked} SETTINGS mutations_sync = 1")
    assert {row["seat"]: row["records"] for row in clickhouse.run(COPIED)} == {kept: before[kept]}
    clickhouse.run("DROP TABLE copied")


def test_records_go_after_ninety_days(clickhouse: ClickHouse) -> None:
    """The table as it is shipped, on one day of each age."""
    made = TABLE.read_text()
    made = made[made.index("CREATE TABLE") :].replace("otel_logs", "aged")
    clickhouse.run(made.rstrip(";\n"))
    for days in (0, 89, 92):
        clickhouse.run(
            "INSERT INTO aged (Timestamp, ServiceName) SELECT"
            f" now64(9) - INTERVAL {days} DAY, 'of {days} days'"
        )
    clickhouse.run("OPTIMIZE TABLE aged FINAL")
    told = clickhouse.run("SELECT ServiceName AS age FROM aged ORDER BY Timestamp DESC")
    assert [row["age"] for row in told] == ["of 0 days", "of 89 days"]
    clickhouse.run("DROP TABLE aged")


def test_the_dashboards_are_three_and_read_nothing_but_our_views() -> None:
    assert [path.stem for path in DASHBOARDS] == ["lines", "requirements", "seats"]
    views = set(re.findall(r"CREATE OR REPLACE VIEW (\w+)", VIEWS.read_text()))
    for _name, query in queries():
        assert set(re.findall(r"(?:FROM|JOIN) (\w+)", query)) <= views


def parsed(path: Path) -> dict[str, Any]:
    """A YAML file as Debian's own parser reads it."""
    if sys.platform != "linux":
        pytest.skip("only Linux has Debian's own parser of YAML")
    script = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"
    done = subprocess.run(
        ["/usr/bin/python3", "-c", script],
        input=path.read_bytes(), capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_the_compose_file_asks_for_every_secret_and_pins_every_image() -> None:
    text = (PACKAGE / "compose.yaml").read_text()
    services = parsed(PACKAGE / "compose.yaml")["services"]
    images = [service["image"] for service in services.values()]
    assert len(images) == 4
    assert all(re.search(r":\d", image) for image in images)
    wanted = set(re.findall(r"\$\{(\w+)", text))
    given = set(re.findall(r"^(\w+)=", (PACKAGE / "fleet.env").read_text(), re.MULTILINE))
    assert wanted == given
    for secret in ("NATWIZARD_TOKEN", "CLICKHOUSE_PASSWORD", "GRAFANA_PASSWORD"):
        assert f"${{{secret}:?" in text


def test_all_that_the_compose_file_names_is_there() -> None:
    compose = parsed(PACKAGE / "compose.yaml")
    for service in compose["services"].values():
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            assert (PACKAGE / source).exists() if source.startswith(".") else (
                source in compose["volumes"]
            ), mount  # fmt: skip
        assert set(service.get("depends_on", ())) <= set(compose["services"])
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
    # root of the image ends a server of another user once it has run its files
    assert "KILL" in compose["services"]["clickhouse"]["cap_add"]


def test_the_collectors_settings_name_what_is_there() -> None:
    settings = parsed(PACKAGE / "collector.yaml")
    compose = parsed(PACKAGE / "compose.yaml")
    service = settings["service"]
    assert set(service["extensions"]) == set(settings["extensions"])
    (pipeline,) = service["pipelines"].values()
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == set(settings[kind])
    http = settings["receivers"]["otlp"]["protocols"]["http"]
    assert http["auth"]["authenticator"] in settings["extensions"]
    secrets = {f"/run/secrets/{name}" for name in compose["services"]["collector"]["secrets"]}
    assert {http["tls"]["cert_file"], http["tls"]["key_file"]} == secrets
    storage = settings["exporters"]["clickhouse"]["sending_queue"]["storage"]
    folder = settings["extensions"][storage]["directory"]
    assert f"collector-queue:{folder}" in compose["services"]["collector"]["volumes"]
    wanted = set(re.findall(r"\$\{env:(\w+)\}", (PACKAGE / "collector.yaml").read_text()))
    assert wanted == set(compose["services"]["collector"]["environment"])
    port = http["endpoint"].rpartition(":")[2]
    assert all(each.endswith(f":{port}") for each in compose["services"]["collector"]["ports"])


def test_everybody_means_the_same_database() -> None:
    """The image runs its files in "default" unless they say otherwise."""
    (source,) = parsed(PACKAGE / "grafana/provisioning/datasources/clickhouse.yaml")["datasources"]
    name = source["jsonData"]["defaultDatabase"]
    exporter = parsed(PACKAGE / "collector.yaml")["exporters"]["clickhouse"]
    assert exporter["database"] == name
    assert exporter["logs_table_name"] in TABLE.read_text()
    clickhouse = parsed(PACKAGE / "compose.yaml")["services"]["clickhouse"]
    assert clickhouse["environment"]["CLICKHOUSE_DB"] == name
    assert f"GRANT SELECT ON {name}.*" in (PACKAGE / "clickhouse/grafana-user.xml").read_text()
    for path in (TABLE, VIEWS):
        statements = [each.split("\n")[-1] for each in path.read_text().split(";\n")]
        use = statements.index(f"USE {name}")
        assert not any("CREATE" in each and "DATABASE" not in each for each in statements[:use])
    uids = {source["uid"]} | {
        target["datasource"]["uid"]
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    }
    assert len(uids) == 1
    (provider,) = parsed(PACKAGE / "grafana/provisioning/dashboards/natwizard.yaml")["providers"]
    mounts = parsed(PACKAGE / "compose.yaml")["services"]["grafana"]["volumes"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in mounts

"""The views of packaging/fleet in ClickHouse's own engine, against `natwizard fleet`.

The same 5,000 planted reports take both ways: as files into the folder, and as log records, read
by OpenTelemetry's definitions and written as the collector's exporter writes its table.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from fleet.synthetic import Fleet, make_fleet, report_json, write_fleet
from share.collector import records_of, request_of

from natwizard.fleet.overview import Overview
from natwizard.fleet.questions import DAY_S, Asked, ask
from natwizard.fleet.read import fleet_tables
from natwizard.fleet.significance import fisher_greater
from natwizard.model.shared import SharedReport
from natwizard.share.otlp import logs_body

PACKAGE = Path(__file__).parents[2] / "packaging/fleet"
VIEWS = PACKAGE / "clickhouse/views.sql"
TABLE = PACKAGE / "clickhouse/table.sql"
DASHBOARDS = sorted((PACKAGE / "grafana/dashboards").glob("*.json"))
EXPIRY = "TTL TimestampTime + INTERVAL 90 DAY\n"
INSERT = """
INSERT INTO otel_logs
    (Timestamp, SeverityNumber, ServiceName, Body, ResourceAttributes, LogAttributes)
SELECT * FROM file('{file}', JSONEachRow,
    'Timestamp DateTime64(9), SeverityNumber UInt8, ServiceName String, Body String,
     ResourceAttributes Map(String, String), LogAttributes Map(String, String)')
"""
LATE = """
SELECT host_name FROM natwizard_silent
WHERE last_run < fromUnixTimestamp64Milli(toInt64({milliseconds}))
"""
OF_RESOURCE = ("host.", "service.", "os.")
SHARED_KEYS = {"natwizard.site", "natwizard.subnet", "natwizard.provider", "natwizard.role",
               "natwizard.profile", "natwizard.name_id", "natwizard.far_end"}  # fmt: skip


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    made = make_fleet(31, sites=8, desks=20, days=11, faults=5)
    made.runs = made.runs[:5000]
    return made


@pytest.fixture(scope="module")
def overview(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Overview:
    folder = tmp_path_factory.mktemp("fleet")
    write_fleet(fleet, folder)
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


def table_rows(report: bytes) -> Iterator[dict[str, object]]:
    """A run as rows of otel_logs."""
    shared = msgspec.json.decode(report, type=SharedReport)
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
    pytest.importorskip("chdb")
    with tempfile.TemporaryDirectory() as folder:
        engine = ClickHouse(f"{folder}/data")
        table = TABLE.read_text()
        assert EXPIRY in table  # the planted runs are of 2026, and must not expire under a test
        engine.run(table.replace(EXPIRY, "").replace(", ttl_only_drop_parts = 1", ""))
        rows = Path(folder) / "rows.jsonl"
        with rows.open("w") as file:
            for number, run in enumerate(fleet.runs):
                # every tenth run came twice: a collector that answered too late
                for _ in range(1 + (number % 10 == 0)):
                    for row in table_rows(report_json(run)):
                        file.write(json.dumps(row) + "\n")
        engine.run(INSERT.format(file=rows))
        for statement in VIEWS.read_text().split(";\n"):
            if statement.strip():
                engine.run(statement)
        yield engine
        engine.close()


def test_runs_and_findings_count_once(clickhouse: ClickHouse, fleet: Fleet) -> None:
    (told,) = clickhouse.run("SELECT count() AS n, uniqExact(seat) AS seats FROM natwizard_runs")
    assert int(str(told["n"])) == len(fleet.runs)
    assert int(str(told["seats"])) == len({run.desk.host_id for run in fleet.runs})
    (findings,) = clickhouse.run("SELECT count() AS n FROM natwizard_findings")
    assert int(str(findings["n"])) == 19 * len(fleet.runs)


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
        assert float(str(row["chance"])) == pytest.approx(fisher_greater(*counts), rel=1e-6)


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


@pytest.mark.parametrize(("name", "query"), list(queries()), ids=[name for name, _ in queries()])
def test_every_panel_of_every_dashboard_shows_something(
    clickhouse: ClickHouse, fleet: Fleet, name: str, query: str
) -> None:
    sites = ", ".join(f"'{site.name}'" for site in fleet.sites)
    filled = re.sub(r"\$__timeFilter\(([\w.]+)\)", r"\1 > toDateTime(0)", query)
    filled = filled.replace("${site:singlequote}", sites)
    filled = filled.replace("${requirement:singlequote}", "'quality.latency'")
    assert "$" not in filled
    assert clickhouse.run(filled), name


def test_the_dashboards_are_three_and_read_nothing_but_our_views() -> None:
    assert [path.stem for path in DASHBOARDS] == ["lines", "requirements", "seats"]
    views = set(re.findall(r"CREATE OR REPLACE VIEW (\w+)", VIEWS.read_text()))
    for _name, query in queries():
        assert set(re.findall(r"(?:FROM|JOIN) (\w+)", query)) <= views


def test_the_compose_file_asks_for_every_secret_and_pins_every_image() -> None:
    text = (PACKAGE / "compose.yaml").read_text()
    images = re.findall(r"image: (\S+)", text)
    assert len(images) == 4
    assert all(re.search(r":\d", image) for image in images)
    wanted = set(re.findall(r"\$\{(\w+)", text))
    given = set(re.findall(r"^(\w+)=", (PACKAGE / "fleet.env").read_text(), re.MULTILINE))
    assert wanted == given
    for secret in ("NATWIZARD_TOKEN", "CLICKHOUSE_PASSWORD", "GRAFANA_PASSWORD"):
        assert f"${{{secret}:?" in text
    for mounted in re.findall(r"- \./([\w./-]+):", text):
        assert (PACKAGE / mounted).exists(), mounted

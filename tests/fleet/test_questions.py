"""What the tables answer, against counts made straight from the planted runs."""

import math
import statistics
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from fleet.synthetic import (
    LATENCY,
    REQUIREMENTS,
    WEBPHONE,
    Fleet,
    Run,
    make_fleet,
    report_json,
    write_fleet,
)

from natwizard.checks.catalogue import CHECKS
from natwizard.fleet.device_list import UnreadableList, read_device_list
from natwizard.fleet.overview import GROUPINGS, Overview
from natwizard.fleet.questions import DAY_S, Asked, ask, find_by_code
from natwizard.fleet.read import fleet_tables
from natwizard.fleet.rows import rows_of
from natwizard.fleet.wording import problem_sentence
from natwizard.languages import language_of
from natwizard.model.language import _
from natwizard.model.report import Readiness
from natwizard.run.plan import run_code
from natwizard.share.seat import name_id


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return make_fleet(11, sites=6, desks=12, days=10, silent=0.1)


@pytest.fixture(scope="module")
def folder(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fleet")
    write_fleet(fleet, made)
    return made


def asked(folder: Path, fleet: Fleet, **changes: object) -> Asked:
    settings = {
        "folder": folder, "now_s": fleet.end_s, "since_s": fleet.end_s - 5 * DAY_S,
        "silent_after_days": 4.0, **changes,
    }  # fmt: skip
    return Asked(**settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def overview(folder: Path, fleet: Fleet) -> Iterator[Overview]:
    with fleet_tables(folder) as (tables, unread):
        yield ask(tables, asked(folder, fleet), unread)


def newest(fleet: Fleet) -> dict[str, Run]:
    return {run.desk.host_id: run for run in sorted(fleet.runs, key=lambda run: run.at_s)}


def test_seats_by_verdict(overview: Overview, fleet: Fleet) -> None:
    runs = newest(fleet).values()
    counted = Counter(run.verdict for run in runs)
    assert overview.total.seats == len(runs)
    total = overview.total
    assert set(counted) == set(Readiness)
    assert total.ready == counted["ready"]
    assert total.ready_to_public == counted["ready_as_far_as_public_servers_can_tell"]
    assert total.ready_with_advice == counted["ready_with_advice"]
    assert total.not_ready == counted["not_ready"]
    assert total.could_not_tell == counted["could_not_tell"] + counted["partly_checked"]
    assert overview.runs == len(fleet.runs)
    by_site = Counter(run.desk.site.name for run in runs if run.failing)
    assert {
        site.name: site.not_ready for site in overview.places_by("site") if site.not_ready
    } == by_site


def group_of(run: Run, kind: str) -> str:
    desk = run.desk
    return {"site": desk.site.name, "subnet": desk.subnet, "provider": desk.site.provider,
            "browser": desk.browser, "role": "webphone"}[kind]  # fmt: skip


@pytest.mark.parametrize("kind", GROUPINGS)
def test_seats_by_any_group(overview: Overview, fleet: Fleet, kind: str) -> None:
    seats = Counter(group_of(run, kind) for run in newest(fleet).values())
    assert {place.name: place.seats for place in overview.places_by(kind)} == seats


@pytest.mark.parametrize("kind", GROUPINGS)
def test_what_fails_where(overview: Overview, fleet: Fleet, kind: str) -> None:
    failed = Counter(
        (name, group_of(run, kind)) for run in newest(fleet).values() for name in run.failing
    )
    told = {(row.requirement, row.name): row.failed for row in overview.failing_by(kind)}
    assert {key: count for key, count in told.items() if count} == failed


def test_who_acts(overview: Overview, fleet: Fleet) -> None:
    owners: dict[str, Counter[str]] = defaultdict(Counter)
    for run in newest(fleet).values():
        for name, owner in run.failing.items():
            owners[name][owner] += 1
    for row in overview.requirements:
        if row.failed:
            assert owners[row.requirement][row.owner] == max(owners[row.requirement].values())
        else:
            assert row.owner == ""
    problems = Counter(owner for run in newest(fleet).values() for owner in run.failing.values())
    assert {row.owner: row.problems for row in overview.owners} == problems


def test_silent_seats_are_those_whose_newest_run_is_old(overview: Overview, fleet: Fleet) -> None:
    late = {
        run.desk.host_name for run in newest(fleet).values() if fleet.end_s - run.at_s > 4 * DAY_S
    }
    assert late
    assert {seat.label for seat in overview.silent} == late
    days = [seat.days or math.inf for seat in overview.silent]
    assert days == sorted(days, reverse=True)


def test_changes_since_a_date(overview: Overview, fleet: Fleet) -> None:
    since_s = fleet.end_s - 5 * DAY_S
    before: dict[str, Run] = {}
    after: dict[str, Run] = {}
    for run in sorted(fleet.runs, key=lambda run: run.at_s):
        (after if run.at_s >= since_s else before)[run.desk.host_id] = run
    worse: Counter[tuple[str, str]] = Counter()
    better: Counter[tuple[str, str]] = Counter()
    for seat in before.keys() & after.keys():
        place = after[seat].desk.site.name
        for name in REQUIREMENTS:
            was, now = name in before[seat].failing, name in after[seat].failing
            worse[place, name] += now and not was
            better[place, name] += was and not now
    told = {(row.site, row.requirement): (row.worse, row.better) for row in overview.changes}
    assert told == {key: (worse[key], better[key]) for key in worse if worse[key] or better[key]}
    flows = Counter(
        (before[seat].verdict if seat in before else "", run.verdict) for seat, run in after.items()
    )
    assert {(flow.before, flow.after): flow.seats for flow in overview.flows} == flows


def test_lines_by_local_hour(overview: Overview, fleet: Fleet) -> None:
    values: dict[tuple[str, int], list[float]] = defaultdict(list)
    for run in fleet.runs:
        hour = int((run.at_s / 3600 + run.desk.site.utc_h) % 24)
        values[run.desk.site.name, hour].append(run.figures[LATENCY])
    checked = 0
    for line in overview.lines:
        if line.requirement != LATENCY:
            continue
        assert (line.unit, line.limit, line.higher_is_better) == ("ms", 100.0, False)
        for point in line.points:
            measured = values[line.site, point.hour]
            exact = statistics.quantiles(measured, n=100, method="inclusive")[94]
            assert point.p95 == pytest.approx(exact)
            assert point.runs == len(measured) >= 3
            checked += 1
    assert checked > 40


def test_of_call_quality_the_low_end_counts(overview: Overview) -> None:
    lines = [line for line in overview.lines if line.requirement == "quality.mos"]
    assert lines
    assert all(line.higher_is_better for line in lines)


def test_planted_causes_come_through_files_tables_and_words(
    overview: Overview, fleet: Fleet
) -> None:
    """The whole way, not only the analysis: owner, title and run codes are those of the runs."""
    assert overview.problems
    titles = {check.name: check.title for check in CHECKS}
    by_code = {report_code(run): run for run in fleet.runs}
    for problem in overview.problems:
        fault = next(
            fault
            for fault in fleet.faults
            if fault.requirement == problem.cause.requirement and fault.kind == problem.cause.kind
        )
        assert problem.owner == fault.owner
        assert problem.title == titles[fault.requirement]
        assert problem.run_codes
        assert all(fault.requirement in by_code[code].failing for code in problem.run_codes)
        assert sum(each.failed for each in problem.bins) >= problem.cause.failed


@pytest.mark.parametrize("code", ["en", "de", "fr", "es"])
def test_where_on_the_way_a_fault_lies_is_read_in_every_language(code: str) -> None:
    """Agents' programs speak their own languages; whoever looks after them reads all of them."""
    with language_of(code):
        label = _("Where")
    run = make_fleet(3, sites=1, desks=1, days=1, faults=0).runs[0]
    report = msgspec.json.decode(report_json(run))
    report["language"] = code
    report["findings"][0]["details"] = [
        {"label": "x", "text": "no"}, {"label": label, "text": "At the provider."},
    ]  # fmt: skip
    rows = rows_of(msgspec.json.encode(report), "a.json")
    assert [finding.place for finding in rows.findings[:2]] == ["At the provider.", ""]


def report_code(run: Run) -> str:
    return run_code(uuid.UUID(run.run_id))


def test_a_run_is_found_by_its_four_words(folder: Path, fleet: Fleet) -> None:
    run = fleet.runs[17]
    code = report_code(run)
    with fleet_tables(folder) as (tables, _unread):
        for spoken in (code, code.upper(), f"  {code.replace(' ', '   ')} ", f"{code}.",
                       code.replace(" ", ", "), code.replace(" ", "-")):  # fmt: skip
            (found,) = find_by_code(tables, spoken)
            assert found.run_id == run.run_id
            assert (folder / found.file).is_file()
        assert find_by_code(tables, "no such run here") == []
        assert find_by_code(tables, "' OR 1=1 --") == []


def test_one_site_alone(folder: Path, fleet: Fleet) -> None:
    name = fleet.sites[2].name
    with fleet_tables(folder) as (tables, unread):
        told = ask(tables, asked(folder, fleet, site=name), unread)
    assert {site.name for site in told.places_by("site")} == {name}
    assert told.runs == sum(run.desk.site.name == name for run in fleet.runs)


def test_a_computer_that_moved_is_silent_nowhere(fleet: Fleet, tmp_path: Path) -> None:
    """It is a seat of the site of its newest run, and what it measured before stays there."""
    old = next(run for run in fleet.runs if run.at_s < fleet.end_s - 6 * DAY_S)
    (tmp_path / "old.json").write_bytes(report_json(old))
    moved = msgspec.json.decode(report_json(old))
    newest = datetime.fromtimestamp(fleet.end_s - 3600, UTC).isoformat()
    moved |= {"run_id": "newer", "started_at": newest, "finished_at": newest}
    moved["seat"] |= {"site": "Elsewhere"}
    (tmp_path / "new.json").write_bytes(msgspec.json.encode(moved))
    names = {}
    for site in (old.desk.site.name, "Elsewhere"):
        with fleet_tables(tmp_path) as (tables, unread):
            one = ask(tables, asked(tmp_path, fleet, site=site), unread)
        assert one.silent == ()
        assert one.runs == 1
        names[site] = len(one.seats)
    assert names == {old.desk.site.name: 0, "Elsewhere": 1}


SALT = "a secret of our own"


def named(folder: Path, names: Sequence[str]) -> None:
    """Runs of one host ID, an hour after each other, under these names of a computer."""
    run = make_fleet(9, sites=1, desks=1, days=1, faults=0).runs[0]
    for number, name in enumerate(names):
        report = msgspec.json.decode(report_json(run))
        at = datetime.fromtimestamp(run.at_s + 3600 * number, UTC).isoformat()
        report |= {"run_id": f"run-{number}", "started_at": at, "finished_at": at}
        report["seat"] |= {"host_name": "", "name_id": name_id(SALT, name) if name else ""}
        (folder / f"{number}.json").write_bytes(msgspec.json.encode(report))


@pytest.mark.parametrize(
    ("names", "seats"),
    [
        (["PC-1", "PC-2"] * 3, 2),
        (["PC-1", "PC-2", "PC-3"] * 3, 3),
        (["PC-1"] * 4 + ["PC-2"] * 4, 1),
        (["PC-1"] * 2 + ["PC-2"] * 2 + ["PC-3"] * 2, 1),
        # renamed, and back again
        (["PC-1"] * 3 + ["PC-2"] * 3 + ["PC-1"] * 3, 1),
        (["", "PC-1"] * 3, 1),
        ([""] * 4, 1),
    ],
)
def test_computers_of_one_disk_image_are_seats_of_their_own_and_renamed_ones_are_not(
    tmp_path: Path, names: list[str], seats: int
) -> None:
    named(tmp_path, names)
    devices = tuple(sorted(set(names) - {""}))
    now_s = datetime(2026, 11, 4, tzinfo=UTC).timestamp()
    wanted = Asked(folder=tmp_path, now_s=now_s, since_s=now_s - DAY_S, silent_after_days=4,
                   devices=(*devices, "PC-9"), salt=SALT)  # fmt: skip
    with fleet_tables(tmp_path) as (tables, unread):
        told = ask(tables, wanted, unread)
    assert (told.total.seats, told.runs) == (seats, len(names))
    assert [each.detail for each in told.unread] == ([str(seats)] if seats > 1 else [])
    # a name that a computer had once has reported
    assert [seat.label for seat in told.silent] == ["PC-9"]


def test_a_list_that_names_a_computer_twice_has_it_once(fleet: Fleet, tmp_path: Path) -> None:
    desk = fleet.runs[0].desk
    (tmp_path / "a.json").write_bytes(report_json(fleet.runs[0]))
    name = desk.host_name
    devices = (f"{name}.corp.example.com", name, name.lower(), "PC-X", "pc-x.corp.example.com")
    with fleet_tables(tmp_path) as (tables, unread):
        told = ask(tables, asked(tmp_path, fleet, devices=devices, silent_after_days=99.0), unread)
    assert [seat.label for seat in told.silent] == ["PC-X"]
    assert told.listed == 2
    assert [row.host_name for row in told.seats] == [devices[0]]


def test_a_clock_that_is_ahead_spoils_nothing(fleet: Fleet, tmp_path: Path) -> None:
    for run in fleet.runs[:3]:
        (tmp_path / f"{run.run_id}.json").write_bytes(report_json(run))
    content = report_json(fleet.runs[3]).replace(b'"started_at":"2026', b'"started_at":"2036')
    (tmp_path / "ahead.json").write_bytes(content)
    with fleet_tables(tmp_path) as (tables, unread):
        told = ask(tables, asked(tmp_path, fleet), unread)
    assert told.runs == 3
    assert [each.file for each in told.unread] == ["ahead.json"]


def problem_told(tmp_path: Path, runs: Sequence[Run], zone_of: Callable[[Run], ZoneInfo]) -> str:
    """The one sentence about a folder in which these runs say the time of their own zones."""
    for run in runs:
        report = msgspec.json.decode(report_json(run))
        for name, late_s in (("started_at", 0), ("finished_at", 50)):
            local = datetime.fromtimestamp(run.at_s + late_s, zone_of(run))
            report[name] = local.isoformat(timespec="milliseconds")
        (tmp_path / f"{run.run_id}.json").write_bytes(msgspec.json.encode(report))
    now_s = max(run.at_s for run in runs) + 3600
    with fleet_tables(tmp_path) as (tables, unread):
        wanted = Asked(folder=tmp_path, now_s=now_s, since_s=now_s - 5 * DAY_S, silent_after_days=4)
        told = ask(tables, wanted, unread)
    assert unread == []
    (problem,) = told.problems
    return problem_sentence(problem)


def planted(hours: Sequence[tuple[datetime, bool]], sites: int) -> list[Run]:
    """Every desk runs at these moments, and fails where it says so."""
    made = make_fleet(3, sites=sites, desks=10, days=1, faults=0)
    return [
        Run(
            run_id=str(uuid.UUID(int=1000 * number + place, version=4)), desk=desk,
            at_s=moment.timestamp() + 60 * (place % 10), figures={},
            failing={WEBPHONE: "network_team"} if failed else {},
        )
        for number, (moment, failed) in enumerate(hours)
        for place, desk in enumerate(made.desks)
    ]  # fmt: skip


BERLIN, MADEIRA = ZoneInfo("Europe/Berlin"), ZoneInfo("Atlantic/Madeira")


def test_what_lasts_over_the_change_of_clocks_is_told_by_the_clocks_of_each_day(
    tmp_path: Path,
) -> None:
    """On 25 Oct 2026 German clocks went back: 9:00 was 7:00 UTC before and 8:00 UTC after."""
    days = [datetime(2026, 10, day, 9, tzinfo=BERLIN) for day in range(19, 30)]
    hours = [(day, 23 <= day.day <= 27) for day in days]
    told = problem_told(tmp_path, planted(hours, 1), lambda _run: BERLIN)
    assert "23 Oct 2026, 09:00 to 27 Oct 2026, 09:09" in told
    assert "UTC" not in told


def test_what_comes_back_daily_is_told_by_the_clock_on_the_wall_over_its_change(
    tmp_path: Path,
) -> None:
    days = [datetime(2026, 10, day, tzinfo=BERLIN) for day in range(19, 31)]
    hours = [(day.replace(hour=hour), hour == 9) for day in days for hour in (8, 9, 10, 11)]
    told = problem_told(tmp_path, planted(hours, 1), lambda _run: BERLIN)
    assert "on 12 days between 09:00 and 09:09 by the clocks there" in told


MANILA = ZoneInfo("Asia/Manila")


@pytest.mark.parametrize(
    ("failing_at", "told_as"),
    [
        ({"23:30", "00:00"}, "on 9 days between 23:30 and 00:09 by the clocks there"),
        ({"22:30", "01:00"}, "on 9 days between 01:00 and 01:09 by the clocks there"),
    ],
)
def test_what_comes_back_every_night_is_told_by_nights(
    tmp_path: Path, failing_at: set[str], told_as: str
) -> None:
    """Also where it comes twice in one: nine nights are no eighteen days."""
    first = datetime(2026, 11, 2, 22, tzinfo=MANILA)
    hours = [
        first + timedelta(days=day, minutes=30 * half) for day in range(9) for half in range(8)
    ]
    runs = planted([(hour, f"{hour:%H:%M}" in failing_at) for hour in hours], 1)
    assert told_as in problem_told(tmp_path, runs, lambda _run: MANILA)


def test_where_the_clocks_of_the_desks_differ_it_is_told_in_utc_and_said(tmp_path: Path) -> None:
    days = [datetime(2026, 11, day, hour, tzinfo=UTC) for day in range(2, 7) for hour in (8, 10)]
    hours = [(day, (day.day, day.hour) == (4, 10)) for day in days]
    runs = planted(hours, 2)
    far = runs[-1].desk.site.name
    told = problem_told(
        tmp_path, runs, lambda run: MADEIRA if run.desk.site.name == far else BERLIN
    )
    assert "10:00 to 10:09 on 4 Nov 2026 (UTC)" in told
    assert "everywhere" in told


def test_one_site_alone_is_held_against_the_others(tmp_path: Path) -> None:
    """What the other sites did in the same hours is evidence, whether they are shown or not."""
    days = [datetime(2026, 11, day, hour, tzinfo=UTC) for day in range(2, 5) for hour in (8, 10)]
    runs = planted([(moment, False) for moment in days], 3)
    here, there, _third = {run.desk.site.name: None for run in runs}
    for run in runs:
        if run.desk.site.name == here and run.at_s >= days[-1].timestamp():
            run.failing[WEBPHONE] = "network_team"
        (tmp_path / f"{run.run_id}.json").write_bytes(report_json(run))
    now_s = max(run.at_s for run in runs) + 3600
    told = {}
    for site in ("", here, there):
        wanted = Asked(folder=tmp_path, now_s=now_s, since_s=now_s - DAY_S, silent_after_days=4,
                       site=site)  # fmt: skip
        with fleet_tables(tmp_path) as (tables, unread):
            told[site] = [problem.cause for problem in ask(tables, wanted, unread).problems]
    (cause,) = told[""]
    assert (cause.places, cause.desks_elsewhere, cause.perhaps) == ((here,), 20, ())
    assert (told[here], told[there]) == ([cause], [])


def test_an_empty_folder_is_an_empty_fleet(fleet: Fleet, tmp_path: Path) -> None:
    with fleet_tables(tmp_path) as (tables, unread):
        told = ask(tables, asked(tmp_path, fleet), unread)
    assert (told.runs, told.total.seats, told.problems, told.seats) == (0, 0, (), ())


def test_a_list_tells_who_never_reported(folder: Path, fleet: Fleet) -> None:
    names = tuple(desk.host_name for desk in fleet.desks)
    with fleet_tables(folder) as (tables, unread):
        told = ask(tables, asked(folder, fleet, devices=(*names[5:], "PC-NEVER")), unread)
    never = [seat.label for seat in told.silent if seat.last_s is None]
    heard = {run.desk.host_name for run in fleet.runs}
    assert never == [*(name for name in names[5:] if name not in heard), "PC-NEVER"]
    # computers that are on no list any more have gone: they are not silent
    assert not {seat.label for seat in told.silent} & set(names[:5])


def test_a_list_is_held_against_reports_that_hold_no_name(fleet: Fleet, tmp_path: Path) -> None:
    salt = "a secret of our own"
    for run in fleet.runs[:30]:
        desk = run.desk
        hashed = name_id(salt, desk.host_name).encode()
        content = report_json(run).replace(b'"name_id":""', b'"name_id":"' + hashed + b'"')
        content = content.replace(desk.host_name.encode(), b"")
        (tmp_path / f"{run.run_id}.json").write_bytes(content)
    present = {run.desk.host_name for run in fleet.runs[:30]}
    devices = tuple(f"{name.lower()}.corp.example.com" for name in sorted(present))
    with fleet_tables(tmp_path) as (tables, unread):
        told = ask(tables, asked(tmp_path, fleet, devices=(*devices, "pc-x"), salt=salt), unread)
    assert [seat.label for seat in told.silent if seat.last_s is None] == ["pc-x"]
    assert {row.host_name for row in told.seats} == set(devices)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"PC-1\nPC-2\nPC-2\n", ("PC-1", "PC-2")),
        (b"Device ID,Device name,OS\n7,PC-1,Windows\n8,PC-2,Windows\n", ("PC-1", "PC-2")),
        (b"\xef\xbb\xbf\"Name\";\"Enabled\"\r\n\"PC-1$\";\"True\"\r\n", ("PC-1",)),
        ("DNSHostName\tOU\npc-1.corp.example.com\tx\n".encode("utf-16"),
         ("pc-1.corp.example.com",)),
        (b"Computer Name\n\n", ()),
        # Windows PowerShell's Export-Csv: what kind the rows are of, then the columns
        ((b'#TYPE Microsoft.ActiveDirectory.Management.ADComputer\r\n'
         b'"DistinguishedName","DNSHostName","Enabled","Name"\r\n'
         b'"CN=PC-1,OU=Leeds,DC=corp","pc-1.corp.example.com","True","PC-1"\r\n'
         b'"CN=PC-2,OU=Leeds,DC=corp","","True","PC-2"\r\n'), ("pc-1.corp.example.com", "PC-2")),
        (b'#TYPE Selected.System.String\r\n"Name"\r\n"PC-1"\r\n"PC-2"\r\n', ("PC-1", "PC-2")),
        # dsquery, and a directory's own names
        (b'"CN=PC-1,OU=Leeds,DC=corp"\r\n"CN=PC-2,OU=Leeds,DC=corp"\r\n', ("PC-1", "PC-2")),
        (b"CORP\\PC-1$\nCORP\\PC-2\n\\\\PC-3\n", ("PC-1", "PC-2", "PC-3")),
        # other languages: the first column is an ID
        ("Geräte-ID,Gerätename,Benutzer\n7,PC-1,A\n".encode(), ("PC-1",)),
        ("Geräte-ID;Gerätename\r\n7;PC-1\r\n".encode("cp1252"), ("PC-1",)),
        ("ID de l\u2019appareil,Nom de l\u2019appareil\n7,PC-1\n".encode(), ("PC-1",)),
        (b"Id. de dispositivo,Nombre del dispositivo\n7,PC-1\n", ("PC-1",)),
        (b"ResourceID,Netbios_Name0\n7,PC-1\n", ("PC-1",)),
        # by hand: a title, numbers, people, remarks, two lists joined
        (b"Seats in Leeds,,\n\n#,Name,Computer\n1,Agent A,PC-1\n2,Agent B,PC-2\n",
         ("PC-1", "PC-2")),
        (b"# Leeds, first floor\nPC-1\n# second floor\nPC-2\n", ("PC-1", "PC-2")),
        (b"Device name,OS\nPC-1,Windows\nDevice name,OS\nPC-2,Windows\n", ("PC-1", "PC-2")),
        # whatever looks like a heading further down is a computer's name
        (b"PC-1\nPC\nPC-2\n", ("PC-1", "PC", "PC-2")),
        (b"PC-1,Leeds\nPC,Leeds\n", ("PC-1", "PC")),
    ],
)  # fmt: skip
def test_lists_as_other_programs_write_them(
    tmp_path: Path, content: bytes, names: tuple[str, ...]
) -> None:
    path = tmp_path / "devices.csv"
    path.write_bytes(content)
    assert read_device_list(path) == names


def test_a_list_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(UnreadableList, match="Excel"):
        read_device_list(tmp_path / "book.xlsx")
    with pytest.raises(UnreadableList):
        read_device_list(tmp_path / "nothing.csv")

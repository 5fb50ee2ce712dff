"""A folder that anybody can write to: what is hostile is listed, and hurts nothing."""

import errno
import os
import shutil
import socket
import stat
import sys
import threading
import time
from datetime import UTC, datetime
from multiprocessing import resource_tracker, spawn
from pathlib import Path
from typing import Self

import msgspec
import pytest
from computers.platforms import posix_only
from fleet.synthetic import REQUIREMENTS, make_fleet, report_json, write_fleet
from report.samples import not_ready, ready

from natwizard.fleet import reading
from natwizard.fleet import tables as tables_module
from natwizard.fleet.read import fleet_tables
from natwizard.fleet.reading import FolderTrouble, Unread, read_folder
from natwizard.fleet.rows import rows_of
from natwizard.report.as_json import report_json as saved_json
from natwizard.report.as_pdf import write_pdf

FLEET = make_fleet(5, sites=2, desks=4, days=2, faults=0)
GOOD = report_json(FLEET.runs[0])
NEWER = GOOD.replace(b'"schema_version":1', b'"schema_version":2')


def reasons(folder: Path) -> dict[str, str]:
    """What is not counted, by file."""
    with fleet_tables(folder) as (_tables, unread):
        return {each.file: each.reason.format(detail=each.detail) for each in unread}


def counted(folder: Path) -> int:
    with fleet_tables(folder) as (tables, _unread):
        return int(tables.number("SELECT count(*) FROM runs"))


def test_every_form_of_a_report_is_read(tmp_path: Path) -> None:
    runs = [report_json(run) for run in FLEET.runs[:4]]
    (tmp_path / "plain.json").write_bytes(runs[0])
    (tmp_path / "mark.json").write_bytes(b"\xef\xbb\xbf" + runs[1])
    (tmp_path / "wide.json").write_bytes(runs[2].decode().encode("utf-16"))
    (tmp_path / "below").mkdir()
    (tmp_path / "below/UPPER.JSON").write_bytes(runs[3])
    (tmp_path / "indented.json").write_bytes(saved_json(ready()))
    for number, encoding in enumerate(("utf-16-le", "utf-16-be", "utf-32")):
        odd = report_json(FLEET.runs[4 + number]).decode().encode(encoding)
        (tmp_path / f"{encoding}.json").write_bytes(odd)
    write_pdf(not_ready(), tmp_path / "report.pdf")
    (tmp_path / "padded.json").write_bytes(report_json(FLEET.runs[7]) + b"\0" * 4096)
    write_pdf(msgspec.structs.replace(ready(), run_id="another"), tmp_path / "mailed.pdf")
    mailed = (tmp_path / "mailed.pdf").read_bytes()
    (tmp_path / "mailed.pdf").write_bytes(b"X-Gateway: scanned\r\n" + mailed)
    assert reasons(tmp_path) == {}
    assert counted(tmp_path) == 11


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (GOOD[:400], "half-written"),
        (b"{}", "not a natwizard report"),
        (b"[1, 2]", "not a natwizard report"),
        (b"null", "not a natwizard report"),
        (b'{"kind": "watch", "schema_version": 1}', "a watch"),
        (b"\x00\x01\x02}", "not a natwizard report"),
        (b"\xff\xfe\x00", "not a natwizard report"),
        (b"[" * 200_000 + b"]" * 200_000 + b"}", "not a natwizard report"),
        (GOOD.replace(b'"schema_version":1', b'"schema_version":99'), "newer"),
        # a newer one may have words, kinds of values and fields that we do not know
        (NEWER.replace(b'"pass"', b'"excellent"', 1), "newer"),
        (NEWER.replace(b'"verdict":"', b'"verdict":7,"was":"'), "newer"),
        (NEWER.replace(b'"run_id"', b'"run"'), "newer"),
        (GOOD.replace(b'"pass"', b'"excellent"', 1), "not a natwizard report"),
        (GOOD[: GOOD.rindex(b"}", 0, -200) + 1], "half-written"),
        # what is left of a file where the power went, or a copy that reserved its room
        (b"\0" * 5000, "empty"),
        (GOOD[:400] + b"\0" * 4000, "half-written"),
        # an empty battery: the clock begins at the date of the firmware
        (GOOD.replace(b'"started_at":"2026', b'"started_at":"2016'), "clock was wrong"),
        (GOOD.replace(b"2026-11", b"yesterday"), "nobody can read when"),
        (GOOD.replace(b'"started_at":"2026', b'"started_at":"1926'), "clock was wrong"),
        (b"%PDF-1.7\nnothing here\n%%EOF", "damaged"),
        (b"%PDF-1.7", "damaged"),
    ],
)
def test_what_is_no_report_is_listed_with_its_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    (tmp_path / "good.json").write_bytes(report_json(FLEET.runs[1]))
    told = reasons(tmp_path)
    assert list(told) == ["bad.json"]
    assert reason in told["bad.json"]
    assert counted(tmp_path) == 1


NUMBERS = ("1" * 400, "-" + "9" * 4000, "1e308", "-1e308", "1e400", "NaN", "Infinity", "-0",
           "9223372036854775808", "1e-400")  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("part", ["measured", "gauge", "limit"])
def test_no_number_stops_the_others_or_spoils_their_figures(
    tmp_path: Path, number: str, part: str
) -> None:
    """Whether the file counts without it or is listed; nothing else may change."""
    report = msgspec.json.decode(report_json(FLEET.runs[2]))
    finding = next(each for each in report["findings"] if each["gauge"])
    if part == "measured":
        finding["measured"][0]["value"] = "@"
    else:
        finding["gauge"]["value" if part == "gauge" else "limit"] = "@"
    text = msgspec.json.encode(report).replace(b'"@"', number.encode())
    (tmp_path / "odd.json").write_bytes(text)
    for index in range(2):
        (tmp_path / f"{index}.json").write_bytes(report_json(FLEET.runs[index]))
    with fleet_tables(tmp_path) as (tables, unread):
        assert tables.number("SELECT count(*) FROM runs") + len(unread) == 3
        for table, column in (("values", "value"), ("findings", "headline")):
            told = tables.number(f'SELECT sum(abs("{column}")) FROM "{table}"')  # noqa: S608
            assert told < 1e20


def unexpected(_content: bytes, file: str) -> object:
    """In place of `rows_of`: a fault of ours that one file shows."""
    if file == "bad.json":
        raise ZeroDivisionError
    return rows_of(GOOD, file)


def test_a_fault_that_one_file_shows_costs_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bad.json", "good.json"):
        (tmp_path / name).write_bytes(GOOD)
    monkeypatch.setattr(reading, "rows_of", unexpected)
    assert reasons(tmp_path) == {"bad.json": "it brings the reader down"}


def test_places_and_requirements_without_end_are_told_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every table has a row for each requirement at each place."""
    monkeypatch.setattr(tables_module, "MOST_PLACES", 5)
    monkeypatch.setattr(tables_module, "MOST_REQUIREMENTS", 30)
    for number in range(12):
        report = msgspec.json.decode(GOOD)
        report["run_id"] = f"odd-{number}"
        report["seat"] = {"host_id": f"{number:032x}", "site": f"Site {number}", "provider": "N"}
        report["findings"] += [
            {**report["findings"][1], "requirement": f"own.{number}.{each}"} for each in range(40)
        ]
        (tmp_path / f"{number}.json").write_bytes(msgspec.json.encode(report))
    for run in FLEET.runs:
        (tmp_path / f"{run.run_id}.json").write_bytes(report_json(run))
    with fleet_tables(tmp_path) as (tables, unread):
        assert {each.file for each in unread} == {"… site", "… requirement"}
        assert tables.number("SELECT count(*) FROM runs") == 12 + len(FLEET.runs)
        sites = {str(name) for (name,) in tables.stream("SELECT DISTINCT site FROM runs")}
        assert {site.name for site in FLEET.sites} <= sites
        assert len(sites - {""}) == 5
        names = {str(n) for (n,) in tables.stream("SELECT DISTINCT requirement FROM findings")}
        assert set(REQUIREMENTS) <= names
        assert len(names) == 30


def test_ten_thousand_findings_are_refused_and_cost_nothing(tmp_path: Path) -> None:
    report = msgspec.json.decode(GOOD)
    report["findings"] = report["findings"][:1] * 10_000
    (tmp_path / "many.json").write_bytes(msgspec.json.encode(report))
    assert "more than 1000 findings" in reasons(tmp_path)["many.json"]


def test_a_requirement_that_stands_twice_in_a_report_counts_once(tmp_path: Path) -> None:
    """Else one file would be as many seats as it likes."""
    report = msgspec.json.decode(GOOD)
    forged = {**report["findings"][3], "status": "fail"}
    report["findings"] += [forged] * 500
    (tmp_path / "many.json").write_bytes(msgspec.json.encode(report))
    with fleet_tables(tmp_path) as (tables, unread):
        assert unread == []
        rows = list(tables.stream("SELECT requirement, status FROM findings ORDER BY position"))
    told = {str(name): str(status) for name, status in rows}
    assert len(rows) == len(told) == len(REQUIREMENTS)
    assert told[forged["requirement"]] == report["findings"][3]["status"]


@posix_only("its time zone is no setting of a single program's")
def test_a_moment_without_an_offset_is_nobodys_local_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        rows = rows_of(GOOD.replace(b'"started_at":"', b'"started_at":"2026-11-05T09:00:00","a":"'),
                       "x.json")  # fmt: skip
    finally:
        monkeypatch.undo()
        time.tzset()
    assert rows.run.at_s == datetime(2026, 11, 5, 9, tzinfo=UTC).timestamp()


class Going:
    """The entries of a share that goes away after some."""

    def __init__(self, entries: list["os.DirEntry[str]"]) -> None:
        self._entries = iter(entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is open."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> "os.DirEntry[str]":
        for entry in self._entries:
            return entry
        raise OSError(errno.ESTALE, "Stale file handle")


def test_a_share_that_goes_away_while_it_is_listed_is_told_and_keeps_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.json").write_bytes(report_json(FLEET.runs[number]))
    real = os.scandir
    monkeypatch.setattr(reading.os, "scandir", lambda place: Going(list(real(place))))
    unread: list[Unread] = []
    assert len(list(reading._listed(tmp_path, unread))) == 3
    assert [(each.file, each.detail) for each in unread] == [("…", "Stale file handle")]


@posix_only("it asks for the most memory that was ever held")
def test_a_huge_file_is_never_read(tmp_path: Path) -> None:
    import resource

    for name in ("huge.json", "huge.pdf"):
        with (tmp_path / name).open("wb") as file:
            file.write(b"%PDF-" if name.endswith("pdf") else b"{")
            file.truncate(10_000_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = reasons(tmp_path)
    assert set(told) == {"huge.json", "huge.pdf"}
    assert all("larger than" in reason for reason in told.values())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < 200_000_000


@posix_only("there are no such pipes and sockets")
def test_links_pipes_and_sockets_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.json").write_bytes(GOOD)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.json").symlink_to(outside / "secret.json")
    (folder / "up").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.json").symlink_to(outside / "nothing")
    os.mkfifo(folder / "pipe.json")
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket must be short
    try:
        listening.bind("talk.json")
    finally:
        os.chdir(here)
    told = reasons(folder)
    listening.close()
    assert set(told) == {"link.json", "up", "loop", "dangling.json", "pipe.json", "talk.json"}
    assert counted(folder) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these numbers for devices")
def test_devices_are_not_read(tmp_path: Path) -> None:
    """One that never ends, and one that ends at once; root alone can make them."""
    try:
        for minor, name in ((5, "zero.json"), (3, "null.json")):
            os.mknod(tmp_path / name, stat.S_IFCHR | 0o666, os.makedev(1, minor))
    except PermissionError:
        pytest.skip("only root makes devices")
    (tmp_path / "good.json").write_bytes(GOOD)
    assert reasons(tmp_path) == dict.fromkeys(("zero.json", "null.json"), "not an ordinary file")
    # nor where it is put in place of a file meanwhile
    chunk = reading.read_chunk(str(tmp_path), str(tmp_path / "x"), ["zero.json"])
    assert [each.file for each in chunk.unread] == ["zero.json"]


def test_a_file_that_grows_while_it_is_read_is_bounded(tmp_path: Path) -> None:
    """It is listed or counted, and no more of it is held than a report can have."""
    growing = tmp_path / "growing.json"
    growing.write_bytes(GOOD)
    done = threading.Event()

    def grow() -> None:
        with growing.open("ab") as file:
            while not done.is_set() and file.tell() < 20 * reading.JSON_LIMIT_BYTES:
                file.write(b" " * 1_000_000)
                file.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        for number in range(50):
            chunk = reading.read_chunk(str(tmp_path), str(tmp_path / f"{number}"), [growing.name])
            assert chunk.runs + len(chunk.unread) == 1
    finally:
        done.set()
        writer.join()
    growing.write_bytes(GOOD + b" " * reading.JSON_LIMIT_BYTES)
    assert "larger than" in reasons(tmp_path)["growing.json"]


def test_thousands_of_broken_files_are_listed_and_hide_no_report(tmp_path: Path) -> None:
    """Each of a kind of its own, in folders too; a hundred thousand were tried once by hand."""
    broken = (b"", b"{", b"[", b"\x00", b"{}", b"%PDF", b"null", b"\xff\xfe", b'{"run_id": 7}')
    for number in range(3000):
        folder = tmp_path / f"{number % 7}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.json").write_bytes(broken[number % len(broken)])
    for run in FLEET.runs:
        (tmp_path / f"{run.run_id}.json").write_bytes(report_json(run))
    told = reasons(tmp_path)
    assert len(told) == 3000
    assert all(told.values())
    assert counted(tmp_path) == len(FLEET.runs)


def test_a_run_of_another_seat_with_the_same_id_is_listed_and_counts_once(tmp_path: Path) -> None:
    """Nobody can tell which is right; none is added to the other, and both files are named."""
    (tmp_path / "a.json").write_bytes(GOOD)
    other = msgspec.json.decode(GOOD)
    other["seat"] |= {"host_id": "f" * 32, "site": "Elsewhere"}
    other["findings"] = other["findings"][:3]
    (tmp_path / "b.json").write_bytes(msgspec.json.encode(other))
    with fleet_tables(tmp_path) as (tables, unread):
        ((kept, count),) = tables.stream(
            "SELECT any_value(r.file), count(*) FROM runs r JOIN findings f USING (run_id, file)"
        )
        assert tables.number("SELECT count(*) FROM findings") == count
        assert {str(kept)} | {each.file for each in unread} == {"a.json", "b.json"}
        assert unread[0].detail == kept


@posix_only("who may make links is a right of its own")
def test_a_link_put_in_place_of_a_file_meanwhile_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_bytes(GOOD)
    (tmp_path / "late.json").symlink_to(tmp_path / "secret.json")
    chunk = reading.read_chunk(str(tmp_path), str(tmp_path / "x"), ["late.json"])
    assert chunk.runs == 0
    assert chunk.unread[0].file == "late.json"


@pytest.mark.parametrize(
    "name",
    ["it's.json", "'; DROP TABLE runs; --.json", "[a-z].json", "$(reboot).json", "\u202etxt.json",
     "=1+1.json", "na\u00efve.json",
     *(pytest.param(name, marks=posix_only("no file may be called that"))
       for name in ('say "hi".json', "line\nbreak.json", "*.json"))],
)  # fmt: skip
def test_any_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(GOOD)
    (tmp_path / f"bad {name}").write_bytes(b"{")
    with fleet_tables(tmp_path) as (tables, unread):
        assert [each.file for each in unread] == [f"bad {name}"]
        assert list(tables.stream("SELECT file FROM runs")) == [(name,)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_a_name_that_is_no_text_is_shown_in_escapes(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.json")).write_bytes(GOOD)
    with fleet_tables(tmp_path) as (tables, unread):
        assert unread == []
        ((file,),) = tables.stream("SELECT file FROM runs")
        assert str(file).isascii()


def test_the_same_run_twice_counts_once_as_it_was_finished_last(tmp_path: Path) -> None:
    early = msgspec.json.decode(GOOD)
    late = {**early, "finished_at": "2026-11-30T23:59:59+00:00", "verdict": "not_ready"}
    (tmp_path / "a.json").write_bytes(msgspec.json.encode(early))
    (tmp_path / "b.json").write_bytes(msgspec.json.encode(late))
    (tmp_path / "c.json").write_bytes(msgspec.json.encode(early))
    # later by the clock on the wall, and earlier in the world
    east = {**early, "finished_at": "2026-12-01T08:00:00+09:00"}
    (tmp_path / "d.json").write_bytes(msgspec.json.encode(east))
    (tmp_path / "e.json").write_bytes(msgspec.json.encode({**early, "amended_at": "zzzz"}))
    with fleet_tables(tmp_path) as (tables, unread):
        assert {each.file: each.detail for each in unread} == {"a.json": "b.json",
                                                               "c.json": "b.json",
                                                               "d.json": "b.json",
                                                               "e.json": "b.json"}  # fmt: skip
        assert list(tables.stream("SELECT verdict FROM runs")) == [("not_ready",)]
        assert tables.number("SELECT count(*) FROM findings") == len(early["findings"])


@posix_only("it limits how many files may be open")
def test_more_folders_than_may_be_open_are_all_read(tmp_path: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = len(os.listdir("/dev/fd"))
    for number in range(120):
        (tmp_path / f"{number}" / "below").mkdir(parents=True)
        (tmp_path / f"{number}" / "below" / "report.json").write_bytes(GOOD)
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 40, hard))
    try:
        unread: list[Unread] = []
        assert len(list(reading._listed(tmp_path, unread))) == 120
        assert unread == []
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_unfinished_and_foreign_files_are_told(tmp_path: Path) -> None:
    (tmp_path / ".x.json.1a2b.part").write_bytes(GOOD)
    (tmp_path / "notes.docx").write_bytes(b"x")
    assert {reason.partition(":")[0] for reason in reasons(tmp_path).values()} == {
        "unfinished", "neither JSON nor PDF",
    }  # fmt: skip


def test_a_folder_that_is_none_is_trouble_and_not_an_empty_fleet(tmp_path: Path) -> None:
    with pytest.raises(FolderTrouble):
        read_folder(tmp_path / "nowhere", tmp_path)


def crash(content: bytes, file: str) -> object:
    """In place of `rows_of`: what a parser with a fault in C would do."""
    if b"crash" in content:
        os._exit(1)
    from natwizard.fleet.rows import rows_of

    return rows_of(content, file)


@pytest.mark.timeout(600)  # a dozen processes are started, one after the other
def test_a_file_that_kills_its_reader_is_found_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With real processes that really die; `-c` of each child puts the fault in."""
    folder, scratch = tmp_path / "folder", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    fleet = make_fleet(6, sites=2, desks=6, days=3, faults=0)
    write_fleet(fleet, folder)
    for number in range(2):
        (folder / f"bad-{number}.json").write_bytes(b"crash")
    monkeypatch.setattr(reading, "FILES_A_CHUNK", 4)
    monkeypatch.setattr(reading, "ALONE_UP_TO", 0)
    monkeypatch.setattr(reading, "read_chunk", read_chunk_that_may_crash)
    unread = read_folder(folder, scratch, processes=2)
    assert unread == [
        Unread(f"bad-{number}.json", "it brings the reader down") for number in range(2)
    ]
    lines = sum(path.read_bytes().count(b"\n") for path in scratch.glob("*.runs.jsonl"))
    assert lines == len(fleet.runs)


@posix_only("no program stands for a Python that ends at once")
def test_where_no_process_can_be_started_it_reads_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And blames no file for it; a Python that ends at once stands for what forbids it."""
    folder, scratch = tmp_path / "folder", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    fleet = make_fleet(6, sites=2, desks=6, days=3, faults=0)
    write_fleet(fleet, folder)
    monkeypatch.setattr(reading, "FILES_A_CHUNK", 4)
    monkeypatch.setattr(reading, "ALONE_UP_TO", 0)
    resource_tracker.ensure_running()  # it is no reader
    program, ends_at_once = spawn.get_executable(), shutil.which("false")
    assert ends_at_once
    spawn.set_executable(ends_at_once)
    try:
        assert read_folder(folder, scratch, processes=2) == []
    finally:
        spawn.set_executable(program)
    lines = sum(path.read_bytes().count(b"\n") for path in scratch.glob("*.runs.jsonl"))
    assert lines == len(fleet.runs)


def read_chunk_that_may_crash(folder: str, stem: str, names: list[str]) -> reading.Chunk:
    """Runs in a child process, which imports this file to find it."""
    from natwizard.fleet import reading as real

    real.rows_of = crash  # type: ignore[assignment]
    chunk: reading.Chunk = real.read_chunk(folder, stem, names)
    return chunk


def test_processes_read_the_same_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    fleet = make_fleet(8, sites=3, desks=10, days=5)
    write_fleet(fleet, folder)
    assert len(fleet.runs) > reading.ALONE_UP_TO
    lines = []
    for processes in (1, 2):
        scratch = tmp_path / f"scratch{processes}"
        scratch.mkdir()
        assert read_folder(folder, scratch, processes=processes) == []
        rows = [line for path in scratch.glob("*.jsonl") for line in path.read_bytes().splitlines()]
        lines.append(sorted(rows))
    assert lines[0] == lines[1]


def test_after_loading_the_database_opens_no_other_file(tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "a.json").write_bytes(GOOD)
    with (
        fleet_tables(tmp_path) as (tables, _unread),
        pytest.raises(duckdb.Error, match="disabled"),
    ):
        tables.number("SELECT count(*) FROM read_text('/etc/hostname')")


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.json").write_bytes(GOOD)
    counted(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]

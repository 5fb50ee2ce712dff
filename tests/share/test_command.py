"""natwizard check with a share: the real program, its exit code, and what it puts where."""

import json
import lzma
import platform
import py_compile
import re
import sys
from pathlib import Path

import pytest
from computers.program import Program
from fleet.synthetic import REQUIREMENTS
from msgspec import structs
from report.samples import ready, record
from share.collector import Gate, Sink, records_of, request_of, serving

import natwizard
from natwizard.model.report import Report
from natwizard.model.shared import Seat
from natwizard.report.as_json import report_json
from natwizard.report.as_pdf import write_pdf
from natwizard.report.redact import redact
from natwizard.share.shared_report import file_name, shared_json, shared_report
from natwizard.system import last_run

ONLY = ("check", "--only", "computer", "--no-redact")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def files_in(folder: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]


def test_json_to_puts_the_masked_run_into_the_folder(program: Program) -> None:
    folder = program.home / "share"
    folder.mkdir()
    plain = program.run(*ONLY, "--json", "plain.json")
    done = program.run(*ONLY, "--quiet", "--json-to", str(folder))
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, "", "")
    (shared,) = files_in(folder)
    assert shared["redacted"] is True
    seat = shared["seat"]
    assert isinstance(seat, dict)
    assert len(seat["host_id"]) == 32
    name = platform.node()
    if len(name) > 3:
        assert name not in json.dumps(shared)
    again = program.run(*ONLY, "--json-to", str(folder))
    assert "The result went to" in again.stderr
    assert len(files_in(folder)) == 2
    assert len({run["seat"]["host_id"] for run in files_in(folder)}) == 1  # type: ignore[index]


def test_the_report_says_whether_it_went(program: Program) -> None:
    folder = program.home / "share"
    away = program.run(*ONLY, "--json-to", str(folder), "--json", "report.json", "--pdf", "r.pdf")
    told = json.loads((program.home / "report.json").read_text())["handed_over"]
    assert [each["outcome"] for each in told] == ["waiting"]
    assert "with the next run" in " ".join(away.stdout.split())
    shown = program.run("show", "--text", "r.pdf").stdout
    assert "with the next run" in " ".join(shown.split())
    folder.mkdir()
    there = program.run(*ONLY, "--json-to", str(folder), "--json", "report.json")
    told = json.loads((program.home / "report.json").read_text())["handed_over"]
    assert [each["outcome"] for each in told] == ["sent"]
    # a long path is broken in the middle
    assert "".join(f"sent to {folder}".split()) in "".join(there.stdout.split())
    assert all(run["handed_over"] == [] for run in files_in(folder))
    nobody = program.run(*ONLY, "--json", "report.json")
    assert json.loads((program.home / "report.json").read_text())["handed_over"] == []
    assert "sent to" not in nobody.stdout


def test_a_share_that_is_not_there_changes_nothing_but_a_line(program: Program) -> None:
    folder = program.home / "later"
    plain = program.run(*ONLY)
    done = program.run(*ONLY, "--json-to", str(folder))
    assert done.returncode == plain.returncode
    assert "goes to" in done.stderr
    assert "with the next run" in done.stderr
    quiet = program.run(*ONLY, "--quiet", "--json-to", str(folder))
    assert (quiet.returncode, quiet.stderr) == (plain.returncode, "")
    waiting = program.run("share", "waiting")
    assert len(waiting.stdout.splitlines()) == 2
    folder.mkdir()
    program.run(*ONLY, "--quiet", "--json-to", str(folder))
    assert len(files_in(folder)) == 3
    assert program.run("share", "waiting").stdout == ""


def test_the_profile_sends_to_folder_and_collector_at_once(program: Program) -> None:
    sink = Sink()
    gate = Gate(lambda: 0)
    gate.answers = [(200, {}, b"{}")] * 3
    folder = program.home / "share"
    folder.mkdir()
    with serving(gate.handler()) as port:
        (program.home / "site.toml").write_text(
            'extends = "natterbox"\n'
            '[share]\nrecipient = "Example Ltd\'s helpdesk"\n'
            f"folder = '{folder}'\n"
            f'otlp = "http://127.0.0.1:{port}/v1/logs"\n'
            f'token = "{gate.token}"\nsalt = "sixteen letters!"\n'
            '[[sites]]\nname = "Everywhere"\nsubnets = ["0.0.0.0/0", "::/0"]\n'
        )
        done = program.run(*ONLY, "--profile", "site.toml")
    assert done.stderr.count("The result went to Example Ltd's helpdesk.") == 2
    assert gate.token not in done.stdout + done.stderr
    (shared,) = files_in(folder)
    assert gate.token not in json.dumps(shared)
    ((_headers, body),) = gate.requests
    import gzip

    sink.records += records_of(request_of(gzip.decompress(body)))
    assert sink.runs() == [shared["run_id"]]
    assert {record["host.id"] for record in sink.records} == {shared["seat"]["host_id"]}  # type: ignore[index]


def test_a_report_that_was_saved_is_sent_by_hand(program: Program) -> None:
    folder = program.home / "share"
    folder.mkdir()
    (program.home / "p.toml").write_text(f"extends = \"natterbox\"\n[share]\nfolder = '{folder}'\n")
    program.run(*ONLY, "--json", "saved.json")
    done = program.run("share", "send", "saved.json", "--profile", "p.toml")
    assert (done.returncode, len(files_in(folder))) == (0, 1)
    assert "The result went to" in done.stdout
    nobody = program.run("share", "send", "saved.json")
    assert nobody.returncode == 64
    assert "[share]" in nobody.stderr


def profile_with(program: Program, folder: Path, *sites: tuple[str, str]) -> None:
    """p.toml: a share, and sites by name and subnet."""
    text = f'extends = "natterbox"\n[share]\nsalt = "sixteen letters!"\nfolder = \'{folder}\'\n'
    for name, subnet in sites:
        text += f'[[sites]]\nname = "{name}"\nsubnets = ["{subnet}"]\n'
    (program.home / "p.toml").write_text(text)


def saved_as(program: Program, name: str, report: Report) -> None:
    (program.home / name).write_bytes(report_json(report))


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("suffix", ["json", "pdf"])
def test_a_report_of_another_computer_is_never_counted_as_this_ones(
    program: Program, suffix: str
) -> None:
    folder = program.home / "share"
    folder.mkdir()
    profile_with(program, folder, ("Here", "0.0.0.0/0"))
    for report in (ready(), redact(ready())):
        if suffix == "pdf":
            write_pdf(report, program.home / "other.pdf")
        else:
            saved_as(program, "other.json", report)
        for what in ("send", "show"):
            done = program.run("share", what, f"other.{suffix}", "--profile", "p.toml")
            assert done.returncode == 64, done.stderr
            assert "made on this computer" in done.stderr
            assert done.stdout == ""
    assert files_in(folder) == []
    assert program.run("share", "waiting").stdout == ""


def test_a_report_that_was_shared_before_keeps_its_seat_and_its_time(program: Program) -> None:
    """As when a folder is moved into a collector, or another folder."""
    folder = program.home / "share"
    folder.mkdir()
    profile_with(program, folder, ("Here", "0.0.0.0/0"))
    seat = Seat(
        host_id="ab" * 16, name_id="cd" * 16, host_name="WS-7", site="Leeds",
        subnet="10.20.0.0/22", provider="Northern Fibre",
    )  # fmt: skip
    moment = "2026-11-22T15:00:00.000+01:00"
    before = shared_report(ready(), seat, amended_at=moment)
    (program.home / "other.json").write_bytes(shared_json(before).decode().encode("utf-16"))
    done = program.run("share", "send", "other.json", "--profile", "p.toml")
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.json")
    assert path.name == file_name(seat, before.run_id)
    assert path.read_bytes() == shared_json(before)


def test_a_saved_run_is_of_the_site_where_it_was_made(program: Program) -> None:
    """A laptop's run of yesterday's desk is sent from today's: neither site nor provider moves."""
    folder = program.home / "share"
    folder.mkdir()
    profile_with(program, folder, ("Leeds", "10.20.0.0/22"), ("Everywhere else", "0.0.0.0/0"))
    flow = {"local_address": "10.20.1.7", "public": {"host": "198.51.100.9", "port": 5}}
    machine = structs.replace(ready().machine, host_name=platform.node())
    made = structs.replace(ready(), machine=machine, outcomes=(record("stun", {"flows": [flow]}),))
    saved_as(program, "made.json", made)
    # nothing in it says where it was made, so it is of no site rather than of a wrong one
    nowhere = structs.replace(made, run_id="5f1d3a52-7c41-4a53-9a6d-0c5a1e2b3c4e", outcomes=())
    saved_as(program, "nowhere.json", nowhere)
    for name in ("made.json", "nowhere.json"):
        done = program.run("share", "send", name, "--profile", "p.toml")
        assert done.returncode == 0, done.stderr
    sites = {run["run_id"]: run["seat"]["site"] for run in files_in(folder)}  # type: ignore[index]
    assert sites == {made.run_id: "Leeds", nowhere.run_id: ""}


def left_behind(program: Program) -> dict[str, object]:
    """What a run left for inventory tools: a file, or the registry where there is one."""
    found = list(program.home.rglob("last-run.json"))
    if sys.platform == "win32":
        import winreg

        assert not found
        flags = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with winreg.OpenKeyEx(winreg.HKEY_CURRENT_USER, last_run.KEY, 0, flags) as key:
            values = [winreg.EnumValue(key, at) for at in range(winreg.QueryInfoKey(key)[1])]
        return {re.sub("(?<!^)(?=[A-Z])", "_", name).lower(): told for name, told, _kind in values}
    assert len(found) == 1
    return dict(json.loads(found[0].read_text()))


def test_the_outcome_is_left_where_inventory_tools_look(program: Program) -> None:
    done = program.run(*ONLY, "--quiet", "--json", "report.json")
    report = json.loads((program.home / "report.json").read_text())
    assert left_behind(program) == {
        "verdict": report["verdict"],
        "exit_code": done.returncode,
        "at": report["started_at"],
        "failing": ", ".join(
            each["requirement"] for each in report["findings"] if each["status"] == "fail"
        ),
        "run_code": report["run_code"],
        "version": report["app_version"],
    }
    assert not list(program.home.rglob("last-run.part"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[share]\notlp = "http://collector.example.com/v1/logs"', "share.otlp"),
        ('[share]\notlp = "https://me:secret@collector.example.com"', "share.otlp"),
        ('[share]\notlp = "https://["', "share.otlp"),
        ('[share]\ntoken = "two words"', "share.token"),
        ('[share]\nsalt = "short"', "share.salt"),
        ('[share]\nrecipiant = "x"', "share.recipiant"),
        ('[[sites]]\nname = "A"\nsubnets = ["10.0.0.1/8"]', "sites[0].subnets"),
        ('[[sites]]\nname = "A"', "sites"),
    ],
)
def test_a_mistake_in_the_profile_is_told_with_its_key(
    program: Program, text: str, key: str
) -> None:
    (program.home / "bad.toml").write_text(f'extends = "natterbox"\n{text}\n')
    done = program.run("profile", "validate", "bad.toml")
    assert done.returncode == 64
    assert key in done.stderr + done.stdout


def test_there_are_as_many_requirements_as_planted_ones_have_names() -> None:
    """The planted fleets speak of requirements that the program has."""
    from natwizard.checks.catalogue import CHECKS

    assert set(REQUIREMENTS) <= {check.name for check in CHECKS}


def test_agents_download_at_most_a_third_of_a_megabyte_for_it(tmp_path: Path) -> None:
    """What sharing adds to an installer: no library, and modules packed as installers pack them."""
    package = Path(natwizard.__file__).parent
    own = [*(package / "share").glob("*.py"), *(
        package / name
        for name in ("cli/share.py", "cli/fleet.py", "system/last_run.py", "system/machine_id.py",
                     "gui/run/result_sharing.py", "gui/helpdesk/sent_window.py",
                     "report/as_mail.py")
    )]  # fmt: skip
    packed = lzma.LZMACompressor()
    size = 0
    for path in own:
        compiled = tmp_path / f"{path.stem}.pyc"
        py_compile.compile(str(path), cfile=str(compiled), doraise=True)
        size += len(packed.compress(compiled.read_bytes()))
    size += len(packed.flush())
    assert 10_000 < size < 300_000
    excluded = (package.parent / "packaging/steps/slim.py").read_text()
    assert '"duckdb"' in excluded
    assert '"natwizard.fleet"' in excluded

"""natwizard answer, and answers given to a check: what they print, write, and refuse."""

import shutil
from pathlib import Path

import pytest
from cases.plan_cases import with_questions
from computers.platforms import keep_data_in
from report.samples import ready

from natwizard.cli.exit_code import ExitCode
from natwizard.cli.main import main
from natwizard.model.finding import Status
from natwizard.model.profile import Answers, Role
from natwizard.model.report import Report
from natwizard.report.as_json import write_json
from natwizard.report.open_report import open_report

QUESTIONS = ("nat.static_address", "plan.ott")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a report of an agent, whose network needs confirming."""
    write_json(with_questions(ready(), *QUESTIONS), tmp_path / "report.json")
    monkeypatch.chdir(tmp_path)
    keep_data_in(tmp_path / "data", monkeypatch)
    return tmp_path


def status_of(report: Report, check: str) -> Status:
    return next(finding.status for finding in report.findings if finding.check == check)


def test_answers_are_kept_and_printed_and_taken_back(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (place / "report.json").read_bytes()
    arguments = [
        "--confirm", "nat.static_address", "--confirm", "plan.ott", "--deny", "plan.ott.voicemail",
        "--by", "the site office", "--note", "ticket 12",
    ]  # fmt: skip
    assert main(["answer", "report.json", *arguments, "--json", "a.json"]) == ExitCode.READY
    assert "Confirmed" in capsys.readouterr().out
    assert (place / "report.json").read_bytes() == before
    report = open_report(place / "a.json")
    assert status_of(report, "nat.static_address") is Status.PASS
    assert status_of(report, "plan.ott") is Status.WARN
    assert len(report.checklist) == 7, "only what somebody answered, without a plan"
    assert main(["show", "a.json", "--text"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "[!] Voicemail is off on that number." in shown
    assert main(["plan", "checklist", "--report", "a.json"]) == 0
    assert "6 of 19 confirmed, 1 not so" in capsys.readouterr().out
    back = ["--take-back", "plan.ott", "--json", "b.json"]
    assert main(["answer", "a.json", *back]) == ExitCode.READY
    assert status_of(open_report(place / "b.json"), "plan.ott") is Status.MANUAL
    assert status_of(open_report(place / "b.json"), "nat.static_address") is Status.PASS


@pytest.mark.usefixtures("qapp")
def test_a_plan_goes_into_the_report_and_its_pdf(place: Path) -> None:
    assert main(["plan", "all", "--json", "plan.json"]) == 0
    arguments = ["answer", "report.json", "--plan", "plan.json", "--pdf", "org.pdf"]
    assert main(arguments) == ExitCode.READY
    report = open_report(place / "org.pdf")
    assert report.plan is not None
    assert report.plan.storage is not None
    assert report.plan.storage.total.per_day == 10_400_000
    assert len(report.checklist) > 10


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("answer missing.json --confirm plan.ott", "missing.json"),
        ("answer report.json --confirm nonsense", "no such question: nonsense (known: plan.ott."),
        ("answer report.json --plan report.json", "this is no plan"),
        ("answer report.json --plan missing.json", "no such file"),
        ("answer report.json --json data/x/y.json", "cannot write"),
        ("check --confirm nonsense", "no such question: nonsense"),
        ("check --plan missing.json", "no such file"),
    ],
)
@pytest.mark.usefixtures("place")
def test_what_cannot_be_answered_is_one_line(
    arguments: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == ExitCode.USAGE
    output = capsys.readouterr()
    assert told in output.err
    assert output.err.count("\n") == 1
    assert output.out == ""


def test_what_was_measured_needs_no_answer(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answer", "report.json", "--confirm", "computer.ram", "--json", "a.json"]) == 0
    assert "computer.ram is no question in this report" in capsys.readouterr().err
    assert status_of(open_report(place / "a.json"), "computer.ram") is Status.PASS


def test_a_check_takes_answers_along(place: Path) -> None:
    code = main([
        "check", "--quiet", "--only", "computer.os_bits,nat.static_address", "--no-redact",
        "--confirm", "nat.static_address", "--by", "the site office", "--json", "run.json",
    ])  # fmt: skip
    report = open_report(place / "run.json")
    assert code == ExitCode.READY
    assert status_of(report, "nat.static_address") is Status.PASS
    assert report.answers == Answers(role=Role.WEBPHONE)
    shutil.rmtree(place / "data")

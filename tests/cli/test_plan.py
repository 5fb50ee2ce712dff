"""natwizard plan: what it prints, what it writes, and what it says of bad input."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from computers.platforms import linux_only, posix_only
from computers.program import PATIENCE_S, Program
from rich.console import Console

from natwizard.cli.exit_code import ExitCode
from natwizard.cli.main import main
from natwizard.cli.plan import TOPICS
from natwizard.cli.plan_numbers import SEPARATORS
from natwizard.cli.table import print_bar
from natwizard.model.plan import Breakdown, BreakdownSlice
from natwizard.model.quantity import Unit
from natwizard.planner import table_file
from natwizard.report.document import Bar
from natwizard.report.plan_words import amount_words

CONTACTS = "Id,Phone\r\n1,+442079460958\r\n2,020 7946 0958\r\n3,\r\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with some files of numbers in it, good and bad."""
    (tmp_path / "contacts.csv").write_bytes(CONTACTS.encode())
    (tmp_path / "good.csv").write_bytes(b"Id,Phone\n1,+442079460958\n2,\n")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "broken.csv").write_bytes(b'Id,Phone\n1,"+442079460958\n')
    (tmp_path / "late.csv").write_bytes(b"Id,Phone\n" + b"1,+442079460958\n" * 999 + b'"\n')
    (tmp_path / "nameless.csv").write_bytes(b"a\x1b[31m,b\nx,y\n")
    (tmp_path / "book.csv").write_bytes(b"PK\x03\x04 workbook")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, without the no-break spaces and without line breaks in between."""
    return " ".join(capsys.readouterr().out.split())


MAY_LACK_A_DISPLAY = linux_only("a window opens everywhere else")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("storage --contact-center", "13.36 MB"),
        ("storage --changes 20", "13.36 MB"),
        ("storage", "10.4 MB"),
        ("storage", "Once, at the start: 2.5 MB"),
        ("storage --contact-center --allowance-mb 1000", "1 GB free lasts 74 days"),
        ("storage --users 0 --calls 0 --allowance-mb 5", "nothing is added"),
        ("storage --users 1 --calls 0 --allowance-mb 1e9", "more than 100 years"),
        ("insight", "81.6 MB"),
        ("insight", "the page prints 8.16 MB"),
        ("insight --hit-rate 100 --categories 0 --calls 250", "1 MB"),
        ("calls --calls 1000 --settings-changes 3", "6,003"),
        ("calls --calls 1000 --users 10 --changes 7 --settings-changes 3", "5,073"),
        ("calls --changes 0", "10,050"),
        ("calls --allowance 100000", "11,050 of 100,000 a day: 11 %."),
        ("calls --allowance 11000", "11,050 a day is more than your 11,000: 100 %."),
        ("calls --allowance 0", "11,050 a day is more than your 0"),
        ("bandwidth --concurrent 10", "10 calls at the same time need 1,000 kbit/s each way."),
        ("bandwidth --line 5000", "carries 50 calls: enough."),
        ("bandwidth --line 4999", "carries 49 calls: not enough."),
        ("storage", "Source: Technical Prerequisites"),
        ("storage", "version of 2024-11-07, read on 2026-11-30"),
        ("checklist", "[ ] Welcome messages and other announcements are off"),
        ("checklist", "of Salesforce's data type Phone. (Salesforce administrator)"),
        ("numbers --validation-rule Phone", "data type has to be Phone"),
        ("numbers --validation-rule Phone", "allows 6 to 15 digits"),
        ("storage", "A day: 10.4 MB"),
        ("storage --allowance-mb 8000", "The first year: 3.8 GB (free: 8 GB)"),
        ("all --allowance-mb 8000", "Call records and Insight together: 8 GB free lasts 212 days"),
        ("all --no-insight --line 9000", "carries 90 calls: enough"),
        ("checklist", "[ ] Voicemail is off on that number. (Helpdesk)"),
        ("numbers +442079460958", "Valid"),
        ("numbers --validation-rule Phone", 'REGEX(Phone, "[+][1-9][0-9]{5,14}")'),
        ("numbers --file good.csv", "Valid 1"),
    ],
)
@pytest.mark.usefixtures("place")
def test_a_plan_is_printed(arguments: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", *arguments.split()]) == ExitCode.READY
    assert told in printed(capsys)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_help_with_all_its_options(
    topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["plan", topic, "--help"])
    assert left.value.code == 0
    output = capsys.readouterr().out
    assert "--csv FILE" in output
    assert "--json FILE" in output


def test_help_loads_neither_phone_numbers_nor_rich() -> None:
    script = (
        "import sys\n"
        "from natwizard.cli.main import main\n"
        "try:\n    main(['plan', 'numbers', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'phonenumbers', 'rich', 'PySide6', 'httpx'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_options_name_what_the_planner_reads() -> None:
    assert tuple(SEPARATORS.values()) == table_file.SEPARATORS


@pytest.mark.parametrize("topic", ["storage", "insight", "calls", "bandwidth", "all", "checklist"])
@pytest.mark.usefixtures("qapp")
def test_a_plan_is_written_as_csv_json_and_pdf(topic: str, place: Path) -> None:
    files = ("--csv", "plan.csv", "--json", "plan.json", "--pdf", "plan.pdf")
    assert main(["plan", topic, *files]) == ExitCode.READY
    assert (place / "plan.pdf").read_bytes().startswith(b"%PDF-")
    table = list(csv.reader(io.StringIO((place / "plan.csv").read_text("utf-8-sig"))))
    assert len(table) > 1
    assert len({len(row) for row in table}) == 1
    value = msgspec.json.decode((place / "plan.json").read_bytes())
    if topic == "storage":
        assert value["unit"] == "B"
        assert value["total"]["per_day"] == 10_400_000
        assert value["once"] == 2_500_000
        assert value["source"]["title"] == "Technical Prerequisites"


def test_single_numbers_are_judged_and_written(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["plan", "numbers", "020 7946 0958", "bad\x1b[31m", "--country", "gb"]
    assert main([*arguments, "--json", "n.json", "--csv", "n.csv"]) == ExitCode.NOT_READY
    output = capsys.readouterr().out
    assert "\x1b[31m" not in output
    assert "+442079460958" in output
    found = msgspec.json.decode((place / "n.json").read_bytes())
    assert [one["state"] for one in found] == ["correctable", "invalid"]
    assert found[0]["reason"] == "country_code_missing"


def test_a_file_is_checked_and_a_corrected_one_written(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["plan", "numbers", "--file", "contacts.csv", "--country", "GB"]
    code = main([*arguments, "--csv", "out.csv", "--json", "out.json"])
    assert code == ExitCode.NOT_READY
    lines = (place / "out.csv").read_bytes().split(b"\r\n")
    assert lines[2] == (
        b"2,020 7946 0958,false,The country code is missing.,+442079460958,GB,fixed_line"
    )
    assert (place / "contacts.csv").read_bytes() == CONTACTS.encode()
    summary = msgspec.json.decode((place / "out.json").read_bytes())
    assert (summary["valid"], summary["correctable"], summary["empty"]) == (1, 1, 1)
    assert "Written: out.csv" in printed(capsys)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param("", "plan what?", marks=MAY_LACK_A_DISPLAY),
        pytest.param("--window", "there is no display", marks=MAY_LACK_A_DISPLAY),
        ("all --pdf folder", "is a folder"),
        ("numbers --pdf n.pdf 1", "unrecognized arguments"),
        ("checklist --report contacts.csv", "this is not a natwizard report"),
        ("nothing", "invalid choice"),
        ("storage --users -1", "whole number from 0"),
        ("storage --users 1.5", "whole number from 0"),
        ("storage --users 99999999999", "whole number from 0"),
        ("storage --users 2000000", "users is 2000000: expected 0 to 1e+06"),
        ("storage --days-per-week 8", "from 0 to 7"),
        ("storage --days-per-week nan", "from 0 to 7"),
        ("storage --allowance-mb inf", "from 0 to"),
        ("insight --hit-rate 101", "from 0 to 100"),
        ("calls --allowance x", "from 0 to"),
        ("storage --csv folder", "is a folder"),
        ("storage --json missing/plan.json", "cannot write missing/plan.json"),
        ("numbers", "give numbers, or --file"),
        ("numbers 1 --file contacts.csv", "give numbers, or --file"),
        ("numbers 1 --country XX", "no such country: 'XX'"),
        ("numbers --validation-rule 9x", "'9x' is no API name"),
        ("numbers --file missing.csv", "missing.csv: No such file"),
        ("numbers --file folder", "this is a folder"),
        pytest.param(
            "numbers --file /dev/null",
            "not an ordinary file",
            marks=posix_only("no such place"),
        ),
        ("numbers --file empty.csv --csv out.csv", "empty.csv: the file is empty"),
        ("numbers --file broken.csv --csv out.csv", "broken.csv: line 2: a quotation mark"),
        ("numbers --file late.csv --csv out.csv", "late.csv: line 1001: a quotation mark"),
        ("numbers --file book.csv --csv out.csv", "save it as CSV"),
        ("numbers --file nameless.csv", "(there are: a\\x1b[31m, b)"),
        ("numbers --file contacts.csv --column Fax", "there is no column Fax"),
        ("numbers --file contacts.csv --csv contacts.csv", "is the file that is checked"),
        ("numbers --file contacts.csv --json ./contacts.csv", "is the file that is checked"),
        ("numbers --file nameless.csv --encoding utf-16-le", "not UTF-16-LE text"),
        ("numbers --file contacts.csv --encoding ebcdic", "no encoding ebcdic"),
        ("checklist --profile missing.toml", "missing.toml"),
    ],
)
def test_bad_input_is_one_clear_line_and_leaves_nothing_behind(
    arguments: str, told: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in place.iterdir())
    try:
        code = main(["plan", *arguments.split()])
    except SystemExit as left:  # argparse leaves by itself
        code = left.code if isinstance(left.code, int) else 1
    output = capsys.readouterr()
    assert code == ExitCode.USAGE
    assert output.out == ""
    assert told in output.err or told in output.err.replace(os.sep, "/")
    assert output.err.count("\n") == 1
    assert output.err.startswith("natwizard: ")
    assert sorted(path.name for path in place.iterdir()) == before


def test_a_file_that_is_there_already_outlives_a_broken_run(place: Path) -> None:
    (place / "out.csv").write_bytes(b"kept")
    assert main(["plan", "numbers", "--file", "late.csv", "--csv", "out.csv"]) == ExitCode.USAGE
    assert (place / "out.csv").read_bytes() == b"kept"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C otherwise")
def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (tmp_path / "long.csv").write_bytes(b"Id,Phone\n" + b"1,(020) 7946-0958\n" * 400_000)
    arguments = ("plan", "numbers", "--file", "long.csv", "--country", "GB", "--csv", "out.csv")
    with program.start(*arguments) as process:
        end = time.monotonic() + PATIENCE_S
        while not list(tmp_path.glob("*.part")) and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == ExitCode.STOPPED
    assert "Traceback" not in errors
    assert output == ""
    assert not list(tmp_path.glob("*.part"))
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0, Unit.BYTE, "0 B"),
        (999, Unit.BYTE, "999 B"),
        (960_000, Unit.BYTE, "960 KB"),
        (13_360_000, Unit.BYTE, "13.36 MB"),
        (4_876_400_000, Unit.BYTE, "4.88 GB"),
        (2e12, Unit.BYTE, "2 TB"),
        (10_050, Unit.COUNT, "10,050"),
    ],
)
def test_amounts_have_units_that_people_read(value: float, unit: Unit, words: str) -> None:
    assert amount_words(value, unit).replace("\u00a0", " ") == words


def test_the_bar_in_the_terminal_is_divided_by_its_parts() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80)
    print_bar(
        Bar(
            breakdown=Breakdown(
                caption="All",
                slices=(
                    BreakdownSlice(title="One", value=15, amount="15"),
                    BreakdownSlice(title="Two", value=15, amount="15"),
                ),
                limit=60,
                limit_words="free: 60",
            ),
            shares=("50\u00a0%", "50\u00a0%"),
        ),
        console,
    )
    lines = [line.strip() for line in stream.getvalue().splitlines()]
    assert lines[1] == "All (free: 60)"
    assert lines[2] == "\u2588" * 15 + "\u2593" * 15 + "\u00b7" * 29 + "|"
    assert lines[3] == "\u2588\u2588 One: 15, 50\u00a0%"

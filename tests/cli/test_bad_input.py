"""Bad input: one clear line, exit 64, nothing half-written."""

import os
import re
from pathlib import Path

import pytest
from computers.platforms import keep_data_in, linux_only

from natwizard.assets import asset
from natwizard.cli.exit_code import ExitCode
from natwizard.cli.main import main

HUGE = 60 * 1024 * 1024


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with every kind of bad file in it."""
    golden = Path(__file__).parents[1] / "golden/report.json"
    content = golden.read_bytes()
    (tmp_path / "truncated.json").write_bytes(content[: len(content) // 2])
    (tmp_path / "truncated.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type")
    (tmp_path / "empty.json").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    shipped = asset("profiles/natterbox.toml").read_bytes()
    (tmp_path / "truncated.toml").write_bytes(shipped[: shipped.rindex(b'"')])
    for name in ("huge.toml", "huge.json", "huge.pdf"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(HUGE)
    monkeypatch.chdir(tmp_path)
    keep_data_in(tmp_path / "data", monkeypatch)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("show truncated.json --text", "truncated.json"),
        ("show truncated.pdf --text", "truncated.pdf"),
        ("show empty.json --text", "empty.json"),
        ("show huge.json --text", "larger than"),
        ("show huge.pdf --text", "larger than"),
        ("show folder --text", "this is a folder"),
        ("show missing.json --text", "no such file"),
        ("judge truncated.json", "truncated.json"),
        ("compare truncated.json empty.json", "truncated.json"),
        ("profile validate truncated.toml", "truncated.toml"),
        ("profile validate huge.toml", "larger than 1 MB"),
        ("profile validate folder", "this is a folder"),
        ("profile validate missing.toml", "No such file"),
        ("profile validate http://example.com/p.toml", "https only"),
        ("check --profile truncated.toml", "truncated.toml"),
        ("check --json folder", "is a folder"),
        ("check --pdf missing/report.pdf", "missing/report.pdf"),
        ("check --role nobody", "invalid choice"),
        ("check --calls 0", "1 to 9999"),
        ("check --calls 10000", "1 to 9999"),
        ("check --only no.such.check", "no such check"),
        ("probe no_such_probe", "no such probe"),
        ("no-such-command", "invalid choice"),
        ("check --no-such-option", "unrecognized"),
    ],
)
def test_bad_input_is_one_clear_line(
    arguments: str, told: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in place.iterdir())
    try:
        code = main(arguments.split())
    except SystemExit as left:  # argparse leaves by itself
        code = left.code if isinstance(left.code, int) else 1
    output = capsys.readouterr()
    assert code == ExitCode.USAGE
    assert output.out == ""
    assert told in output.err or told in output.err.replace(os.sep, "/")
    assert output.err.count("\n") == 1
    assert output.err.startswith("natwizard: ")
    assert sorted(path.name for path in place.iterdir()) == before


@linux_only("nothing elsewhere is closed to an administrator")
def test_an_output_folder_that_is_not_ours_is_told_before_the_run(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # root may write everywhere but here
    assert main(["check", "--json", "/proc/report.json"]) == ExitCode.USAGE
    assert "cannot write /proc/report.json" in capsys.readouterr().err
    assert not (place / "data").exists()


def test_the_name_of_a_file_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--text", "missing\x1b[31m\u202e.json"]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert "missing\\x1b[31m\\u202e.json" in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    "arguments", ["profile validate evil.toml", "firewall --profile evil.toml"]
)
def test_a_profile_from_anybody_steers_no_terminal(
    arguments: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = asset("profiles/natterbox.toml").read_text("utf-8")
    evil = re.sub(r'^name = ".*"$', r'name = "evil\\u001b[31m\\u202e"', shipped, flags=re.MULTILINE)
    (place / "evil.toml").write_text(evil, "utf-8")
    assert main(arguments.split()) == 0
    told = capsys.readouterr().out
    assert "evil\\x1b[31m\\u202e" in told
    assert "\x1b" not in told

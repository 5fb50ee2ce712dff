"""The command line itself: help, version, late imports."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec import structs
from servers.feed_server import Answer, FeedServer

from natwizard import __version__
from natwizard.cli import check
from natwizard.cli.main import SUBCOMMANDS, main
from natwizard.profiles.read import parse_profile, shipped_profile
from natwizard.run import newest_version

HEAVY = ("PySide6", "rich", "httpx", "websockets", "dns", "cryptography", "psutil", "asyncio",
         "pypdf", "phonenumbers", "platformdirs", "natwizard.checks",
         "natwizard.probes")  # fmt: skip


@pytest.mark.parametrize("command", ["", *SUBCOMMANDS])
def test_help_imports_nothing_heavy(command: str) -> None:
    script = (
        "import sys\n"
        "from natwizard.cli.main import main\n"
        f"try:\n    main({[*filter(None, [command]), '--help']})\nexcept SystemExit:\n    pass\n"
        f"print(sorted({set(HEAVY)!r} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert "usage: natwizard" in capsys.readouterr().out


@pytest.mark.parametrize("given", [("--spread", "x"), ("--spread=-1",), ("--spread", "100000")])
def test_a_spread_that_is_no_number_of_minutes_is_wrong_usage(
    given: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", *given])
    assert ended.value.code == 64
    assert "--spread: expected minutes" in capsys.readouterr().err


def test_the_version_is_written_in_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"natwizard {__version__}\n"


@pytest.mark.parametrize("of", ["report", "profile"])
def test_the_schema_is_json(of: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["schema", of]) == 0
    schema = msgspec.json.decode(capfdbinary.readouterr().out)
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_the_profile_that_is_used_can_be_printed_and_read_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["profile", "show"]) == 0
    printed = capsys.readouterr().out
    shown, shipped = parse_profile(printed.encode(), "printed"), shipped_profile()
    assert shown.requirements == shipped.requirements
    assert shown.targets == shipped.targets


def test_newest_asks_only_where_the_profile_names_an_address(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # however slow this machine is, an answer is waited for
    patient = structs.replace(newest_version.DOWNLOAD, deadline_s=100)
    monkeypatch.setattr(newest_version, "DOWNLOAD", patient)
    assert main(["newest"]) == 64
    assert "names no updates.address" in capsys.readouterr().err
    with FeedServer({"/newest": Answer(body=b'version = "99.0"\n')}) as server:
        profile = tmp_path / "site.toml"
        roots = f"[targets]\nextra_roots = ['''{server.authority_pem}''']\n"
        for path, code in (("/newest", 1), ("/gone", 2)):
            address = f'[updates]\naddress = "{server.url(path)}"\n'
            profile.write_text(f'extends = "natterbox"\n{address}{roots}', "utf-8")
            assert main(["newest", "--profile", str(profile)]) == code
    told = capsys.readouterr()
    assert told.out == f"natwizard 99.0 is newer than this {__version__}\n"
    assert "404" in told.err


def test_desks_that_start_together_begin_at_moments_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(check.time, "sleep", waited.append)
    for _desk in range(200):
        check._wait_for_a_moment(check.SPREAD_MINUTES)
    assert all(0.0 <= each <= 300.0 for each in waited)
    assert max(waited) - min(waited) > 200.0
    waited.clear()
    check._wait_for_a_moment(0)
    assert waited == [], "without it a run begins at once"

"""The command line itself: help, version, late imports."""

import subprocess
import sys

import msgspec
import pytest

from natwizard import __version__
from natwizard.cli.main import SUBCOMMANDS, main
from natwizard.profiles.read import parse_profile, shipped_profile

HEAVY = ("PySide6", "rich", "httpx", "websockets", "dns", "cryptography", "psutil", "asyncio")


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from natwizard.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
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

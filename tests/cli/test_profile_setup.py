"""natwizard profile new, take, remove and check --live: the real program, and real servers."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from computers.program import Program
from servers.udp_lab import closed_port

from natwizard.cli.streams import is_terminal
from natwizard.profiles.read import read_profile_file
from natwizard.reflector.background import BackgroundReflector


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture(scope="module")
def reflector() -> Iterator[BackgroundReflector]:
    with BackgroundReflector() as running:
        yield running


def test_a_new_profile_is_valid_and_a_pasted_web_address_counts_as_its_host(
    program: Program,
) -> None:
    done = program.run(
        "profile", "new", "example", "--company", "Example Ltd",
        "--webphone", "https://webphone.example.com/", "--media", "media.example.com:18620",
        "--site", "Leeds=10.20.0.0/22",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    profile = read_profile_file(program.home / "example.natwizard")
    assert profile.name == "Example Ltd"
    assert profile.targets.webphone == "webphone.example.com"
    assert profile.sites[0].name == "Leeds"
    again = program.run("profile", "new", "example", "--company", "Other")
    assert again.returncode == 64
    assert read_profile_file(program.home / "example.natwizard").name == "Example Ltd"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("x",),
        ("x", "--company", "E", "--site", "Leeds"),
        ("x", "--company", "E", "--media", "no-port"),
        ("x", "--company", "<b>E</b>"),
        ("missing/x", "--company", "E"),
    ],
)
def test_a_new_profile_that_cannot_be_is_told_in_one_line(
    program: Program, arguments: tuple[str, ...]
) -> None:
    done = program.run("profile", "new", *arguments)
    assert done.returncode == 64
    assert done.stderr.count("\n") == 1, done.stderr
    assert not (program.home / "x.natwizard").exists()


def test_taking_a_set_up_file_names_company_and_servers_and_can_be_taken_back(
    program: Program,
) -> None:
    program.run("profile", "new", "e.natwizard", "--company", "Example Ltd",
                "--webphone", "webphone.example.com")  # fmt: skip
    nobody = program.run("profile", "take", "e.natwizard")
    assert nobody.returncode == 64, "nobody is there to say yes"
    assert "Example Ltd" in nobody.stdout
    assert "webphone.example.com" in nobody.stdout
    assert "Example Ltd" not in program.run("profile", "show").stdout
    taken = program.run("profile", "take", "e.natwizard", "--yes")
    assert taken.returncode == 0, taken.stderr
    assert 'name = "Example Ltd"' in program.run("profile", "show").stdout
    assert program.run("profile", "remove").returncode == 0
    assert "Example Ltd" not in program.run("profile", "show").stdout


def test_a_hostile_set_up_file_is_refused_in_one_line(program: Program) -> None:
    hostile = program.home / "x.natwizard"
    hostile.write_bytes(b'extends = "natterbox"\nname = "\\u001b[31m<script>"\nversion = "1"\n')
    done = program.run("profile", "take", "x.natwizard", "--yes")
    assert done.returncode == 64
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr + done.stdout
    assert "Example" not in program.run("profile", "show").stdout


MANY = ", ".join(f'"h{number}.example:5060"' for number in range(10_000))


@pytest.mark.parametrize("action", ["check", "validate", "take"])
@pytest.mark.parametrize(
    ("name", "targets"),
    [
        ("<b>Example</b>", ""),
        ("Example" * 400, ""),
        ("Example \\u202e Ltd", ""),
        ("Example", f"[targets]\nstun = [{MANY}]\n"),
    ],
)
def test_no_action_calls_a_set_up_file_good_that_nobody_is_offered(
    program: Program, action: str, name: str, targets: str
) -> None:
    text = f'extends = "natterbox"\nschema_version = 1\nname = "{name}"\nversion = "1"\n{targets}'
    (program.home / "x.natwizard").write_text(text, "utf-8")
    done = program.run("profile", action, "x.natwizard")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("natwizard: This set-up file cannot be used: ")
    assert done.stderr.count("\n") == 1


def live_lines(program: Program, name: str) -> tuple[int, dict[str, str]]:
    done = program.run("profile", "check", "--live", name)
    assert "Traceback" not in done.stderr
    found = {}
    for line in done.stdout.splitlines():
        match = re.fullmatch(r"(\S) (\S+)\s+(.*)", line)
        if match:
            found[match[2] + " " + match[3].rpartition("(")[2].rstrip(")")] = match[1] + match[3]
    return done.returncode, found


def test_each_address_of_a_reflector_answers(
    program: Program, reflector: BackgroundReflector
) -> None:
    (program.home / "all.natwizard").write_text(reflector.profile_text(), "utf-8")
    code, lines = live_lines(program, "all.natwizard")
    assert code == 0, lines
    kinds = {key.partition(" ")[2] for key in lines}
    assert kinds >= {
        "targets.webphone", "targets.http", "targets.https", "targets.stun", "targets.media",
        "targets.websocket", "targets.tls", "targets.sip", "targets.sip_tls",
        "targets.resolver_control", "targets.udp_range",
    }  # fmt: skip
    assert all(line.startswith("\u2714") for line in lines.values()), lines


def test_an_address_that_is_silent_is_told_and_changes_the_exit_code(program: Program) -> None:
    text = (
        'extends = "natterbox"\nname = "E"\nversion = "1"\n[targets]\n'
        f'webphone = "127.0.0.1:{closed_port()}"\nmedia = "127.0.0.1:{closed_port()}"\n'
    )
    (program.home / "silent.natwizard").write_text(text)
    code, lines = live_lines(program, "silent.natwizard")
    assert code == 2
    assert len(lines) == 2, "those that natwizard comes with are not asked"
    assert all(line.startswith("\u2718") for line in lines.values())
    if sys.platform == "linux":
        assert all("nothing listens there" in line for line in lines.values()), lines


def test_a_device_that_holds_nothing_is_nobody_to_ask() -> None:
    """Windows' own isatty takes NUL for a terminal; every question is asked of `is_terminal`."""
    with open(os.devnull, encoding="utf-8") as nothing:
        assert not is_terminal(nothing)
    assert not is_terminal(None)
    if sys.platform != "win32":
        ours, theirs = os.openpty()
        with os.fdopen(ours), os.fdopen(theirs) as terminal:
            assert is_terminal(terminal)
    sources = Path(__file__).parents[2] / "natwizard"
    asking = {path.name for path in sources.rglob("*.py") if "isatty()" in path.read_text("utf-8")}
    assert asking == {"streams.py"}

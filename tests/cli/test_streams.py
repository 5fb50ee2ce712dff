"""The real program with the streams and the desktop settings that unattended runs have."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from computers.program import PATIENCE_S, Program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX")

QUICK = ("check", "--only", "computer.ram")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(home=tmp_path)


def shell(program: Program, line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """One line of bash; `$NATWIZARD` is the program."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=program.home,
        env=program.environment() | {"NATWIZARD": f"{sys.executable} -m natwizard"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-1", "ascii", "cp437", "shift_jis"])
def test_a_stream_of_eight_bits_takes_every_text(
    program: Program, encoding: str, language: str
) -> None:
    line = f"$NATWIZARD --language {language} {' '.join(QUICK)} --json r.json"
    done = shell(program, line, PYTHONIOENCODING=encoding)
    assert done.returncode in (0, 1), done.stderr
    assert json.loads((program.home / "r.json").read_bytes())["findings"]
    assert done.stdout.decode(encoding)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_program_without_streams_does_its_work(program: Program, closed: str) -> None:
    done = shell(program, f"$NATWIZARD {' '.join(QUICK)} --json r.json --pdf r.pdf {closed}")
    assert done.returncode in (0, 1), done.stderr
    assert json.loads((program.home / "r.json").read_bytes())["findings"]
    assert (program.home / "r.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("reader", ["head -c 0", "head -1", "true"])
def test_a_reader_that_has_gone_harms_no_file(program: Program, reader: str) -> None:
    line = f"$NATWIZARD {' '.join(QUICK)} --json r.json --html r.html --junit r.xml | {reader}"
    done = shell(program, line)
    assert json.loads((program.home / "r.json").read_bytes())["findings"]
    assert (program.home / "r.html").stat().st_size
    assert (program.home / "r.xml").stat().st_size
    assert b"Traceback" not in done.stderr


def test_all_that_lasts_is_done_before_anything_is_printed(program: Program) -> None:
    """What inventory tools read of the last run, and the pages that are made of a folder."""
    shell(program, f"$NATWIZARD {' '.join(QUICK)} | true")
    assert list(program.home.rglob("last-run.json"))
    done = shell(
        program, "mkdir share; $NATWIZARD fleet share --html f.html --json f.json --csv t | true"
    )
    assert b"Traceback" not in done.stderr
    assert (program.home / "f.html").stat().st_size
    assert json.loads((program.home / "f.json").read_bytes())
    assert list((program.home / "t").glob("*.csv"))


def test_what_nobody_hears_on_standard_error_is_no_verdict(program: Program) -> None:
    """Python ends with 1, "not ready", where it cannot write the words on what was wrong."""
    for unheard in ("2>/dev/full", "2>&1 | true"):
        for command in ("check --profile nowhere.toml", "show nowhere.json", "--language xx"):
            done = shell(program, f"$NATWIZARD {command} {unheard}")
            assert done.returncode == 64, (command, unheard)


@pytest.mark.parametrize(
    "command",
    [f"{' '.join(QUICK)} --json r --html ./r", "plan storage --csv r --json r",
     "watch --minutes 1 --json - --csv -", "fleet . --html r --json r"],
)  # fmt: skip
def test_no_file_is_named_twice(program: Program, command: str) -> None:
    """The second would replace the first, and nobody would be told."""
    done = shell(program, f"$NATWIZARD {command}")
    assert done.returncode == 64
    assert len(done.stderr.splitlines()) == 1
    assert not (program.home / "r").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has such a device")
@pytest.mark.parametrize(
    "command",
    [f"{' '.join(QUICK)} --pdf r.pdf", f"{' '.join(QUICK)} --json -", "profile show", "probe list",
     "schema", "plan storage", "firewall"],
)  # fmt: skip
def test_an_output_without_room_is_told_in_a_line(program: Program, command: str) -> None:
    done = shell(program, f"$NATWIZARD {command} > /dev/full")
    assert b"Traceback" not in done.stderr
    assert b"No space left" in done.stderr
    assert done.returncode not in (0, 1, 2)
    assert "--pdf" not in command or (program.home / "r.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("format_", ["json", "html", "junit", "pdf"])
def test_a_dash_is_the_standard_output_and_nothing_else_is_there(
    program: Program, format_: str
) -> None:
    done = shell(program, f"$NATWIZARD {' '.join(QUICK)} --{format_} -")
    assert done.returncode in (0, 1), done.stderr
    starts = {"json": b"{", "html": b"<!", "junit": b"<?xml", "pdf": b"%PDF-"}
    assert done.stdout.lstrip().lower().startswith(starts[format_].lower())
    if format_ == "json":
        assert json.loads(done.stdout)["findings"]
    assert not (program.home / "-").exists()


def test_two_files_cannot_be_the_standard_output(program: Program) -> None:
    assert shell(program, f"$NATWIZARD {' '.join(QUICK)} --json - --html -").returncode == 64


def test_a_plan_goes_to_the_standard_output_alone(program: Program) -> None:
    done = shell(program, "$NATWIZARD plan bandwidth --json -")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_devices_pipes_and_links_are_written_to_and_stay(program: Program) -> None:
    home = program.home
    os.mkfifo(home / "pipe")
    (home / "real.json").write_text("before")
    (home / "link.json").symlink_to("real.json")
    (home / "new-link.html").symlink_to("new.html")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((home / "pipe").read_bytes()))
    reader.start()
    line = f"$NATWIZARD {' '.join(QUICK)} --quiet --json {{}} --html {{}} --junit {{}}"
    done = shell(program, line.format("link.json", "new-link.html", "pipe"))
    reader.join(PATIENCE_S)
    assert done.returncode in (0, 1), done.stderr
    assert read[0].startswith(b"<?xml")
    assert (home / "pipe").is_fifo()
    assert (home / "link.json").is_symlink()
    assert json.loads((home / "real.json").read_bytes())["findings"]
    assert (home / "new-link.html").is_symlink()
    assert (home / "new.html").stat().st_size
    done = shell(program, f"$NATWIZARD {' '.join(QUICK)} --quiet --json /dev/null")
    assert done.returncode in (0, 1), done.stderr
    assert Path("/dev/null").is_char_device()


@pytest.mark.skipif(sys.platform != "linux", reason="names of Linux")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/fd/9", "me"])
def test_what_a_shell_opened_is_appended_to_and_not_replaced(program: Program, name: str) -> None:
    (program.home / "log").write_text("before\n")
    (program.home / "me").symlink_to("/dev/stdout")
    number = "9" if name.endswith("9") else "1"
    done = shell(
        program, f"$NATWIZARD {' '.join(QUICK)} --quiet --json {name} {number}>> log", LC_ALL="C"
    )
    assert done.returncode in (0, 1), done.stderr
    first, rest = (program.home / "log").read_text().split("\n", 1)
    assert first == "before"
    assert json.loads(rest)["findings"]


def test_a_socket_is_told_and_stays(program: Program) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        with contextlib.chdir(program.home):  # the path of a socket must be short
            listener.bind("s")
        done = shell(program, f"$NATWIZARD {' '.join(QUICK)} --quiet --json s")
        assert done.returncode == 64
        assert b"Traceback" not in done.stderr
        assert (program.home / "s").is_socket()


@pytest.mark.parametrize(
    "settings",
    [
        {"QT_QPA_PLATFORM": "wayland"},
        {"QT_QPA_PLATFORM": "xcb"},
        {"QT_QPA_PLATFORM": "nonsense"},
        {"DISPLAY": ":77", "QT_QPA_PLATFORM": "xcb"},
        {"WAYLAND_DISPLAY": "wayland-77", "XDG_RUNTIME_DIR": "/nonexistent"},
        {"QT_QPA_PLATFORMTHEME": "gtk3", "QT_STYLE_OVERRIDE": "kvantum", "QT_FONT_DPI": "300"},
    ],
)
def test_settings_of_a_desktop_do_no_harm_where_there_is_none(
    program: Program, settings: dict[str, str]
) -> None:
    line = f"unset QT_QPA_PLATFORM; {' '.join(f'{k}={v}' for k, v in settings.items())} $NATWIZARD"
    done = shell(program, f"{line} {' '.join(QUICK)} --quiet --pdf r.pdf")
    assert done.returncode in (0, 1), done.stderr
    assert (program.home / "r.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("columns", ["0", "1", "-5", "39", "many"])
def test_a_terminal_that_says_it_has_no_width_shows_words(program: Program, columns: str) -> None:
    done = shell(program, f"$NATWIZARD {' '.join(QUICK)}", COLUMNS=columns, TERM="dumb")
    assert done.returncode in (0, 1), done.stderr
    assert b"RAM" in done.stdout
    assert min(len(line) for line in done.stdout.split(b"\n\n")[0].splitlines() if line) > 1


@pytest.mark.skipif(sys.platform != "linux", reason="locales of Linux")
def test_a_locale_that_this_computer_lacks_is_not_talked_about(program: Program) -> None:
    """As ssh hands it on from another computer."""
    # by `env`, for bash has a word to say about it as well
    line = f"env LC_ALL=xx_YY.UTF-8 $NATWIZARD {' '.join(QUICK)} --quiet --pdf r.pdf"
    done = shell(program, line)
    assert (program.home / "r.pdf").read_bytes().startswith(b"%PDF-")
    assert done.stderr == b""

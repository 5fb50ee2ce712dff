"""Files are written whole or not at all, and read within bounds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from computers.platforms import posix_only

from natwizard.report import files
from natwizard.report.files import (
    CannotWrite,
    UnreadableReport,
    make_folder,
    read_bounded,
    write_whole,
)

SAYS_LESS = posix_only("Windows tells every such path as not found")


def test_a_file_is_written_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_whole(path, b"first")
    path.chmod(0o640)
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/report.json", "there is no such file or folder"),
        pytest.param(
            "file/report.json", "a folder was expected where there is a file", marks=SAYS_LESS
        ),
        ("folder", "this is a folder"),
        pytest.param("x" * 300, "the file name is too long", marks=SAYS_LESS),
        ("nul\0byte", "this is no file name"),
    ],
)
def test_what_cannot_be_written_is_told_in_one_line(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(CannotWrite) as told:
        write_whole(tmp_path / name, b"content")
    assert reason in str(told.value)
    assert "\n" not in str(told.value)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(sys.platform != "linux", reason="uses /proc and rlimits")
def test_a_folder_where_nothing_can_be_made_is_told() -> None:
    with pytest.raises(CannotWrite):
        write_whole(Path("/proc/report.json"), b"content")


WRITES_TOO_MUCH = """
import resource, sys
from pathlib import Path
from natwizard.report.files import CannotWrite, write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(Path(sys.argv[1]), bytes(100_000))
except CannotWrite as told:
    print(told)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="uses /proc and rlimits")
def test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", WRITES_TOO_MUCH, str(path)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "File too large" in done.stdout
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(bytes(11))
    assert read_bounded(path, 11) == bytes(11)
    with pytest.raises(UnreadableReport, match="larger than"):
        read_bounded(path, 10)


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableReport, match="folder"):
        read_bounded(tmp_path, 10)
    with pytest.raises(UnreadableReport, match="no such file"):
        read_bounded(tmp_path / "missing", 10)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UnreadableReport, match="ordinary"):
        read_bounded(pipe, 10)


def test_folders_are_made_or_the_reason_told(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite, match="folder was expected"):
        make_folder(tmp_path / "file" / "b")
    with pytest.raises(CannotWrite, match="folder was expected"):
        make_folder(tmp_path / "file")


ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")


@ON_POSIX
def test_a_private_file_is_its_owners_alone_whatever_it_was(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"before")
    path.chmod(0o644)
    write_whole(path, b"now", private=True)
    assert path.stat().st_mode & 0o777 == 0o600


@ON_POSIX
def test_links_that_lead_to_each_other_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(CannotWrite):
        write_whole(tmp_path / "a", b"x")


KILLED_IN_MID_WRITE = """
import os, signal, sys
from pathlib import Path
from natwizard.report.files import whole_file
with whole_file(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@ON_POSIX
def test_what_a_killed_process_left_is_swept_by_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    subprocess.run([sys.executable, "-c", KILLED_IN_MID_WRITE, str(path)], check=False)
    assert [each.suffix for each in tmp_path.iterdir()] == [".part"]
    write_whole(path, b"whole")
    assert list(tmp_path.iterdir()) == [path]


@ON_POSIX
def test_a_name_of_many_bytes_is_written(tmp_path: Path) -> None:
    """245 bytes are a legal name; the one beside it while it is written is as well."""
    path = tmp_path / ("\u5831" * 80 + ".json")
    write_whole(path, b"whole")
    assert list(tmp_path.iterdir()) == [path]


@ON_POSIX
def test_what_is_not_surely_left_stays(tmp_path: Path) -> None:
    """A living process's, another computer's of today, another program's, another target's."""
    path = tmp_path / "report.json"
    own = files._this_computer()
    stay = (
        f".report.json.{own}-{os.getppid()}-0123abcd.part",
        ".report.json.00000000-999999999-0123abcd.part",
        f".other.json.{own}-999999999-0123abcd.part",
        ".report.json.part",
        "report.json.part",
    )
    for name in stay:
        (tmp_path / name).touch()
    old = tmp_path / ".report.json.00000000-999999999-89abcdef.part"
    old.touch()
    os.utime(old, (0, 0))
    write_whole(path, b"whole")
    assert {each.name for each in tmp_path.iterdir()} == {*stay, "report.json"}


if sys.platform == "win32":

    def test_a_file_that_is_let_go_of_within_a_moment_is_replaced(tmp_path: Path) -> None:
        """As a virus scanner does: it looks at what has just been written."""
        path = tmp_path / "report.json"
        path.write_bytes(b"old")
        held = path.open("rb")
        tries: list[str] = []

        def let_go(event: str, _arguments: object) -> None:
            if event == "os.rename" and not held.closed:
                tries.append(event)
                if len(tries) == 3:
                    held.close()

        sys.addaudithook(let_go)  # it does nothing more once the file is closed
        write_whole(path, b"new")
        assert len(tries) == 3
        assert path.read_bytes() == b"new"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_file_that_another_program_has_open_stays_and_the_reason_is_told(
        tmp_path: Path,
    ) -> None:
        path = tmp_path / "report.pdf"
        path.write_bytes(b"old")
        with path.open("rb"), pytest.raises(CannotWrite, match="open; close it there"):
            write_whole(path, b"new")
        assert path.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_file_that_is_read_only_is_told_as_such(tmp_path: Path) -> None:
        path = tmp_path / "report.pdf"
        path.write_bytes(b"old")
        path.chmod(0o444)
        with pytest.raises(CannotWrite, match="does not allow it"):
            write_whole(path, b"new")
        path.chmod(0o666)
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize("letters", [230, 259, 320])
    def test_a_path_of_any_length_is_written(tmp_path: Path, letters: int) -> None:
        """Where nobody has allowed long paths, Windows takes 259 letters; temporary names are
        longer than their targets."""
        folder = tmp_path
        while len(str(folder)) < letters - 60:
            folder /= "x" * min(50, letters - 60 - len(str(folder)))
        long = Path(f"\\\\?\\{folder}")
        long.mkdir(parents=True, exist_ok=True)
        path = folder / f"{'y' * (letters - len(str(folder)) - 6)}.json"
        write_whole(path, b"first")
        write_whole(path, b"second")
        assert (long / path.name).read_bytes() == b"second"
        assert [each.name for each in long.iterdir()] == [path.name]

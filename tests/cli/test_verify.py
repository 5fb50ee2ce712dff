"""Every installed file against its list: what is damaged, missing or added is named."""

import hashlib
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from natwizard.cli import verify
from natwizard.cli.verify import Integrity, NoListError, check_files, explain_broken_start, listed

FILES = {
    "natwizard": b"program",
    "_internal/library.so": b"library",
    "_internal/natwizard/resources/profiles/natterbox.toml": b"name = 'x'\n",
    "NOTICE.txt": b"notice",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A frozen program's folder with its list; this process takes itself for that program."""
    lines = []
    for name, content in sorted(FILES.items()):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    (tmp_path / verify.LIST).write_text("".join(lines), "utf-8", newline="\n")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "natwizard"))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = verify.run(Namespace())
    told = capsys.readouterr()
    return code, told.out + told.err


def test_an_untouched_installation_is_whole(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_files(folder) == Integrity(intact=len(FILES))
    assert said(capsys) == (0, "4 files, all as they were made\n")


@pytest.mark.parametrize("name", sorted(FILES))
def test_one_flipped_bit_in_any_file_is_noticed(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    code, told = said(capsys)
    assert code == 1
    assert told.splitlines()[0] == f"damaged: {name}"
    assert "Install natwizard again" in told
    assert check_files(folder).intact == len(FILES) - 1


def test_missing_and_added_files_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "_internal/library.so").unlink()
    (folder / "_internal/version.dll").write_bytes(b"loaded before the system's own")
    (folder / "natwizard.toml").write_text("beside the program a profile is allowed")
    code, told = said(capsys)
    assert code == 1
    assert told.splitlines()[:2] == [
        "missing: _internal/library.so",
        "not part of natwizard: _internal/version.dll",
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\xff", b"0" * 64 + b"  ../../etc/passwd\n", b"0" * 64 + b"  /etc/passwd\n",
     b"0" * 63 + b"  natwizard\n"],
    ids=["empty", "no text", "out of the folder", "absolute", "a digest too short"],
)  # fmt: skip
def test_a_damaged_list_is_no_list(
    folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NoListError):
        listed(content)
    (folder / verify.LIST).write_bytes(content)
    assert said(capsys)[0] == 2


def test_a_list_that_its_seal_does_not_name_may_be_forged(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / verify.SEAL).write_bytes(b"MZ files.sha256 = " + b"0" * 64)
    code, told = said(capsys)
    assert (code, "signature of the list does not hold" in told) == (1, True)


def test_a_program_that_was_not_frozen_has_no_list() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "natwizard", "verify"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "without a list" in result.stderr


def test_a_start_that_fails_names_the_broken_file(folder: Path) -> None:
    assert explain_broken_start(ImportError("no")) == "natwizard: no"
    (folder / "_internal/library.so").write_bytes(b"other")
    told = explain_broken_start(ImportError("no")).splitlines()
    assert told[:2] == ["natwizard cannot start.", "damaged: _internal/library.so"]


def test_it_needs_nothing_but_the_standard_library() -> None:
    """The broken file may be any other library."""
    script = (
        "import sys; before = set(sys.modules); import natwizard.cli.verify;"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before}"
        " - sys.stdlib_module_names)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["natwizard"]

"""The frozen Linux programs: complete, slim, and doing what the sources do."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from compare_builds import differences
from packaging_lab import ROOT, build, build_elsewhere
from steps.paths import LINUX, Layout
from steps.slim import LANGUAGES

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="freezes for Linux"),
    pytest.mark.xdist_group("freeze"),
    pytest.mark.timeout(1500),
]
LAYOUT = Layout(LINUX)
MOST_BYTES = 175_000_000


@pytest.fixture(scope="module")
def frozen() -> Path:
    build("freeze", target=LINUX)
    return LAYOUT.frozen


def test_the_frozen_programs_pass_their_self_test(frozen: Path) -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "packaging/selftest.py", frozen, "--together"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


BROKEN = {
    "a library": "_internal/PySide6/Qt/lib/libQt6Gui.so.6",
    "a module of Python": "_internal/base_library.zip",
    "a profile": "_internal/natwizard/resources/profiles/natterbox.toml",
    "a catalogue": "_internal/natwizard/resources/translations/de/LC_MESSAGES/natwizard.mo",
    "the other program": "natwizard-gui",
}


@pytest.fixture(scope="module")
def copied(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copied") / "natwizard"
    shutil.copytree(frozen, folder, symlinks=True)
    return folder


@pytest.mark.parametrize("name", BROKEN.values(), ids=BROKEN)
def test_one_flipped_bit_in_an_installed_file_is_named(copied: Path, name: str) -> None:
    path = copied / name
    whole = path.read_bytes()
    # the end of a .zip is its directory: what is read there is found
    place = len(whole) // 2
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    try:
        code, told = run(copied, "verify")
    finally:
        path.write_bytes(whole)
    assert (code, f"damaged: {name}" in told.splitlines()) == (1, True), told
    assert run(copied, "verify")[0] == 0


@pytest.mark.parametrize("program", ["natwizard", "natwizard-gui"])
def test_a_start_with_a_broken_library_says_which(copied: Path, program: str) -> None:
    name = next(
        path.relative_to(copied).as_posix()
        for path in copied.rglob("_core.*.so")
        if path.parent.name == "msgspec"
    )
    whole = (copied / name).read_bytes()
    (copied / name).write_bytes(bytes(16) + whole[16:])
    try:
        code, told = run(copied, "check", "--only", "computer.ram", program=program)
    finally:
        (copied / name).write_bytes(whole)
    assert (code, f"damaged: {name}" in told.splitlines()) == (70, True), told


def run(folder: Path, *words: str, program: str = "natwizard") -> tuple[int, str]:
    result = subprocess.run(
        [folder / program, *words], env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return result.returncode, result.stdout + result.stderr


def loaded_qt(program: Path, *words: str) -> set[str]:
    """Which libraries of Qt a program loads, as the dynamic linker tells it."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "LD_DEBUG": "files"}
    result = subprocess.run(
        [program, *words], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return set(re.findall(r"calling init: \S*/(libQt6\w+)", result.stderr))


def test_a_command_without_a_window_loads_nothing_of_qt(frozen: Path) -> None:
    assert loaded_qt(frozen / "natwizard", "--version") == set()
    assert "libQt6Core" in loaded_qt(frozen / "natwizard", "selftest-window", "--help"), (
        "it would be seen"
    )


def test_they_are_slim_and_bring_all_licences(frozen: Path) -> None:
    files = [path for path in frozen.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    notice = (frozen / "NOTICE.txt").read_text("utf-8")
    for name in ("natwizard", "Python 3", "PySide6", "GNU LESSER GENERAL PUBLIC LICENSE", "rich",
                 "ICU, in PySide6_Essentials: Unicode-3.0", "UNICODE LICENSE V3"):  # fmt: skip
        assert name in notice
    assert not [path for path in files if "Quick" in path.name or "gtk" in path.name]


def test_every_resource_of_the_sources_is_in_them(frozen: Path) -> None:
    """But for what translators work on: the program reads the compiled catalogues."""
    resources = ROOT / "resources"
    for path in resources.rglob("*"):
        if path.is_file() and path.suffix not in {".po", ".pot"}:
            copy = frozen / "_internal/natwizard/resources" / path.relative_to(resources)
            assert copy.read_bytes() == path.read_bytes(), path


def test_qt_speaks_the_languages_of_the_program(frozen: Path) -> None:
    words = frozen / "_internal/PySide6/Qt/translations"
    assert {path.stem for path in words.iterdir()} == {f"qtbase_{name}" for name in LANGUAGES}


def test_no_file_remembers_the_machine_it_was_built_on(frozen: Path) -> None:
    """But for the prefix that was compiled into Python's own library when that was built."""
    private = (f"{ROOT}/".encode(), f"{Path.home()}/".encode())
    compiled_in = f"{sys.base_prefix}\0".encode()
    named = []
    for path in frozen.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if path.name.startswith("libpython3"):
                content = content.replace(compiled_in, b"", 1)
            if any(place in content for place in private):
                named.append(path.relative_to(frozen).as_posix())
    assert named == []


@pytest.mark.usefixtures("frozen")
def test_the_bill_of_materials_names_what_is_inside() -> None:
    bill = json.loads((LAYOUT.work / "sbom.cdx.json").read_text("utf-8"))
    names = {component["name"].lower() for component in bill["components"]}
    assert {"cpython", "pyside6_essentials", "cryptography", "msgspec"} <= names
    assert not names & {"pytest", "zizmor", "nfpm", "setuptools"}


@pytest.mark.windows  # with the other long builds: a second freeze takes minutes
def test_a_second_build_in_another_place_is_the_same_byte_for_byte(
    frozen: Path, tmp_path: Path
) -> None:
    place = tmp_path / "another place"
    build_elsewhere(place, "freeze", target=LINUX)
    second = place / LAYOUT.work.relative_to(ROOT)
    assert differences(frozen, second / frozen.relative_to(LAYOUT.work)) == []
    name = "sbom.cdx.json"
    assert (second / name).read_bytes() == (LAYOUT.work / name).read_bytes()

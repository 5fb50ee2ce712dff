"""The Windows installer under wine: what it installs, refuses, keeps and removes again."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging_lab import build
from steps import wine
from steps.installer import compile_installer
from steps.paths import OUTPUT, WINDOWS, Layout, version
from wine_lab import ROOT, Windows, fresh_windows, screen, wait_until

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(900)]

KEY = r"Software\natwizard"
LISTED = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\natwizard"
LAYOUT = Layout(WINDOWS)


@pytest.fixture(scope="module")
def setup() -> Path:
    """The real installer, of these sources."""
    build("windows-python", "freeze", "installer", target=WINDOWS)
    return OUTPUT / f"natwizard-{version()}-windows-x64-setup.exe"


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with screen() as name:
        yield name


@pytest.fixture
def windows(tmp_path: Path, display: str) -> Iterator[Windows]:
    with fresh_windows(tmp_path, display) as made:
        yield made


def other_version(folder: Path, number: str, *, extra: str = "") -> Path:
    """A small installer of another version: two programs that do nothing, and one library."""
    programs = folder / number / "natwizard"
    (programs / "_internal").mkdir(parents=True)
    for name in ("natwizard.exe", "natwizard-gui.exe", "_internal/python3.dll"):
        shutil.copyfile(LAYOUT.frozen / "_internal/python3.dll", programs / name)
    if extra:
        (programs / "_internal" / extra).write_text(extra)
    target = folder / f"other-{number}.exe"
    compile_installer(programs, number, target, LAYOUT.generated / "natwizard.ico")
    return target


def wanted_files() -> set[str]:
    made = json.loads((LAYOUT.work / "files.json").read_text("utf-8"))
    return {*made, "_internal/installed-files.txt", "Uninstall.exe"}


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_silent_install_is_complete_works_and_leaves_nothing_behind(
    setup: Path, windows: Windows
) -> None:
    before = windows.files()
    assert windows.run(setup, "/S")[0] == 0
    folder = windows.programs / "natwizard"
    assert files_below(folder) == wanted_files()
    assert (windows.menu / "natwizard.lnk").is_file()
    listed = windows.registry(rf"HKCU\{LISTED}")
    for name in ("DisplayName", "DisplayVersion", "Publisher", "EstimatedSize", "InstallLocation",
                 "QuietUninstallString", "DisplayIcon"):  # fmt: skip
        assert name in listed
    assert windows.registry(rf"HKLM\{LISTED}") == ""

    result = subprocess.run(
        [sys.executable, ROOT / "packaging/selftest.py", folder, "--wine"],
        env=windows.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout

    assert windows.run(folder / "Uninstall.exe", "/S", "/REMOVEREPORTS")[0] == 0
    windows.settle()
    assert windows.registry(rf"HKCU\{KEY}") == windows.registry(rf"HKCU\{LISTED}") == ""
    left = {
        name for name in windows.files() - before if not name.endswith("AppData/Local/Programs")
    }
    assert left == set()


def test_a_folder_with_spaces_and_letters_of_many_languages_is_fine(
    setup: Path, windows: Windows
) -> None:
    folder = windows.prefix / "drive_c/Büro ja/Ελλάδα 日本"
    assert windows.run_line(rf'"{wine.path(setup)}" /S /D=C:\Büro ja\Ελλάδα 日本') == 0
    assert files_below(folder) == wanted_files()
    code, said = windows.run(folder / "natwizard.exe", "--version")
    assert (code, said.strip()) == (0, f"natwizard {version()}")
    (folder / "mine.txt").write_text("not yours")
    assert windows.run(folder / "Uninstall.exe", "/S")[0] == 0
    windows.settle()
    assert files_below(folder) == {"mine.txt"}


def test_a_rollout_brings_profile_and_role_for_every_user(
    setup: Path, windows: Windows, tmp_path: Path
) -> None:
    profile = tmp_path / "Profil für Büro.toml"
    profile.write_text('extends = "natterbox"\nname = "Example Ltd"\n', "utf-8")
    given = f'/PROFILE="{wine.path(profile)}" /ROLE=sip-device'
    assert windows.run_line(f'"{wine.path(setup)}" /S /ALLUSERS {given}') == 0
    folder = windows.prefix / "drive_c/Program Files/natwizard"
    assert windows.registry(rf"HKLM\{LISTED}")
    assert not windows.registry(rf"HKCU\{LISTED}")
    text = (folder / "natwizard.toml").read_text("utf-8")
    assert 'name = "Example Ltd"' in text
    assert 'role = "sip-device"' in text
    code, said = windows.run(folder / "natwizard.exe", "profile", "validate")
    assert code == 0
    assert "Example Ltd" in said

    assert windows.run(setup, "/S", "/ALLUSERS")[0] == 0, "a repair"
    assert (folder / "natwizard.toml").read_text("utf-8") == text
    assert windows.run(folder / "Uninstall.exe", "/S")[0] == 0
    windows.settle()
    assert not folder.exists()
    assert windows.registry(rf"HKLM\{KEY}") == windows.registry(rf"HKLM\{LISTED}") == ""


@pytest.mark.parametrize(
    "given", ["/ROLE=captain", r"/PROFILE=C:\nowhere.toml", r"/PROFILE=C:\not quoted.toml"]
)
def test_a_profile_or_role_that_cannot_be_used_installs_nothing(
    setup: Path, windows: Windows, given: str
) -> None:
    assert windows.run(setup, "/S", given)[0] == 6
    assert not (windows.programs / "natwizard").exists()
    log = next(windows.home.rglob("natwizard-setup.log")).read_text("utf-16")
    assert "cannot be used" in log


def test_an_upgrade_takes_the_old_files_along_and_a_downgrade_is_refused(
    setup: Path, windows: Windows, tmp_path: Path
) -> None:
    older = other_version(tmp_path, "0.0.9", extra="gone in 0.1.txt")
    folder = windows.programs / "natwizard"
    assert windows.run(older, "/S")[0] == 0
    assert (folder / "_internal/gone in 0.1.txt").is_file()
    (folder / "natwizard.toml").write_text('extends = "natterbox"\n', "utf-8")
    assert windows.run(setup, "/S")[0] == 0
    assert files_below(folder) == wanted_files() | {"natwizard.toml"}
    assert windows.run(older, "/S")[0] == 3
    assert files_below(folder) == wanted_files() | {"natwizard.toml"}
    assert version() in windows.registry(rf"HKCU\{LISTED}")


def test_a_running_window_is_closed_politely_before_an_upgrade(
    setup: Path, windows: Windows
) -> None:
    assert windows.run(setup, "/S")[0] == 0
    folder = windows.programs / "natwizard"
    with windows.start(folder / "natwizard-gui.exe") as running:
        shown = ["xdotool", "search", "--onlyvisible", "--name", "^natwizard$"]
        assert wait_until(
            lambda: (
                not subprocess.run(
                    shown, env=windows.environment, capture_output=True, check=False
                ).returncode
            )
        )
        assert windows.run(setup, "/S")[0] == 0
        assert running.wait(10) == 0, "closed as by its own cross"


def test_a_file_in_use_leaves_everything_as_it_was(setup: Path, windows: Windows) -> None:
    folder = windows.programs / "natwizard"
    assert windows.run(setup, "/S")[0] == 0
    before = files_below(folder)
    # the console program holds its own file, has no window to close, and waits for nothing
    with windows.start(
        folder / "natwizard.exe", "reflector", "--bind", "127.0.0.1", "--fall-back"
    ) as holder:
        try:
            assert not wait_until(lambda: holder.poll() is not None, 5)
            assert windows.run(setup, "/S")[0] == 4
        finally:
            windows.run("taskkill", "/f", "/im", "natwizard.exe")
    assert files_below(folder) == before


def test_a_full_disk_installs_nothing(setup: Path, windows: Windows, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "none", small], check=False)
    if made.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        assert windows.run(setup, "/S", f"/D={wine.path(small / 'natwizard')}")[0] == 5
        assert files_below(small) == set()
    finally:
        subprocess.run(["umount", "-l", small], check=True)
    assert windows.registry(rf"HKCU\{KEY}") == ""

"""The Windows installer under wine: what it installs, refuses, keeps and removes again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from installer_lab import KEY, LAYOUT, LISTED, files_below, other_version, wanted_files
from steps import wine
from steps.paths import OUTPUT, version
from wine_lab import PATIENCE_S, ROOT, Windows, wait_until

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]
MOST_SETUP_BYTES, MOST_INSTALLED_BYTES = 30_000_000, 90_000_000


RENAME = """
import ctypes
user = ctypes.WinDLL("user32")
user.FindWindowW.restype, user.FindWindowW.argtypes = ctypes.c_void_p, [ctypes.c_wchar_p] * 2
user.SetWindowTextW.argtypes = [ctypes.c_void_p, ctypes.c_wchar_p]
print(user.SetWindowTextW(user.FindWindowW(None, "natwizard"), "Report of Monday"))
"""


def test_the_setup_program_is_small(setup: Path) -> None:
    assert setup.stat().st_size <= MOST_SETUP_BYTES


def test_a_silent_install_is_complete_works_and_leaves_nothing_behind(
    setup: Path, windows: Windows
) -> None:
    before = windows.files()
    assert windows.run(setup, "/S")[0] == 0
    folder = windows.programs / "natwizard"
    assert files_below(folder) == wanted_files()
    installed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert installed <= MOST_INSTALLED_BYTES
    assert (windows.menu / "natwizard.lnk").is_file()
    listed = windows.registry(rf"HKCU\{LISTED}")
    for name in ("DisplayName", "DisplayVersion", "Publisher", "EstimatedSize", "InstallLocation",
                 "QuietUninstallString", "DisplayIcon"):  # fmt: skip
        assert name in listed
    assert windows.registry(rf"HKLM\{LISTED}") == ""
    assert "natwizard.setup" in windows.registry(r"HKCU\Software\Classes\.natwizard")
    opens = windows.registry(r"HKCU\Software\Classes\natwizard.setup\shell\open\command")
    assert "natwizard-gui.exe" in opens
    assert "%1" in opens

    result = subprocess.run(
        [sys.executable, ROOT / "packaging/selftest.py", folder, "--wine"],
        env=windows.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout

    assert windows.run(folder / "Uninstall.exe", "/S", "/REMOVEREPORTS")[0] == 0
    windows.settle()
    for name in (".natwizard", "natwizard.setup"):
        assert windows.registry(rf"HKCU\Software\Classes\{name}") == ""
    assert windows.registry(rf"HKCU\{KEY}") == windows.registry(rf"HKCU\{LISTED}") == ""
    left = {
        name for name in windows.files() - before if not name.endswith("AppData/Local/Programs")
    }
    assert left == set()


@pytest.mark.usefixtures("setup")
@pytest.mark.parametrize("name", ["natwizard.exe", "natwizard-gui.exe"])
def test_the_programs_carry_their_version_and_are_sharp_at_any_scale(name: str) -> None:
    content = (LAYOUT.frozen / name).read_bytes()
    for text in ("ProductVersion", version(), "natwizard"):
        assert text.encode("utf-16-le") in content
    assert b"PerMonitorV2" in content
    console, windowed = 3, 2  # IMAGE_SUBSYSTEM_WINDOWS_CUI and _GUI
    header = int.from_bytes(content[0x3C:0x40], "little")
    subsystem = int.from_bytes(content[header + 92 : header + 94], "little")
    assert subsystem == (windowed if "gui" in name else console)


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


def test_what_is_wrong_with_a_profile_is_told_in_letters_of_any_language(
    setup: Path, windows: Windows
) -> None:
    profile = windows.prefix / "drive_c/Zürich ja Ελλάδα.toml"
    profile.write_text('colour = "red"\n', "utf-8")
    line = rf'"{wine.path(setup)}" /S /PROFILE="C:\{profile.name}"'
    assert windows.run_line(line) == 6
    log = next(windows.home.rglob("natwizard-setup.log")).read_text("utf-16")
    assert profile.name in log
    assert "colour" in log


def test_an_upgrade_takes_the_old_files_along_and_a_downgrade_is_refused(
    setup: Path, windows: Windows, tmp_path: Path
) -> None:
    older = other_version(tmp_path, "0.0.9", extra="gone in 0.1.txt")
    folder = windows.programs / "natwizard"
    assert windows.run(older, "/S")[0] == 0
    assert (folder / "_internal/gone in 0.1.txt").is_file()
    (folder / "natwizard.toml").write_text('extends = "natterbox"\n', "utf-8")
    report = windows.home / "AppData/Local/natwizard/reports/kept.json"
    report.parent.mkdir(parents=True)
    report.write_text("{}")
    assert windows.run(setup, "/S")[0] == 0
    assert files_below(folder) == wanted_files() | {"natwizard.toml"}
    assert windows.run(older, "/S")[0] == 3
    assert files_below(folder) == wanted_files() | {"natwizard.toml"}
    assert version() in windows.registry(rf"HKCU\{LISTED}")
    assert windows.run(folder / "Uninstall.exe", "/S")[0] == 0
    windows.settle()
    assert files_below(folder) == {"natwizard.toml"}, "somebody else put it there"
    assert report.is_file(), "reports go only if asked for"


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
        # it has another title once a run is over
        assert windows.run(wine.interpreter(), "-c", RENAME)[1].split() == ["1"]
        assert windows.run(setup, "/S")[0] == 0
        assert running.wait(PATIENCE_S) == 0, "closed as by its own cross"


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, that can be made smaller."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300m", "none", str(folder)]
    if subprocess.run(command, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def leave_room(disk: Path, size_kb: int) -> None:
    """Make the disk as large as what is on it, and so much more."""
    state = os.statvfs(disk)
    used_kb = (state.f_blocks - state.f_bfree) * state.f_frsize // 1024
    size = f"remount,size={used_kb + size_kb}k"
    subprocess.run(["mount", "-o", size, str(disk)], check=True)


def needed_kb() -> int:
    """What the installer asks for first; files take up whole pages, so a little more is used."""
    files = [LAYOUT.frozen / name for name in wanted_files() - {"Uninstall.exe"}]
    return sum(path.stat().st_size for path in files) // 1024 + 1


def test_a_full_disk_installs_nothing(setup: Path, windows: Windows, small_disk: Path) -> None:
    leave_room(small_disk, 20_000)
    assert windows.run(setup, "/S", f"/D={wine.path(small_disk / 'natwizard')}")[0] == 5
    assert files_below(small_disk) == set()
    assert windows.registry(rf"HKCU\{KEY}") == ""


def test_a_disk_that_fills_up_on_the_way_is_left_as_it_was(
    setup: Path, windows: Windows, small_disk: Path
) -> None:
    folder = small_disk / "natwizard"
    place = f"/D={wine.path(folder)}"
    leave_room(small_disk, needed_kb() + 64)
    assert windows.run(setup, "/S", place)[0] == 5
    assert files_below(small_disk) == set()

    leave_room(small_disk, 2 * needed_kb())
    assert windows.run(setup, "/S", place)[0] == 0
    before = {name: (folder / name).read_bytes() for name in files_below(folder)}
    leave_room(small_disk, needed_kb() + 64)
    assert windows.run(setup, "/S", place)[0] == 5, "a repair needs room for both"
    assert {name: (folder / name).read_bytes() for name in files_below(folder)} == before
    assert windows.run(folder / "natwizard.exe", "--version")[0] == 0


@pytest.mark.usefixtures("setup")
def test_the_portable_zip_runs_from_a_share_with_the_profile_beside_it(
    windows: Windows, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    with ZipFile(OUTPUT / f"natwizard-{version()}-windows-x64-portable.zip") as archive:
        archive.extractall(share)
    (share / "natwizard/natwizard.toml").write_text(
        'extends = "natterbox"\nname = "Example share"\n', "utf-8"
    )
    (windows.prefix / "dosdevices/s:").symlink_to(share)
    before = files_below(share)
    code, said = windows.run(r"S:\natwizard\natwizard.exe", "profile", "validate")
    assert code == 0
    assert r"S:\natwizard\natwizard.toml: Example share" in said
    code, said = windows.run(r"S:\natwizard\natwizard.exe", "check", "--only", "computer.ram")
    assert code == 0, said
    assert files_below(share) == before, "nothing is written beside the program"
    assert list((windows.home / "AppData/Local/natwizard/reports").glob("*.json"))

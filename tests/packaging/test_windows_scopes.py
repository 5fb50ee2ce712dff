"""For one person and for everyone, side by side; the command where prompts look for it."""

from pathlib import Path

import pytest
from installer_lab import KEY, LISTED, files_below, other_version
from steps import wine
from wine_lab import Windows

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]
APP_PATHS = r"Software\Microsoft\Windows\CurrentVersion\App Paths"
PROGRAM_FILES = "drive_c/Program Files"
MINE = r"HKCU\Environment"
EVERYONES = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
# far beyond what a string of NSIS holds, with a variable that must stay one
LONG = r"%SystemRoot%\first;" + ";".join(rf"C:\tools\number {n}" for n in range(150)) + r";C:\last"


def path_of(windows: Windows, key: str) -> tuple[str, str]:
    """The value's type, and what it says."""
    _code, said = windows.run("reg", "query", key, "/v", "Path")
    line = next((line for line in said.splitlines() if line.strip().startswith("Path")), "")
    words = line.split(maxsplit=2)
    return (words[1], words[2].rstrip("\r\n")) if len(words) == 3 else ("", "")


def set_path(windows: Windows, key: str, text: str) -> None:
    words = ("reg", "add", key, "/v", "Path", "/t", "REG_EXPAND_SZ", "/d", text, "/f")
    assert windows.run(*words)[0] == 0


@pytest.mark.usefixtures("setup")
@pytest.mark.parametrize(
    "before", [LONG, r"C:\only", "", None], ids=["long", "one", "empty", "none"]
)
def test_a_chosen_path_is_longer_by_one_folder_and_the_same_again(
    windows: Windows, tmp_path: Path, before: str | None
) -> None:
    small = other_version(tmp_path, "0.0.9")
    if before is not None:
        set_path(windows, MINE, before)
    assert windows.run(small, "/S", "/PATH")[0] == 0
    kind, text = path_of(windows, MINE)
    added = r"AppData\Local\Programs\natwizard"
    assert kind == "REG_EXPAND_SZ"
    assert text.endswith(added)
    assert text.startswith(f"{before};" if before else "C:\\users")
    assert windows.run(small, "/S")[0] == 0, "a repair, without the option"
    assert path_of(windows, MINE) == (kind, text), "neither twice nor gone"

    assert windows.run(windows.programs / "natwizard/Uninstall.exe", "/S")[0] == 0
    windows.settle()
    assert path_of(windows, MINE)[1] == (before or "")


@pytest.mark.usefixtures("setup")
def test_a_path_that_nobody_asked_for_stays_as_it_was(windows: Windows, tmp_path: Path) -> None:
    set_path(windows, MINE, LONG)
    small = other_version(tmp_path, "0.0.9")
    assert windows.run(small, "/S")[0] == 0
    assert path_of(windows, MINE) == ("REG_EXPAND_SZ", LONG)
    for name in ("natwizard.exe", "natwizard-gui.exe"):
        told = windows.registry(rf"HKCU\{APP_PATHS}\{name}")
        assert rf"Programs\natwizard\{name}" in told
    assert windows.run(windows.programs / "natwizard/Uninstall.exe", "/S")[0] == 0
    windows.settle()
    assert path_of(windows, MINE) == ("REG_EXPAND_SZ", LONG)
    assert windows.registry(rf"HKCU\{APP_PATHS}\natwizard.exe") == ""


@pytest.mark.usefixtures("setup")
def test_everyones_path_takes_only_what_lies_below_program_files(
    windows: Windows, tmp_path: Path
) -> None:
    before = path_of(windows, EVERYONES)
    small = other_version(tmp_path, "0.0.9")
    assert windows.run(small, "/S", "/ALLUSERS", "/PATH", r"/D=C:\open\natwizard")[0] == 0
    assert path_of(windows, EVERYONES) == before
    folder = windows.prefix / "drive_c/open/natwizard"
    assert windows.run(folder / "Uninstall.exe", "/S")[0] == 0
    windows.settle()
    assert windows.run(small, "/S", "/ALLUSERS", "/PATH")[0] == 0
    assert path_of(windows, EVERYONES)[1].endswith(r";C:\Program Files\natwizard")


def test_a_copy_of_ones_own_keeps_the_administrators_profile_and_a_name_of_its_own(
    setup: Path, windows: Windows, tmp_path: Path
) -> None:
    profile = tmp_path / "site.toml"
    profile.write_text('extends = "natterbox"\nname = "Example site"\n', "utf-8")
    assert windows.run(setup, "/S", "/ALLUSERS", f"/PROFILE={wine.path(profile)}")[0] == 0
    assert windows.run(setup, "/S")[0] == 0
    mine = windows.programs / "natwizard"
    assert 'name = "Example site"' in (mine / "natwizard.toml").read_text("utf-8")
    log = next(windows.home.rglob("natwizard-setup.log")).read_text("utf-16")
    assert "already installed for everyone" in log
    assert r"C:\Program Files\natwizard" in log
    shared = windows.prefix / "drive_c/ProgramData/Microsoft/Windows/Start Menu/Programs"
    assert (shared / "natwizard.lnk").is_file()
    assert {path.name for path in windows.menu.glob("natwizard*")} == {
        "natwizard (only for me).lnk"
    }

    assert windows.run(mine / "Uninstall.exe", "/S")[0] == 0
    windows.settle()
    assert not mine.exists(), "its copy of the profile goes with it"
    assert not list(windows.menu.glob("natwizard*"))
    assert windows.registry(rf"HKLM\{LISTED}")
    assert "natwizard.toml" in files_below(windows.prefix / "drive_c/Program Files/natwizard")


@pytest.mark.usefixtures("setup")
def test_one_persons_profile_is_not_made_everyones(windows: Windows, tmp_path: Path) -> None:
    small = other_version(tmp_path, "0.0.9")
    assert windows.run(small, "/S")[0] == 0
    (windows.programs / "natwizard/natwizard.toml").write_text('extends = "natterbox"\n', "utf-8")
    assert windows.run(small, "/S", "/ALLUSERS")[0] == 0
    assert "natwizard.toml" not in files_below(windows.prefix / "drive_c/Program Files/natwizard")
    log = next(windows.home.rglob("natwizard-setup.log")).read_text("utf-16")
    assert "installed for you alone" in log


FOLDERS_OF_A_PERSON = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
OF_SYSTEM = r"C:\windows\system32\config\systemprofile\AppData\Local"


@pytest.mark.usefixtures("setup")
def test_a_setup_that_runs_as_system_is_for_the_computer(windows: Windows, tmp_path: Path) -> None:
    """Wine has one user; this one gets SYSTEM's folder, which is what setup goes by."""
    small = other_version(tmp_path, "0.0.9")
    words = ("reg", "add", FOLDERS_OF_A_PERSON, "/v", "Local AppData", "/d", OF_SYSTEM, "/f")
    assert windows.run(*words)[0] == 0
    windows.settle()
    assert windows.run(small, "/S")[0] == 0
    assert "natwizard.exe" in files_below(windows.prefix / "drive_c/Program Files/natwizard")
    assert windows.registry(rf"HKLM\{LISTED}")
    assert windows.registry(rf"HKCU\{LISTED}") == ""
    profile = windows.prefix / "drive_c/windows/system32/config/systemprofile"
    assert not list(profile.rglob("natwizard*"))


@pytest.mark.usefixtures("setup")
@pytest.mark.parametrize("remembered", [r"C:\users\another.DOMAIN\natwizard", r"Q:\natwizard"])
def test_a_registry_that_came_from_another_computer_is_not_believed(
    windows: Windows, tmp_path: Path, remembered: str
) -> None:
    """With roaming profiles it comes along, and the program does not: a newer version that is not
    here must not stand in the way, nor a folder that nobody here can make."""
    for key, name, text in (
        (KEY, "InstallDir", remembered),
        (KEY, "Version", "9.9.9"),
        (LISTED, "DisplayVersion", "9.9.9"),
    ):
        words = ("reg", "add", rf"HKCU\{key}", "/v", name, "/d", text, "/f")
        assert windows.run(*words)[0] == 0
    assert windows.run(other_version(tmp_path, "0.0.9"), "/S")[0] == 0
    assert "natwizard.exe" in files_below(windows.programs / "natwizard")
    assert "9.9.9" not in windows.registry(rf"HKCU\{LISTED}")


def keep_something(windows: Windows) -> tuple[str, ...]:
    """What natwizard leaves of a person in files and registry; the registry's keys."""
    kept = windows.programs.parent / "natwizard"
    for name in ("reports/a.json", "outbox/folder/b.json", "outbox/otlp/c.json",
                 "outbox/otlp/not-before", "outbox/folder/lock", "Cache/newest-versions.json",
                 "planner.json", "seat-id", "natwizard.toml"):  # fmt: skip
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        (kept / name).write_text("{}")
    keys = (rf"HKCU\{KEY}\natwizard", rf"HKCU\{KEY}\LastRun")
    for key in keys:
        assert windows.run("reg", "add", key, "/v", "language", "/d", "de", "/f")[0] == 0
    return keys


@pytest.mark.usefixtures("setup")
@pytest.mark.parametrize("mode", ["/CURRENTUSER", "/ALLUSERS"])
def test_what_is_kept_of_a_person_goes_where_that_is_asked_for(
    windows: Windows, tmp_path: Path, mode: str
) -> None:
    before = windows.files()
    small = other_version(tmp_path, "0.0.9")
    assert windows.run(small, "/S", mode)[0] == 0
    below = {"/CURRENTUSER": windows.programs, "/ALLUSERS": windows.prefix / PROGRAM_FILES}[mode]
    keys = keep_something(windows)
    assert windows.run(below / "natwizard/Uninstall.exe", "/S", "/REMOVEREPORTS")[0] == 0
    windows.settle()
    assert {key for key in keys if windows.registry(key)} == set()
    left = {name for name in windows.files() - before if "natwizard" in name}
    assert left == set()


@pytest.mark.usefixtures("setup")
def test_a_removed_copy_of_ones_own_leaves_the_settings_to_everyones(
    windows: Windows, tmp_path: Path
) -> None:
    small = other_version(tmp_path, "0.0.9")
    assert windows.run(small, "/S", "/ALLUSERS")[0] == 0
    assert windows.run(small, "/S")[0] == 0
    keys = keep_something(windows)
    assert windows.run(windows.programs / "natwizard/Uninstall.exe", "/S")[0] == 0
    windows.settle()
    assert {key for key in keys if windows.registry(key)} == set(keys)
    assert "InstallDir" not in windows.registry(rf"HKCU\{KEY}")

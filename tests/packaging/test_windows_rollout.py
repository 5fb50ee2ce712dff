"""What docs/installing.md tells administrators about Intune and winget, done to the letter."""

import re
import shutil
from pathlib import Path

import pytest
from installer_lab import KEY, LISTED, files_below, other_version, wanted_files
from packaging_lab import ROOT
from steps import wine
from steps.paths import version
from wine_lab import Windows

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]
GUIDE = (ROOT / "docs/installing.md").read_text("utf-8")
SETUP = "natwizard-1.0.0-windows-x64-setup.exe"


def told(row: str) -> str:
    """What the guide has in a row of its table, the part to copy."""
    found = re.search(rf"^\| {row} \| `(.+?)`", GUIDE, re.MULTILINE)
    assert found is not None, row
    return found[1]


def detected(windows: Windows) -> str:
    """The version that Intune's registry rule finds, in the 64-bit view; empty if none."""
    hive, key = r"HKLM", LISTED
    rule = re.search(r"^\| detection \| registry, `(.+?)`, value `(\w+)`", GUIDE, re.MULTILINE)
    assert rule is not None
    assert rule[1].lower() == rf"{hive}\{key}".lower()
    code, said = windows.run("reg", "query", rule[1], "/v", rule[2], "/reg:64")
    return said.split()[-1] if code == 0 else ""


def test_intune_installs_detects_and_removes(setup: Path, windows: Windows, tmp_path: Path) -> None:
    content = tmp_path / "content"  # what the Content Prep Tool packs
    content.mkdir()
    shutil.copyfile(setup, content / SETUP)
    (content / "site.toml").write_text('extends = "natterbox"\nname = "Example site"\n', "utf-8")
    command = told("install command")
    assert command.startswith(f"{SETUP} ")
    started = f'"{wine.path(content / SETUP)}"{command.removeprefix(SETUP)}'
    folder = windows.prefix / "drive_c/Program Files/natwizard"

    assert detected(windows) == ""
    assert windows.run_line(started) == 0
    assert detected(windows) == version()
    assert files_below(folder) == wanted_files() | {"natwizard.toml"}
    assert "Example site" in windows.run(folder / "natwizard.exe", "profile", "validate")[1]

    assert windows.run_line(told("uninstall command")) == 0
    assert detected(windows) == "", "gone when the command has ended, not some time later"
    assert files_below(folder) == {"Uninstall.exe"}
    assert windows.registry(rf"HKLM\{KEY}") == ""

    assert windows.run_line(started) == 0
    assert detected(windows) == version()


@pytest.mark.usefixtures("setup")
def test_winget_names_the_entry_and_the_folder(windows: Windows, tmp_path: Path) -> None:
    """A location that winget is told is handed on as /D=, last; Custom switches come before."""
    code = re.search(r"ProductCode: (\w+)", GUIDE)
    custom = re.search(r"Custom: (\S+) ", GUIDE)
    assert code is not None
    assert custom is not None
    setup = wine.path(other_version(tmp_path, "0.0.9"))
    assert windows.run_line(rf'"{setup}" /S {custom[1]} /D=C:\Apps for all\natwizard') == 0
    entry = rf"Software\Microsoft\Windows\CurrentVersion\Uninstall\{code[1]}"
    listed = windows.registry(rf"HKLM\{entry}")
    assert r"C:\Apps for all\natwizard" in listed
    assert re.search(r"DisplayName +REG_SZ +natwizard\s", listed)
    quiet = re.search(r"QuietUninstallString +REG_SZ +(.+?)\s*$", listed, re.MULTILINE)
    assert quiet is not None
    assert windows.run_line(quiet[1]) == 0
    windows.settle()
    assert windows.registry(rf"HKLM\{entry}") == ""
    assert not (windows.prefix / "drive_c/Apps for all/natwizard").exists()


@pytest.mark.usefixtures("setup")
def test_a_windows_that_is_too_old_is_told_by_exit_code(windows: Windows, tmp_path: Path) -> None:
    setup = other_version(tmp_path, "0.0.9")
    old = ("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win81", "/f")
    assert windows.run(*old)[0] == 0
    windows.settle()
    assert windows.run(setup, "/S")[0] == 8
    assert not (windows.programs / "natwizard").exists()


def test_every_exit_code_of_the_script_is_in_the_guide() -> None:
    script = (ROOT / "installer.nsi").read_text("utf-8")
    codes = set(re.findall(r"^!define [A-Z_]+ (\d)$", script, re.MULTILINE))
    assert codes == {"3", "4", "5", "6", "7", "8"}
    guide = set(re.findall(r"^\| (\d) \|", GUIDE, re.MULTILINE))
    assert codes <= guide
    winget = set(re.findall(r"InstallerReturnCode: (\d)", GUIDE))
    # 7 cannot come: winget asks for the administrator first
    assert winget == codes - {"7"} | {"1"}

"""The type of set-up files, as desktops read it: one name, one program, in every package."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from computers.platforms import linux_only
from steps.paths import ROOT

from natwizard.profiles.setup_file import SUFFIX

LINUX = ROOT / "packaging/linux"
KIND = "application/x-natwizard-setup"

pytestmark = linux_only("freedesktop.org's own programs read these files")


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A folder of shared data as a package fills it, with the databases made of it."""
    (tmp_path / "mime/packages").mkdir(parents=True)
    shutil.copyfile(LINUX / "natwizard.mime.xml", tmp_path / "mime/packages/natwizard.xml")
    (tmp_path / "applications").mkdir()
    shutil.copyfile(
        LINUX / "natwizard.desktop", tmp_path / "applications/natwizard.desktop"
    )  # fmt: skip
    for command in (
        ["update-mime-database", tmp_path / "mime"],
        ["update-desktop-database", tmp_path / "applications"],
    ):
        subprocess.run(command, check=True, env=os.environ | {"XDG_DATA_DIRS": str(tmp_path)})
    return tmp_path


def test_the_suffix_is_of_our_type_and_our_type_opens_the_window(share: Path) -> None:
    assert f"50:{KIND}:*{SUFFIX}" in (share / "mime/globs2").read_text("utf-8").splitlines()
    cache = (share / "applications/mimeinfo.cache").read_text("utf-8")
    assert f"{KIND}=natwizard.desktop" in cache
    starts = (LINUX / "natwizard.desktop").read_text("utf-8").splitlines()
    assert "Exec=natwizard-gui %f" in starts, "the file is handed over"


def test_the_desktop_file_is_valid() -> None:
    told = subprocess.run(
        ["desktop-file-validate", LINUX / "natwizard.desktop"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (0, "")


def test_the_windows_installer_registers_the_same_suffix() -> None:
    text = (ROOT / "installer.nsi").read_text("utf-8")
    assert f'!define SETUP_SUFFIX "{SUFFIX}"' in text

"""The type of set-up files, as desktops read it: one name, one program, in every package."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from computers.platforms import linux_only
from packaging_lab import ROOT, build
from steps.paths import LINUX, OUTPUT, version
from wine_lab import SETUP_FILE, Hand, screen, wait_until

from natwizard.profiles.setup_file import SUFFIX

FILES = ROOT / "packaging/linux"
KIND = "application/x-natwizard-setup"

pytestmark = linux_only("freedesktop.org's own programs read these files")


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A folder of shared data as a package fills it, with the databases made of it."""
    (tmp_path / "mime/packages").mkdir(parents=True)
    shutil.copyfile(FILES / "natwizard.mime.xml", tmp_path / "mime/packages/natwizard.xml")
    (tmp_path / "applications").mkdir()
    shutil.copyfile(
        FILES / "natwizard.desktop", tmp_path / "applications/natwizard.desktop"
    )  # fmt: skip
    make_databases(tmp_path)
    return tmp_path


def make_databases(share: Path) -> None:
    """As the triggers of a distribution do once a package is installed."""
    for command in (
        ["update-mime-database", share / "mime"],
        ["update-desktop-database", share / "applications"],
    ):
        subprocess.run(command, check=True, env=os.environ | {"XDG_DATA_DIRS": str(share)})


def test_the_suffix_is_of_our_type_and_our_type_opens_the_window(share: Path) -> None:
    assert f"50:{KIND}:*{SUFFIX}" in (share / "mime/globs2").read_text("utf-8").splitlines()
    cache = (share / "applications/mimeinfo.cache").read_text("utf-8")
    assert f"{KIND}=natwizard.desktop" in cache
    starts = (FILES / "natwizard.desktop").read_text("utf-8").splitlines()
    assert "Exec=natwizard-gui %f" in starts, "the file is handed over"


MIME_TYPE_OF = """
import sys
from PySide6.QtCore import QMimeDatabase
print(QMimeDatabase().mimeTypeForFile(sys.argv[1]).name())
"""


@pytest.mark.windows  # with the other long builds
@pytest.mark.xdist_group("freeze")
@pytest.mark.timeout(1500)
def test_a_set_up_file_opens_with_what_the_package_brought(tmp_path: Path) -> None:
    build("freeze", "deb", target=LINUX)
    (package,) = OUTPUT.glob(f"natwizard_{version()}*.deb")
    installed, home = tmp_path / "installed", tmp_path / "home"
    subprocess.run(["dpkg-deb", "--extract", package, installed], check=True)
    make_databases(installed / "usr/share")
    file = home / "Müller & Co.natwizard"
    home.mkdir()
    file.write_bytes(SETUP_FILE)
    with screen() as display:
        desktop = {
            "HOME": str(home), "DISPLAY": display, "LANG": "C.UTF-8",
            "PATH": f"{installed / 'usr/bin'}:{os.environ['PATH']}",
            "XDG_DATA_DIRS": f"{installed / 'usr/share'}:/usr/share",
        }  # fmt: skip
        asked = [sys.executable, "-c", MIME_TYPE_OF, file]
        assert told(*asked, environment=desktop) == KIND
        opener = told("xdg-mime", "query", "default", KIND, environment=desktop)
        assert opener == "natwizard.desktop"
        hand = Hand(display)
        starts = ["gio", "launch", installed / "usr/share/applications" / opener, file]
        with subprocess.Popen(starts, env=desktop) as opened:
            assert wait_until(lambda: len(hand.windows("^natwizard$")) > 1), "wizard and question"
            time.sleep(1)
            hand.keys("alt+u")  # Use these settings
            kept = home / ".config/natwizard/natwizard.toml"
            assert wait_until(lambda: kept.is_file() and kept.read_bytes() == SETUP_FILE)
            hand.do("windowclose", *hand.windows("^natwizard$"))
        assert opened.returncode == 0


def told(*command: str | Path, environment: dict[str, str]) -> str:
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_desktop_file_is_valid() -> None:
    told = subprocess.run(
        ["desktop-file-validate", FILES / "natwizard.desktop"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (0, "")


def test_the_windows_installer_registers_the_same_suffix() -> None:
    text = (ROOT / "installer.nsi").read_text("utf-8")
    assert f'!define SETUP_SUFFIX "{SUFFIX}"' in text

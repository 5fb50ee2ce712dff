"""The lists that the installer is made with: every file by name, folders from the inside out."""

import re
from pathlib import Path

import pytest
from packaging_lab import ROOT
from steps.file_list import NAMES, folders, upgrade_list
from steps.generated import four_numbers
from steps.installer import install_macro, remove_macros
from steps.slim import kept

FILES = ["natwizard.exe", "_internal/a.dll", "_internal/b/c/d.txt", "_internal/b/e.txt"]


def test_each_file_is_installed_into_its_own_folder() -> None:
    assert install_macro(FILES, Path("/frozen")).splitlines() == [
        "!macro InstallFiles",
        '  SetOutPath "$INSTDIR"',
        f'  File "{Path("/frozen/natwizard.exe")}"',
        '  SetOutPath "$INSTDIR\\_internal"',
        f'  File "{Path("/frozen/_internal/a.dll")}"',
        '  SetOutPath "$INSTDIR\\_internal\\b"',
        f'  File "{Path("/frozen/_internal/b/e.txt")}"',
        '  SetOutPath "$INSTDIR\\_internal\\b\\c"',
        f'  File "{Path("/frozen/_internal/b/c/d.txt")}"',
        '  SetOutPath "$INSTDIR"',
        "!macroend",
    ]


def test_nothing_is_removed_but_what_was_installed() -> None:
    text = remove_macros([*FILES, NAMES])
    assert "/r" not in text
    assert "*" not in text
    assert text.count("Delete") == len(FILES) + 1


def test_the_list_of_files_goes_last_so_that_a_removal_can_go_on() -> None:
    files, others = remove_macros([*FILES, NAMES]).split("!macroend")[:2]
    assert "installed-files.txt" not in files
    assert others.index("installed-files.txt") < others.index("RMDir")


def test_folders_go_from_the_inside_out() -> None:
    assert folders(FILES) == ["_internal/b/c", "_internal/b", "_internal"]


def test_an_upgrade_knows_the_files_below_internal_only() -> None:
    assert upgrade_list(FILES).splitlines() == [
        "F a.dll", "F b\\c\\d.txt", "F b\\e.txt", "D b\\c", "D b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1.2.3", (1, 2, 3, 0)), ("0.1", (0, 1, 0, 0)), ("1.2.3+local", (1, 2, 3, 0))],
)
def test_versions_are_four_numbers_on_windows(text: str, numbers: tuple[int, ...]) -> None:
    assert four_numbers(text) == numbers


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("PySide6/Qt/lib/libQt6Core.so.6", True),
        ("PySide6/Qt6Network.dll", True),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6\\opengl32sw.dll", False),
        ("PySide6/Qt6Quick.dll", False),
        ("PySide6/Qt6Qml.dll", False),
        ("PySide6/Qt/lib/libQt6Qml.so.6", False),
        ("PySide6/QtQml.abi3.so", False),
        ("PySide6/Qt/lib/libQt6QmlModels.so.6", False),
        ("icuuc.dll", False),
        ("PySide6/translations/qtbase_de.qm", True),
        ("PySide6/translations/qtbase_ja.qm", False),
        ("PySide6/translations/qt_help_de.qm", False),
        ("websockets-17.4.dist-info/METADATA", True),
        ("websockets-17.4.dist-info/RECORD", False),
        ("natwizard/resources/icons/natwizard.svg", True),
        ("natwizard/resources/translations/de/LC_MESSAGES/natwizard.mo", True),
        ("natwizard/resources/translations/de/LC_MESSAGES/natwizard.po", False),
    ],
)
def test_what_is_slimmed_away(name: str, *, stays: bool) -> None:
    assert kept(name) is stays


def test_an_upgrade_puts_every_file_beside_the_libraries_aside() -> None:
    script = (ROOT / "packaging/windows/files-in-use.nsh").read_text("utf-8")
    body = script.split("!macro EachFileOnTop")[1].split("!macroend")[0]
    names = set(re.findall(r'"(.+?)"', body))
    assert names == {"${WINDOWED}", "${CONSOLE}", "NOTICE.txt", "LICENSE.txt"}
    added = (ROOT / "packaging/steps/freeze.py").read_text("utf-8")
    assert set(re.findall(r'folder / "(\w+\.txt)"', added)) == names - {"${WINDOWED}", "${CONSOLE}"}

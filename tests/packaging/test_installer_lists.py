"""The lists that the installer is made with: every file by name, folders from the inside out."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from packaging_lab import ROOT
from steps.file_list import NAMES, folders, upgrade_list
from steps.generated import four_numbers
from steps.installer import install_macro, remove_macros
from steps.slim import kept, without_docstrings

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
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", False),
        ("PySide6\\plugins\\styles\\qmodernwindowsstyle.dll", False),
        ("PySide6\\plugins\\networkinformation\\qnetworklistmanager.dll", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6\\opengl32sw.dll", False),
        ("PySide6/Qt6Quick.dll", False),
        ("PySide6/Qt6Qml.dll", False),
        ("PySide6/Qt/lib/libQt6Qml.so.6", False),
        ("PySide6/QtQml.abi3.so", False),
        ("PySide6/Qt/lib/libQt6QmlModels.so.6", False),
        ("PySide6/Qt6Svg.dll", False),
        ("PySide6\\plugins\\imageformats\\qico.dll", False),
        ("PySide6\\plugins\\iconengines\\qsvgicon.dll", False),
        ("PySide6/Qt/plugins/iconengines/libqsvgicon.so", True),
        ("icuuc.dll", False),
        ("PySide6/translations/qtbase_de.qm", True),
        ("PySide6/translations/qtbase_ja.qm", False),
        ("PySide6/translations/qt_help_de.qm", False),
        ("websockets-17.4.dist-info/METADATA", True),
        ("websockets-17.4.dist-info/RECORD", False),
        ("cryptography-50.0.2.dist-info/sboms/rust.cyclonedx.json", False),
        ("natwizard/resources/icons/natwizard.svg", True),
        ("natwizard/resources/translations/de/LC_MESSAGES/natwizard.mo", True),
        ("natwizard/resources/translations/de/LC_MESSAGES/natwizard.po", False),
    ],
)
def test_what_is_slimmed_away(name: str, *, stays: bool) -> None:
    assert kept(name) is stays


def test_windows_are_made_of_png_files_alone() -> None:
    """QtGui reads those itself; its readers of other pictures are left out on Windows."""
    other = re.compile(r"""\.(svg|ico|jpe?g|gif|webp|bmp)["']|QtSvg""")
    sources = [
        path for part in ("gui", "drawing") for path in (ROOT / "natwizard" / part).rglob("*.py")
    ]
    assert sources
    assert [path.name for path in sources if other.search(path.read_text("utf-8"))] == []


def test_an_upgrade_puts_every_file_beside_the_libraries_aside() -> None:
    script = (ROOT / "packaging/windows/files-in-use.nsh").read_text("utf-8")
    body = script.split("!macro EachFileOnTop")[1].split("!macroend")[0]
    names = set(re.findall(r'"(.+?)"', body))
    assert names == {"${WINDOWED}", "${CONSOLE}", "NOTICE.txt", "LICENSE.txt"}
    added = (ROOT / "packaging/steps/freeze.py").read_text("utf-8")
    assert set(re.findall(r'folder / "(\w+\.txt)"', added)) == names - {"${WINDOWED}", "${CONSOLE}"}


DOCUMENTED = '''"""Module,
of two lines."""  # with a comment
from __future__ import annotations

from dataclasses import dataclass

def plain(): "One line."; return 1

async def only():
    """Nothing
    else, with an é.
    """

@dataclass
class Kept:
    """Of a class."""

    value: int = 0

    def method(self) -> str:
        """Gone."""
        return """not
        this one"""
'''


def test_docstrings_go_and_all_else_stays_on_its_line() -> None:
    short = without_docstrings(DOCUMENTED.encode())
    assert short.count(b"\n") == DOCUMENTED.count("\n")
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    exec(compile(DOCUMENTED, "x", "exec"), before)  # noqa: S102 - our own text
    exec(compile(short, "x", "exec"), after)  # noqa: S102
    assert (after["__doc__"], after["plain"].__doc__, after["only"].__doc__) == ("", "", "")
    assert after["Kept"].__doc__ == "Of a class."
    assert after["plain"]() == 1
    assert after["Kept"]().method() == before["Kept"]().method()
    for name in ("plain", "only", "Kept"):
        code, old = (
            space[name].method if name == "Kept" else space[name] for space in (after, before)
        )
        assert code.__code__.co_firstlineno == old.__code__.co_firstlineno


@pytest.mark.parametrize("source", [b"\xff = 1", b"def", b"", b"x = 1\r\n"])
def test_what_has_no_docstrings_stays_as_it_is(source: bytes) -> None:
    assert without_docstrings(source) == source


def test_our_own_modules_stay_whole_without_their_docstrings() -> None:
    for path in sorted((ROOT / "natwizard").rglob("*.py")):
        source = path.read_bytes()
        names = {node.name for node in ast.walk(ast.parse(source)) if hasattr(node, "name")}
        short = ast.parse(without_docstrings(source))
        assert {node.name for node in ast.walk(short) if hasattr(node, "name")} == names, path

"""Another program holds one of our files: setup and removal change nothing, and say which."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from installer_lab import KEY, LISTED, contents, files_below, other_version
from steps import wine
from steps.paths import version
from wine_lab import Windows

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]
DONE, CANNOT_WRITE = 0, 5
LIBRARY = "_internal/python3.dll"
# CreateFileW's sharing: nothing, or reading as a viewer of texts does; or loaded as a library
NOTHING, READING, LOADED = 0, 1, 9
HOLDER = f"""
import ctypes, sys, time
place, sharing = bytes.fromhex(sys.argv[1]).decode(), int(sys.argv[2])
kernel = ctypes.WinDLL("kernel32", use_last_error=True)
kernel.CreateFileW.restype = kernel.LoadLibraryExW.restype = ctypes.c_void_p
kernel.LoadLibraryExW.argtypes = [ctypes.c_wchar_p, ctypes.c_void_p, ctypes.c_uint32]
if sharing == {LOADED}:
    handle = kernel.LoadLibraryExW(place, None, 1)  # DONT_RESOLVE_DLL_REFERENCES
else:  # GENERIC_READ, OPEN_EXISTING
    handle = kernel.CreateFileW(place, ctypes.c_uint32(0x80000000), sharing, None, 3, 0, None)
failed = handle in (None, ctypes.c_void_p(-1).value)
print(f"error {{ctypes.get_last_error()}}" if failed else "held", flush=True)
time.sleep(600)
"""


@contextmanager
def held(windows: Windows, path: Path, sharing: int = NOTHING) -> Iterator[None]:
    """Another program has this file open."""
    place = wine.path(path).encode().hex()
    with windows.start(wine.interpreter(), "-c", HOLDER, place, str(sharing)) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline().strip() == "held"
            yield
        finally:
            holder.kill()
    windows.settle()


def told(windows: Windows) -> str:
    """What the silent run wrote down."""
    return next(windows.home.rglob("natwizard-setup.log")).read_text("utf-16")


def test_an_upgrade_waits_for_another_day_and_the_program_still_works(
    setup: Path, windows: Windows, tmp_path: Path
) -> None:
    newer = other_version(tmp_path, "99.0", extra="new in 99.txt")
    folder = windows.programs / "natwizard"
    assert windows.run(setup, "/S")[0] == DONE
    before, listed = contents(folder), windows.registry(rf"HKCU\{LISTED}")
    with held(windows, folder / LIBRARY):
        assert windows.run(newer, "/S")[0] == CANNOT_WRITE
        assert files_below(folder) == set(before), "nothing moved, nothing added"
        assert r"_internal\python3.dll" in told(windows)
    assert contents(folder) == before
    assert windows.registry(rf"HKCU\{LISTED}") == listed
    code, said = windows.run(folder / "natwizard.exe", "--version")
    assert (code, said.strip()) == (0, f"natwizard {version()}")

    assert windows.run(newer, "/S")[0] == DONE
    assert files_below(folder) == {
        "natwizard.exe", "natwizard-gui.exe", "Uninstall.exe", LIBRARY,
        "_internal/installed-files.txt", "_internal/files.sha256", "_internal/new in 99.txt",
    }  # fmt: skip
    assert "99.0" in windows.registry(rf"HKCU\{LISTED}")


def test_a_removal_changes_nothing_until_the_file_is_free(setup: Path, windows: Windows) -> None:
    folder = windows.programs / "natwizard"
    assert windows.run(setup, "/S")[0] == DONE
    before, listed = contents(folder), windows.registry(rf"HKCU\{LISTED}")
    in_place = f"_?={wine.path(folder)}"  # stays in the foreground and tells its exit code
    with held(windows, folder / LIBRARY, LOADED):
        assert windows.run(folder / "Uninstall.exe", "/S", in_place)[0] == CANNOT_WRITE
        assert r"_internal\python3.dll" in told(windows)
    assert contents(folder) == before
    assert windows.registry(rf"HKCU\{LISTED}") == listed
    assert (windows.menu / "natwizard.lnk").is_file()
    assert windows.run(folder / "natwizard.exe", "--version")[0] == 0

    assert windows.run(folder / "Uninstall.exe", "/S", in_place)[0] == DONE
    assert files_below(folder) == {"Uninstall.exe"}, "it cannot delete itself in its own place"
    assert windows.registry(rf"HKCU\{KEY}") == windows.registry(rf"HKCU\{LISTED}") == ""


@pytest.mark.usefixtures("setup")
@pytest.mark.parametrize(
    ("name", "sharing"),
    [(LIBRARY, READING), (LIBRARY, LOADED), ("_internal/installed-files.txt", NOTHING),
     ("Uninstall.exe", READING)],
    ids=["read", "loaded", "the list", "the uninstaller"],
)  # fmt: skip
def test_whatever_is_held_and_however(
    windows: Windows, tmp_path: Path, name: str, sharing: int
) -> None:
    older, newer = other_version(tmp_path, "0.0.8"), other_version(tmp_path, "0.0.9")
    folder = windows.programs / "natwizard"
    assert windows.run(older, "/S")[0] == DONE
    before = files_below(folder)
    with held(windows, folder / name, sharing):
        assert windows.run(newer, "/S")[0] == CANNOT_WRITE
        assert files_below(folder) == before
    assert windows.run(newer, "/S")[0] == DONE
    assert files_below(folder) == before


@pytest.mark.usefixtures("setup")
def test_a_file_of_somebody_else_among_the_libraries_is_kept_and_stops_no_upgrade(
    windows: Windows, tmp_path: Path
) -> None:
    folder = windows.programs / "natwizard"
    for number in ("0.0.7", "0.0.8", "0.0.9"):
        assert windows.run(other_version(tmp_path, number), "/S")[0] == DONE
        (folder / "_internal" / f"mine {number}.txt").write_text("not yours")
    kept = {name for name in files_below(folder) if "mine" in name}
    assert kept == {
        "_internal.kept1/mine 0.0.7.txt", "_internal.old/mine 0.0.8.txt",
        "_internal/mine 0.0.9.txt",
    }  # fmt: skip

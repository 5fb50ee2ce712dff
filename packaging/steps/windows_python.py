"""Puts a Windows CPython together on Linux, from parts of wheels, to freeze and test under wine.

A build and test device: the release workflow freezes on Windows with the Python of python.org.
"""

import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from steps import wine
from steps.environment import CONSTRAINTS, python, run
from steps.paths import PACKAGING, ROOT

VERSION = "3.11.7"
PARTS = PACKAGING / "windows/python-parts.txt"
TEST_CONSTRAINTS = ROOT / "constraints.txt"
LEFT_OUT = {"site-packages", "test", "lib-dynload", "idlelib", "ensurepip", "turtledemo"}
ONLY_WINDOWS = (
    "--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp",
    "--abi", "cp311", "--abi", "abi3", "--abi", "none", "--only-binary=:all:",
)  # fmt: skip


def make_windows_python(_target: str) -> None:
    """Python, its packages, and a wine prefix to run it in; made again when constraints change."""
    if platform.python_version() != VERSION:
        raise SystemExit(f"the Windows library is {VERSION}: run this with Python {VERSION}")
    folder = wine.interpreter().parent
    stamp, wanted = folder / ".made-from", CONSTRAINTS.read_text() + PARTS.read_text()
    if stamp.is_file() and stamp.read_text() == wanted:
        print(f"{folder}: up to date")
        return
    host = python()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        parts = Path(name)
        pip = [host, "-m", "pip", "--disable-pip-version-check", "-q"]
        run([*pip, "download", "--no-deps", "--require-hashes", *ONLY_WINDOWS[:4],
             "--only-binary=:all:", "-d", parts, "-r", PARTS])  # fmt: skip
        _unpack(next(parts.glob("panda3d-*.whl")), next(parts.glob("mercurial-*.whl")), folder)
        _standard_library(folder / "Lib")
        for program, extra in (("python.exe", []), ("pythonw.exe", ["-mwindows"])):
            run([wine.COMPILER, "-O2", "-municode", *extra, "-o", folder / program,
                 PACKAGING / "windows/python_exe.c"])  # fmt: skip
    _install(CONSTRAINTS, wine.site_packages())
    wine.run([str(wine.interpreter()), "--version"])
    stamp.write_text(wanted)


def make_test_packages() -> Path:
    """What the tests need beside it, in a folder for PYTHONUSERBASE: the freeze must not see them,
    and programs that a test starts with a PYTHONPATH of their own still do."""
    folder = wine.HOME / "test-packages"
    packages = folder / "Python311/site-packages"
    stamp, wanted = folder / ".made-from", TEST_CONSTRAINTS.read_text()
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _install(TEST_CONSTRAINTS, packages)
        (packages / "natwizard.pth").write_text(f"{wine.path(ROOT)}\n", "utf-8")
        stamp.write_text(wanted)
    return folder


def _install(constraints: Path, target: Path) -> None:
    host = python()
    with tempfile.TemporaryDirectory() as name:
        wanted = Path(name) / "windows.txt"
        wanted.write_text("".join(_windows_lines(host, constraints)), "utf-8")
        run([host, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-deps",
             "--no-compile", "--require-hashes", *ONLY_WINDOWS, "--target", target,
             "-r", wanted])  # fmt: skip


def _unpack(panda: Path, mercurial: Path, folder: Path) -> None:
    """Libraries beside python.exe as in CPython's own folder; Windows' own ones left out."""
    modules = folder / "DLLs"
    modules.mkdir()
    with zipfile.ZipFile(panda) as wheel:
        for name in wheel.namelist():
            base = name.rsplit("/", 1)[-1]
            if not name.startswith("deploy_libs/") or base.startswith("api-ms-win"):
                continue
            at_top = base.lower() in ("python311.dll", "vcruntime140.dll", "vcruntime140_1.dll")
            if base.lower().endswith((".dll", ".pyd")):
                ((folder if at_top else modules) / base).write_bytes(wheel.read(name))
    with zipfile.ZipFile(mercurial) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("python3.dll"))
        (folder / "python3.dll").write_bytes(wheel.read(name))


def _standard_library(target: Path) -> None:
    source = Path(sysconfig.get_paths()["stdlib"])

    def left_out(_folder: str, names: list[str]) -> set[str]:
        posix = {name for name in names if name.startswith(("config-3", "_sysconfigdata"))}
        return posix | (LEFT_OUT | {"__pycache__"}) & set(names)

    shutil.copytree(source, target, ignore=left_out)


def _windows_lines(host: Path, constraints: Path) -> Iterator[str]:
    """The constraints that hold on Windows: pip judges markers by the machine it runs on."""
    script = (
        "import sys\n"
        "from pip._vendor.packaging.markers import Marker\n"
        "windows = {'sys_platform': 'win32', 'os_name': 'nt', 'platform_system': 'Windows'}\n"
        "for line in open(sys.argv[1], encoding='utf-8'):\n"
        "    head, _, marker = line.rstrip(' \\\\\\n').partition(' ; ')\n"
        "    wanted = Marker(marker).evaluate(windows) if marker else True\n"
        "    if not line.startswith(' '):\n"
        "        print(head if wanted else '')\n"
    )
    told = subprocess.run(
        [str(host), "-c", script, str(constraints)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    names = {line for line in told if line}
    keep = True
    for line in constraints.read_text("utf-8").splitlines(keepends=True):
        if not line.startswith(" "):
            head = line.rstrip(" \\\n").partition(" ; ")[0]
            keep = head in names
            line = f"{head} \\\n" if keep else ""
        if keep:
            yield line


if __name__ == "__main__":
    sys.exit("run build.py windows-python")

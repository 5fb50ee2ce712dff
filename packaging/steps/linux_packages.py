"""The .deb and the .rpm, both by nfpm, from the frozen folder."""

import gzip
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from steps.environment import commit_time_s, python, reproducible, run
from steps.paths import LINUX, NAME, OUTPUT, PACKAGING, ROOT, Layout, version

HOME = "/usr/lib/natwizard"
MAINTAINER = "The natwizard authors <natwizard@example.com>"
ICON_SIZES = (16, 24, 32, 48, 256)
DEBIAN_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# A window without any font would be little boxes
ALWAYS_DEBIAN = ("fontconfig-config", "fonts-dejavu-core | fonts-liberation | fonts-inter")


def make_deb(_target: str) -> None:
    """dist/natwizard_VERSION_ARCH.deb"""
    _make("deb")


def make_rpm(_target: str) -> None:
    """dist/natwizard-VERSION-1.ARCH.rpm"""
    _make("rpm")


def _make(kind: str) -> None:
    layout = Layout(LINUX)
    if not layout.program().is_file():
        raise SystemExit(f"{layout.frozen} is missing: run build.py freeze")
    tree = layout.work / kind
    shutil.rmtree(tree, ignore_errors=True)
    stage(layout, tree, kind)
    described = layout.work / f"nfpm-{kind}.json"
    described.write_text(json.dumps(description(layout, tree, kind), indent=1), "utf-8")
    OUTPUT.mkdir(exist_ok=True)
    nfpm = python().parent / "nfpm"
    run([nfpm, "package", "--config", described, "--packager", kind, "--target", OUTPUT],
        environment=reproducible())  # fmt: skip


def stage(layout: Layout, tree: Path, kind: str) -> None:
    """The files as they will lie below /, all with the commit's time."""
    shutil.copytree(layout.frozen, tree / HOME.lstrip("/"), symlinks=True)
    share = tree / "usr/share"
    linux = PACKAGING / "linux"
    _write(
        share / "applications/natwizard.desktop", (linux / "natwizard.desktop").read_text("utf-8")
    )
    _write(share / "metainfo/io.github.natwizard.metainfo.xml",
           _filled((linux / "natwizard.metainfo.xml").read_text("utf-8")))  # fmt: skip
    # the desktop's own triggers read it, in Debian and Fedora alike
    _write(share / "mime/packages/natwizard.xml", (linux / "natwizard.mime.xml").read_text("utf-8"))
    for side in ICON_SIZES:
        icon = share / f"icons/hicolor/{side}x{side}/apps/natwizard.png"
        icon.parent.mkdir(parents=True)
        shutil.copyfile(ROOT / f"resources/icons/natwizard-{side}.png", icon)
    scalable = share / "icons/hicolor/scalable/apps/natwizard.svg"
    scalable.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "resources/icons/natwizard.svg", scalable)
    for name in (NAME, f"{NAME}-gui"):
        _squeeze(
            share / f"man/man1/{name}.1.gz", _filled((linux / "natwizard.1").read_text("utf-8"))
        )
    documents = share / "doc/natwizard"
    _write(documents / "copyright", copyright_text())
    if kind == "deb":
        overrides = (linux / "lintian-overrides").read_text("utf-8")
        _write(share / "lintian/overrides/natwizard", overrides)
        _squeeze(documents / "changelog.Debian.gz", debian_changelog())
    (tree / "usr/bin").mkdir()
    for name in (NAME, f"{NAME}-gui"):
        (tree / "usr/bin" / name).symlink_to(f"../lib/natwizard/{name}")
    moment_s = commit_time_s()
    for path in tree.rglob("*"):
        if path.is_file() and not path.is_symlink():
            runs = path.parent == tree / HOME.lstrip("/") and path.name.startswith(NAME)
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (moment_s, moment_s), follow_symlinks=False)


def copyright_text() -> str:
    """Debian's machine-readable form; the whole texts lie beside the program."""
    licence = (ROOT / "LICENSE").read_text("utf-8")
    found = re.search(r"^Copyright (.*)$", licence, re.MULTILINE)
    holder = found[1] if found else NAME
    indented = "".join(f" {line or '.'}\n" for line in licence.strip().splitlines())
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        "Upstream-Name: natwizard\n"
        "Comment: Python, Qt and other libraries are bundled; their licences are in\n"
        f" {HOME}/NOTICE.txt\n\n"
        f"Files: *\nCopyright: {holder}\n"
        f"License: Expat\n{indented}"
    )


def debian_changelog() -> str:
    """One entry in Debian's form, which points at ours."""
    moment = datetime.fromtimestamp(commit_time_s(), tz=UTC)
    return (
        f"natwizard ({version()}-1) unstable; urgency=medium\n\n"
        "  * See CHANGELOG.md in the sources.\n\n"
        f" -- {MAINTAINER}  {moment:%a, %d %b %Y %H:%M:%S} +0000\n"
    )


def description(layout: Layout, tree: Path, kind: str) -> dict[str, object]:
    """What nfpm is told."""
    machine = layout.label.split("-", 1)[1]
    needs = sorted(outside_libraries(layout.frozen))
    depends = debian_packages(needs) if kind == "deb" else rpm_libraries(needs)
    moment = datetime.fromtimestamp(commit_time_s(), tz=UTC).isoformat().replace("+00:00", "Z")
    return {
        "name": NAME, "arch": DEBIAN_ARCHITECTURES.get(machine, machine), "platform": "linux",
        "version": version(), "release": "1", "section": "net", "priority": "optional",
        "maintainer": MAINTAINER,
        "description": (
            "check whether this computer is ready for a cloud webphone\n"
            "One press, about a minute, one sentence: is this computer, on this network,\n"
            "ready for the webphone? If not: what is wrong, who fixes it, and how."
        ),
        "license": "MIT", "mtime": moment, "depends": depends,
        "rpm": {"group": "Applications/Internet", "compression": "xz", "buildhost": NAME},
        "deb": {"compression": "xz"},
        "contents": [
            {"src": f"{tree}/", "dst": "/", "type": "tree", "file_info": {"mtime": moment}}
        ],
    }  # fmt: skip


def outside_libraries(folder: Path) -> set[str]:
    """Libraries that the frozen program asks of the system: needed, and not in the folder."""
    needed: set[str] = set()
    inside = {path.name for path in folder.rglob("*")}
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file() or path.read_bytes()[:4] != b"\x7fELF":
            continue
        told = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True)
        needed |= set(re.findall(r"\(NEEDED\).*\[(.+?)\]", told.stdout))
    return {name for name in needed - inside if not name.startswith("ld-linux")}


def debian_packages(libraries: list[str]) -> list[str]:
    """The packages that hold them here, libc6 with its version: it is built against that."""
    told = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    places = dict(re.findall(r"^\s*(\S+) \(.*x86-64.*\) => (\S+)$", told, re.MULTILINE))
    found = set()
    for name in libraries:
        place = places.get(name)
        if place is None:
            raise SystemExit(f"{name} is needed and not installed here: no package can be named")
        alike = {place, str(Path(place).resolve()), place.removeprefix("/usr")}
        alike |= {f"/usr{each}" for each in alike if each.startswith("/lib")}
        alike |= {each.removeprefix("/usr") for each in alike}
        owner = subprocess.run(
            ["dpkg-query", "-S", *alike], capture_output=True, text=True, check=False
        ).stdout
        found |= {line.split(":")[0] for line in owner.splitlines()}
    libc = re.search(r"GLIBC (\d+\.\d+)", _libc_version())
    floor = f"libc6 (>= {libc[1]})" if libc else "libc6"
    return sorted((found - {"libc6"}) | {floor, *ALWAYS_DEBIAN})


def rpm_libraries(libraries: list[str]) -> list[str]:
    """As RPM names them, libc with its version."""
    libc = re.search(r"GLIBC (\d+\.\d+)", _libc_version())
    floor = [f"libc.so.6(GLIBC_{libc[1]})(64bit)"] if libc else []
    return [f"{name}()(64bit)" for name in libraries] + floor


def _libc_version() -> str:
    return subprocess.run(["ldd", "--version"], capture_output=True, text=True, check=True).stdout


def _filled(text: str) -> str:
    date = datetime.fromtimestamp(commit_time_s(), tz=UTC).date().isoformat()
    return text.replace("@VERSION@", version()).replace("@DATE@", date)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _squeeze(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))

"""The portable .zip, and the checksums of everything that is published."""

import hashlib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from steps import signing
from steps.environment import commit_time_s
from steps.file_list import installed_files, write_file_list
from steps.paths import NAME, OUTPUT, PACKAGING, WINDOWS, Layout, version

SUMS = "SHA256SUMS"


def make_portable(target: str) -> Path:
    """dist/natwizard-VERSION-LABEL-portable.zip: unpack and run, from a stick or a share.

    Sorted, with the commit's time: the same input makes the same bytes.
    """
    layout = Layout(target)
    if target == WINDOWS and not signing.wanted():
        print(signing.LOUD)
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / f"{NAME}-{version()}-{layout.label}-portable.zip"
    stamp = datetime.fromtimestamp(commit_time_s(), tz=UTC).timetuple()[:6]
    write_file_list(layout.frozen)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in installed_files(layout.frozen):
            _add(archive, layout.frozen / name, f"{NAME}/{name}", stamp)
        _add(archive, PACKAGING / "portable.txt", f"{NAME}/README.txt", stamp)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return path


def _add(archive: zipfile.ZipFile, source: Path, name: str, stamp: tuple[int, ...]) -> None:
    entry = zipfile.ZipInfo(name, date_time=tuple(stamp))  # type: ignore[arg-type]
    entry.compress_type = zipfile.ZIP_DEFLATED
    mode = 0o755 if source.stat().st_mode & 0o100 else 0o644
    if source.is_symlink():  # Qt's libraries on Linux
        entry.external_attr = (0o120777) << 16
        archive.writestr(entry, source.readlink().as_posix())
        return
    entry.external_attr = (0o100000 | mode) << 16
    archive.writestr(entry, source.read_bytes())


def write_checksums(_target: str) -> None:
    """dist/SHA256SUMS, as `sha256sum --check` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(OUTPUT.iterdir())
        if path.is_file() and path.name != SUMS
    ]
    (OUTPUT / SUMS).write_text("".join(lines), "ascii")
    print("".join(lines), end="")

"""Versions of packages from the databases that Linux distributions keep as files."""

import re
from collections.abc import Iterator

from natwizard.probes.browser_copy import version_numbers
from natwizard.probes.host import FILE_LIMIT_BYTES, Host

DPKG_STATUS = "/var/lib/dpkg/status"
PACMAN_FOLDER = "/var/lib/pacman/local"
RPM_PROGRAM = "/usr/bin/rpm"
LARGEST_STATUS_BYTES = 32 * 1024 * 1024
ASK_RPM_S = 3.0

RELEASE = re.compile(r"<release\b[^>]*?\bversion=[\"']([0-9][0-9A-Za-z.+~-]{0,60})[\"']")
SNAP_VERSION = re.compile(r"(?m)^version:[ \t]*['\"]?([0-9][0-9A-Za-z.+~-]{0,60})")


def package_version(host: Host, names: tuple[str, ...]) -> str:
    """The upstream version of the first of these packages that is installed, or empty."""
    found = _dpkg_version(host, names) or _pacman_version(host, names) or _rpm_version(host, names)
    return upstream(found)


def upstream(version: str) -> str:
    """Without a distribution's own parts: "1:156.0.8078.79-1~deb12u1" is 156.0.8078.79."""
    return version.partition(":")[2 if ":" in version else 0].partition("-")[0]


def snap_version(snap_yaml: str) -> str:
    """The version in a snap's meta/snap.yaml, or empty."""
    match = SNAP_VERSION.search(snap_yaml)
    return upstream(match[1]) if match else ""


def xml_release(metainfo: str) -> str:
    """The newest release that an AppStream description names, or empty."""
    releases = RELEASE.findall(metainfo[:FILE_LIMIT_BYTES])
    return upstream(max(releases, key=version_numbers)) if releases else ""


def _dpkg_version(host: Host, names: tuple[str, ...]) -> str:
    for paragraph in _paragraphs(host):
        name = paragraph.partition("\n")[0].removeprefix("Package: ")
        if name in names and "\nStatus: install ok installed" in paragraph:
            match = re.search(r"(?m)^Version: (\S+)", paragraph)
            return match[1] if match else ""
    return ""


def _paragraphs(host: Host) -> Iterator[str]:
    """The status file piece by piece: on a desktop it is larger than one reading."""
    rest = ""
    for offset in range(0, LARGEST_STATUS_BYTES, FILE_LIMIT_BYTES):
        try:
            piece = host.read_bytes(DPKG_STATUS, offset=offset, limit=FILE_LIMIT_BYTES)
        except OSError:
            return
        *whole, rest = (rest + piece.decode("utf-8", errors="replace")).split("\n\n")
        yield from whole
        if len(piece) < FILE_LIMIT_BYTES:
            yield rest
            return


def _pacman_version(host: Host, names: tuple[str, ...]) -> str:
    for entry in host.list_directory(PACMAN_FOLDER):
        name, _, version = entry.rpartition("-")[0].rpartition("-")
        if name in names:
            return version
    return ""


def _rpm_version(host: Host, names: tuple[str, ...]) -> str:
    if not host.list_directory("/var/lib/rpm") and not host.list_directory("/usr/lib/sysimage/rpm"):
        return ""
    for name in names:
        try:
            answer = host.run(
                (RPM_PROGRAM, "-q", "--queryformat", "%{VERSION}", name), timeout_s=ASK_RPM_S
            )
        except (OSError, TimeoutError):
            return ""
        if answer.exit_code == 0 and version_numbers(answer.output):
            return answer.output.strip()
    return ""

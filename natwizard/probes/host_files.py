"""Small readings of a host's files that several probes share."""

import configparser

from natwizard.probes.executable import Executable, ReadAt, read_executable
from natwizard.probes.host import FILE_LIMIT_BYTES, Host


def reader(host: Host, path: str) -> ReadAt:
    """Reads a file at an offset."""
    return lambda offset, length: host.read_bytes(path, offset=offset, limit=length)


def read_text(host: Host, path: str, *, limit: int = FILE_LIMIT_BYTES) -> str:
    """A text file, or empty where it is absent or not ours to read."""
    try:
        return host.read_bytes(path, limit=limit).decode("utf-8", errors="replace")
    except OSError:
        return ""


def exists(host: Host, path: str) -> bool:
    """Whether a file is there and readable."""
    try:
        host.read_bytes(path, limit=1)
    except OSError:
        return False
    return True


def executable_of(host: Host, path: str) -> Executable | None:
    """What a program file is built for; None where it is absent or no program."""
    try:
        return read_executable(reader(host, path))
    except OSError:
        return None


def ini_values(text: str, section: str) -> dict[str, str]:
    """Keys (in lower case) of one section of an INI text; empty where it is none."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return dict(parser[section]) if parser.has_section(section) else {}

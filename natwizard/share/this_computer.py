"""What tells this computer from others and where it stands: its own ID, name and addresses."""

import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import platformdirs

from natwizard.model.report import Report
from natwizard.report.files import CannotWrite, make_folder, write_whole
from natwizard.system.machine_id import machine_id

# Of documentation (RFC 5737, RFC 3849): nobody has them, so they take the default route. To
# connect a datagram socket picks the route and sends nothing.
ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
# The discard port, though nothing is sent at all
ANY_PORT = 9
MADE_UP_FILE = "seat-id"
PUBLIC_KEY = "public"


def machine_here() -> tuple[str, str]:
    """The ID of this computer, and its name."""
    return machine_id() or _made_up_id(), socket.gethostname()


def addresses_here(report: Report | None = None) -> tuple[str, ...]:
    """Addresses that this computer has towards the internet, and how servers saw it in a run."""
    public = _public_addresses(report) if report is not None else ()
    return tuple(dict.fromkeys((*_local_addresses(), *public)))


def _local_addresses() -> Iterator[str]:
    for family, elsewhere in ELSEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((elsewhere, ANY_PORT))
                yield str(probe.getsockname()[0])
        except OSError:
            continue  # no route of this family


def _public_addresses(report: Report) -> Iterator[str]:
    """Wherever evidence says how we were seen; a redacted report has stars there."""
    for record in report.outcomes:
        level: list[object] = [msgspec.json.decode(bytes(record.evidence))]
        while level:
            node = level.pop()
            if isinstance(node, list):
                level.extend(node)
            elif isinstance(node, dict):
                seen = node.get(PUBLIC_KEY)
                if isinstance(seen, dict) and isinstance(seen.get("host"), str):
                    yield seen["host"]
                level.extend(node.values())


def _made_up_id(folder: Path | None = None) -> str:
    """Where the system has no ID: one at random, kept for the next run."""
    folder = folder or platformdirs.user_data_path("natwizard", appauthor=False)
    path = folder / MADE_UP_FILE
    try:
        kept = path.read_text("ascii")[:64]
    except (OSError, UnicodeDecodeError):
        kept = ""
    if kept:
        return kept
    made = secrets.token_hex(16)
    try:
        make_folder(folder)
        write_whole(path, made.encode())
    except CannotWrite:
        pass  # this run has a seat of its own, then
    return made

"""What tells this computer from others and where it stands: its own ID, name and addresses."""

import platform
import secrets
import socket
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import msgspec
import platformdirs

from natwizard.model.report import Report
from natwizard.report.files import CannotWrite, make_folder, write_whole
from natwizard.report.redact import MASK
from natwizard.report.store import kept_report
from natwizard.system.machine_id import machine_id

# Of documentation (RFC 5737, RFC 3849): nobody has them, so they take the default route. To
# connect a datagram socket picks the route and sends nothing.
ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
# The discard port, though nothing is sent at all
ANY_PORT = 9
MADE_UP_FILE = "seat-id"
PUBLIC_KEY, LOCAL_KEY, EARLIER_KEY = "public", "local_address", "seen_at"


def machine_here() -> tuple[str, str]:
    """The ID of this computer, and its name."""
    return machine_id() or _made_up_id(), socket.gethostname()


def is_of_this_computer(report: Report) -> bool:
    """Whether a saved run was made here, as far as there is proof of it.

    By the computer's name in it, which masking takes off; then by that in the copy that is kept
    here. A kept copy alone is no proof: several computers may share a person's folders.
    """
    kept = kept_report(report.run_id)
    named = [each.machine.host_name.lower() for each in (report, kept) if each is not None]
    told = next((name for name in named if name not in ("", MASK)), "")
    return bool(told) and told == platform.node().lower()


def addresses_here() -> tuple[str, ...]:
    """Addresses that this computer has towards the internet now."""
    return tuple(dict.fromkeys(_local_addresses()))


def addresses_in(report: Report) -> tuple[str, ...]:
    """Addresses that a computer had during a run: its own, then as servers saw it.

    A masked report has stars in some of them, which are no address of anything.
    """
    own: list[str] = []
    public: list[str] = []
    for node in _objects(report):
        local = node.get(LOCAL_KEY)
        # what earlier runs saw stands beside it, from wherever the computer was then
        if isinstance(local, str) and local and EARLIER_KEY not in node:
            own.append(local)
        seen = node.get(PUBLIC_KEY)
        if isinstance(seen, dict) and isinstance(seen.get("host"), str):
            public.append(seen["host"])
    return tuple(dict.fromkeys((*own, *public)))


def _objects(report: Report) -> Iterator[dict[str, object]]:
    """Every object in the evidence of a run, the outer ones first."""
    for record in report.outcomes:
        waiting: deque[object] = deque([msgspec.json.decode(bytes(record.evidence))])
        while waiting:
            node = waiting.popleft()
            if isinstance(node, list):
                waiting.extend(node)
            elif isinstance(node, dict):
                yield node
                waiting.extend(node.values())


def _local_addresses() -> Iterator[str]:
    for family, elsewhere in ELSEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((elsewhere, ANY_PORT))
                yield str(probe.getsockname()[0])
        except OSError:
            continue  # no route of this family


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

"""A list of computers that should report: CSV of Intune, Active Directory, or plain names."""

import re
from contextlib import closing
from itertools import islice
from pathlib import Path

from natwizard.planner.table_file import TableTrouble, recognise, rows

# Anybody may hand in a file: ten times the reports that reading is measured with (decision 71)
MOST_DEVICES = 500_000
# A label of a host name has 63 characters (RFC 1035, 2.3.4); a cell may hold anything
LONGEST_NAME = 200

# Headings as Intune, Entra, Active Directory, SCCM and people write them, the likeliest first.
HEADINGS = ("devicename", "computername", "hostname", "dnshostname", "displayname", "name",
            "computer", "device", "host", "pc", "cn", "samaccountname")  # fmt: skip


class UnreadableList(Exception):
    """The list is no table that can be read; `str()` is one line."""


def read_device_list(path: Path) -> tuple[str, ...]:
    """The names in it, each once, in their order. Raises UnreadableList.

    The column is the one whose heading is known, else the first.
    """
    try:
        with path.open("rb") as source:
            form = recognise(source)
            with closing(rows(source, form)) as every:
                cells = [
                    row.cells for row in islice(every, form.preamble, MOST_DEVICES) if row.cells
                ]
    except OSError as error:
        raise UnreadableList(f"{path}: {error.strerror or error}") from error
    except TableTrouble as error:
        raise UnreadableList(f"{path}: {error}") from error
    if not cells:
        return ()
    column = _column(cells[0])
    named = cells[1:] if column is not None else cells
    names = (row[column or 0].strip() for row in named if len(row) > (column or 0))
    return tuple(dict.fromkeys(name.rstrip("$")[:LONGEST_NAME] for name in names if name))


def _column(headings: list[str]) -> int | None:
    """Which column holds names; None where the first row is no heading."""
    known = [re.sub(r"[^a-z0-9]", "", heading.lower()) for heading in headings]
    return next((known.index(heading) for heading in HEADINGS if heading in known), None)

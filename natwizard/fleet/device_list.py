"""A list of computers that should report: CSV of Intune, Active Directory, or plain names."""

import re
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from natwizard.planner.table_file import TableTrouble, recognise, rows

# Anybody may hand in a file: ten times the reports that reading is measured with (decision 71)
MOST_DEVICES = 500_000
# A label of a host name has 63 characters (RFC 1035, 2.3.4); a cell may hold anything
LONGEST_NAME = 200

# Headings as Intune, Entra, Active Directory, SCCM, Lansweeper and people write them, in the
# languages of this program and as `_plain` leaves them: what can only be a computer comes before
# what may be a person's name, too.
HEADINGS = (
    "devicename", "computername", "hostname", "dnshostname", "assetname", "netbiosname",
    "netbiosname0", "geratename", "rechnername", "nomdelappareil", "nomdelordinateur",
    "nomduposte", "nomdhote", "nombredeldispositivo", "nombrededispositivo", "nombredelequipo",
    "nombredeequipo", "nombredehost", "computer", "device", "host", "pc", "rechner", "gerat",
    "appareil", "ordinateur", "poste", "dispositivo", "equipo", "ordenador", "displayname", "name",
    "name0", "nom", "nombre", "cn", "samaccountname", "distinguishedname",
)  # fmt: skip
REMARK = "#"
"""Windows PowerShell begins a CSV with "#TYPE" and the kind of its rows; people leave remarks."""
TITLES_AT_MOST = 5
"""Rows above a heading, as reports have them."""
# A name within a domain, as Windows writes it and as directories do (RFC 4514, 2.4)
DOWN_LEVEL_SEPARATOR = "\\"
DISTINGUISHED = re.compile(r"CN=([^,]+)(?:,.*)?", re.IGNORECASE | re.DOTALL)


class UnreadableList(Exception):
    """The list is no table that can be read; `str()` is one line."""


def read_device_list(path: Path) -> tuple[str, ...]:
    """The names in it, each once, in their order. Raises UnreadableList.

    Each row's name is in the first column with a known heading that is filled there; where no
    heading is known, in the first column.
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
    heading, columns = _heading(cells)
    named = (
        next((name for place in columns if (name := _name(row, place))), "")
        for row in cells[heading:]
        if not heading or row != cells[heading - 1]  # once more where lists were joined
    )
    return tuple(dict.fromkeys(name for name in named if name and not name.startswith(REMARK)))


def _heading(cells: Sequence[list[str]]) -> tuple[int, list[int]]:
    """How many rows end with the heading, and which columns hold names, the likeliest first.

    What stands above it are titles, which have fewer cells: of plain names any may read as one.
    """
    above = 0
    for number, row in enumerate(cells[: TITLES_AT_MOST + 1], 1):
        if row[0].startswith(REMARK) and row[0].strip() != REMARK:
            continue  # a "#" alone is the heading of numbers
        filled = sum(bool(cell.strip()) for cell in row)
        known = [_plain(cell) for cell in row]
        columns = [known.index(heading) for heading in HEADINGS if heading in known]
        if columns and filled > above:
            return number, columns
        above = max(above, filled)
    return 0, [0]


def _plain(heading: str) -> str:
    """Plain letters alone, and one of a kind: "Gerätename" and "Device names" are "geratename" and
    "devicename".
    """
    apart = unicodedata.normalize("NFKD", heading).lower()
    return re.sub(r"[^a-z0-9]", "", apart).removesuffix("s")


def _name(row: list[str], place: int) -> str:
    """A computer's name out of a cell: "CORP\\PC-1$" and "CN=PC-1,OU=Leeds" are "PC-1"."""
    if place >= len(row):
        return ""
    text = row[place].strip()
    distinguished = DISTINGUISHED.fullmatch(text)
    name = distinguished[1] if distinguished else text.rpartition(DOWN_LEVEL_SEPARATOR)[2]
    return name.strip().rstrip("$")[:LONGEST_NAME]

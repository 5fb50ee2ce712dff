"""A folder of reports, read and asked, in one step; the scratch files are gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from natwizard.fleet.reading import Unread, read_folder
from natwizard.fleet.tables import Tables, open_tables


@contextmanager
def fleet_tables(
    folder: Path, *, exports: Path | None = None, processes: int | None = None
) -> Iterator[tuple[Tables, list[Unread]]]:
    """The tables of every report below `folder`, and what is not counted. Raises FolderTrouble.

    `exports` is the one folder that the database may write to beside its own.
    """
    with tempfile.TemporaryDirectory(prefix="natwizard-fleet-") as made:
        scratch = Path(made)
        unread = read_folder(folder, scratch, processes=processes)
        with open_tables(scratch, unread, exports=exports) as tables:
            yield tables, unread

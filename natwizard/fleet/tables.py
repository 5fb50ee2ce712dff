"""The rows of a fleet in DuckDB: loaded, each run once, and closed to the world outside."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb
import msgspec
from msgspec import Struct

from natwizard.fleet.reading import Unread
from natwizard.fleet.rows import FindingRow, RunRow, ValueRow
from natwizard.model.language import N_

MEMORY_LIMIT = "1GB"
"""Beyond it DuckDB goes to disk; a folder of any size is read on a computer of any size."""
SQL_TYPES = {
    str: "VARCHAR",
    int: "INTEGER",
    float: "DOUBLE",
    float | None: "DOUBLE",
    bool: "BOOLEAN",
}
TABLES: dict[str, type[Struct]] = {"findings": FindingRow, "values": ValueRow, "runs": RunRow}
"""What hangs on a run comes before the runs: rows are dropped in this order."""
PLACES = ("site", "subnet", "provider", "browser")
MOST_PLACES = 2000
"""Of each kind: a company of 50,000 seats has a few hundred sites."""
MOST_REQUIREMENTS = 300
"""A run has about sixty, and those that a profile asks by itself."""
S = TypeVar("S", bound=Struct)


class Tables:
    """The tables `runs`, `findings` and `values`, one schema for this program and the views.

    `last_runs` is each seat's newest run, `judged` the findings of those that were passed or
    failed by themselves.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, streaming: duckdb.DuckDBPyConnection
    ) -> None:
        self._connection = connection
        self._streaming = streaming

    def rows(self, query: str, *values: object, into: type[S]) -> list[S]:
        """What a query of our own brings, its columns in the order of the fields.

        `values` fill its question marks, or one mapping its names.
        """
        found = self._connection.execute(query, _bound(values)).fetchall()
        names = into.__struct_fields__
        return [
            msgspec.convert(dict(zip(names, row, strict=True)), type=into, strict=False)
            for row in found
        ]

    def stream(self, query: str, *values: object) -> Iterator[tuple[object, ...]]:
        """A long answer, a few thousand rows at a time; one of them at once."""
        self._streaming.execute(query, _bound(values))
        # a fleet has millions of rows: they are never all in memory
        while batch := self._streaming.fetchmany(10_000):
            yield from batch

    def number(self, query: str, *values: object) -> float:
        """The one number that a query brings; 0 where it brings none."""
        row = self._connection.execute(query, _bound(values)).fetchone()
        return float(row[0]) if row and row[0] is not None else 0.0

    def keep_runs(self, condition: str, *values: object) -> None:
        """Drop every run but those that a condition of our own holds for."""
        gone = f"SELECT run_id FROM runs WHERE NOT ({condition})"
        for table in TABLES:
            self._connection.execute(f'DELETE FROM "{table}" WHERE run_id IN ({gone})', values)

    def keep_site(self, site: str) -> None:
        """Drop every run at other sites. A computer that has moved since is a seat of where it is,
        as it is without this: what it measured here stays, and it is not silent here.
        """
        self._connection.execute(
            "INSERT INTO moved SELECT seat FROM last_runs WHERE site <> ?", [site]
        )
        self.keep_runs("site = ?", site)

    def write_parquet(self, table: str, path: Path) -> None:
        """One whole table as a file. Raises OSError."""
        if table not in TABLES:
            raise ValueError(table)
        place = str(path).replace("'", "''")
        try:
            self._connection.execute(f"COPY \"{table}\" TO '{place}' (FORMAT parquet)")
        except duckdb.IOException as error:
            told = " ".join(str(error).split())
            number = errno.ENOSPC if os.strerror(errno.ENOSPC) in told else errno.EIO
            raise OSError(
                number, os.strerror(number) if number == errno.ENOSPC else told
            ) from error


def _bound(values: tuple[object, ...]) -> object:
    return values[0] if len(values) == 1 and isinstance(values[0], dict) else list(values)


@contextmanager
def open_tables(
    scratch: Path, unread: list[Unread], *, exports: Path | None = None
) -> Iterator[Tables]:
    """Load what `read_folder` left in `scratch`; runs that are there twice join `unread`.

    Afterwards the database opens no file but those below `scratch` and `exports`.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(scratch / "spilled"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": str(os.cpu_count() or 1),
        },
    )
    try:
        streaming = connection.cursor()
        for each in (connection, streaming):
            each.execute("SET enable_progress_bar = false")  # it would draw into what is printed
        for table, kind in TABLES.items():
            _load(connection, scratch, table, kind)
        unread += _drop_repeats(connection)
        unread += _part_clones(connection)
        unread += _bound_names(connection)
        connection.execute(VIEWS)
        _close_to_the_outside(connection, [scratch, *([exports] if exports else [])])
        yield Tables(connection, streaming)
    finally:
        connection.close()


def _load(
    connection: duckdb.DuckDBPyConnection, scratch: Path, table: str, kind: type[Struct]
) -> None:
    columns = {field.name: _sql_type(field) for field in msgspec.structs.fields(kind)}
    described = ", ".join(f'"{name}" {sql}' for name, sql in columns.items())
    connection.execute(f'CREATE TABLE "{table}" ({described})')
    files = [str(path) for path in sorted(scratch.glob(f"*.{table}.jsonl")) if path.stat().st_size]
    if files:
        connection.execute(
            f'INSERT INTO "{table}" SELECT * FROM read_json($files, columns = $columns,'
            " format = 'newline_delimited', maximum_object_size = 16777216)",
            {"files": files, "columns": columns},
        )


def _sql_type(field: msgspec.structs.FieldInfo) -> str:
    return next(sql for kind, sql in SQL_TYPES.items() if kind == field.type)


def _drop_repeats(connection: duckdb.DuckDBPyConnection) -> list[Unread]:
    """A run counts once: as it was finished last (after a soak), else in the first of its files."""
    connection.execute(
        """
        CREATE TEMP TABLE repeats AS
        SELECT run_id, file, first_value(file) OVER same AS kept
        FROM runs WINDOW same AS (PARTITION BY run_id ORDER BY finished_s DESC, file)
        QUALIFY row_number() OVER same > 1
        """
    )
    for table in TABLES:
        connection.execute(
            f'DELETE FROM "{table}" WHERE (run_id, file) IN (SELECT (run_id, file) FROM repeats)'
        )
    found = connection.execute("SELECT file, kept FROM repeats ORDER BY file").fetchall()
    return [Unread(file, N_("the same run as in {detail}"), kept) for file, kept in found]


def _part_clones(connection: duckdb.DuckDBPyConnection) -> list[Unread]:
    """Computers that were made of one disk image have one host ID: each is a seat by its name.

    A computer that is given another name leaves the old one behind. Two of them take turns, so
    that names come back: that is told from one that was renamed, and from one that got its old
    name again.
    """
    connection.execute(
        """
        CREATE TEMP TABLE clones AS
        SELECT seat, count(DISTINCT name_id) AS computers
        FROM (SELECT seat, name_id, lag(name_id) OVER one AS name_before
              FROM runs WHERE name_id <> ''
              WINDOW one AS (PARTITION BY seat ORDER BY at_s, run_id))
        GROUP BY seat HAVING count_if(name_id <> name_before) > count(DISTINCT name_id)
        """
    )
    connection.execute(
        """
        UPDATE runs SET seat = seat || '/' || left(name_id, 8)
        WHERE name_id <> '' AND seat IN (SELECT seat FROM clones)
        """
    )
    found = connection.execute("SELECT seat, computers FROM clones ORDER BY seat").fetchall()
    reason = N_("{detail} computers have this ID, as copies of one disk do; told apart by name")
    return [Unread(f"… {seat}", reason, str(computers)) for seat, computers in found]


def _bound_names(connection: duckdb.DuckDBPyConnection) -> list[Unread]:
    """Every answer has a row for each requirement at each place, so neither may be without end.

    What most seats have stays; of the rest places become unknown, requirements are left out.
    """
    told = []
    most = """
        SELECT {column} FROM {table} WHERE {column} <> '' GROUP BY ALL
        ORDER BY count(DISTINCT {one}) DESC, {column} LIMIT {limit}
    """
    for column in PLACES:
        query = most.format(column=column, table="runs", one="seat", limit=MOST_PLACES)
        condition = f"{column} <> '' AND {column} NOT IN ({query})"
        if _count(connection, f"SELECT count(*) FROM runs WHERE {condition}"):
            connection.execute(f"UPDATE runs SET {column} = '' WHERE {condition}")
            reason = N_("more than {detail} of a kind: those with the fewest seats count as none")
            told.append(Unread(f"… {column}", reason, str(MOST_PLACES)))
    query = most.format(
        column="requirement", table="findings", one="run_id", limit=MOST_REQUIREMENTS
    )
    if _count(connection, f"SELECT count(*) FROM findings WHERE requirement NOT IN ({query})"):
        for table in ("values", "findings"):
            connection.execute(f'DELETE FROM "{table}" WHERE requirement NOT IN ({query})')
        reason = N_("more than {detail} requirements: those in the fewest runs are left out")
        told.append(Unread("… requirement", reason, str(MOST_REQUIREMENTS)))
    return told


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _close_to_the_outside(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> None:
    """From here on not even a query with a mistake in it could read another file."""
    allowed = ", ".join("'{}'".format(str(folder).replace("'", "''")) for folder in folders)
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


VIEWS = """
CREATE TABLE moved (seat VARCHAR);

CREATE VIEW last_runs AS
SELECT * FROM runs WHERE seat NOT IN (SELECT seat FROM moved)
QUALIFY row_number() OVER (PARTITION BY seat ORDER BY at_s DESC, run_id DESC) = 1;

CREATE VIEW judged AS
SELECT f.*, f.status = 'fail' AND f.depends_on = '' AS failed
FROM findings f
WHERE f.status IN ('pass', 'borderline', 'warn', 'fail') AND f.depends_on = '';
"""

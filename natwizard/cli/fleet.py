"""natwizard fleet: read a folder of reports, print what it tells, write it as page and tables."""

import errno
import tempfile
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import add_profile_argument
from natwizard.cli.outputs import require_all_writable
from natwizard.model.language import _

if TYPE_CHECKING:  # `--help` waits for no database
    from natwizard.fleet.overview import Overview
    from natwizard.fleet.questions import Asked
    from natwizard.fleet.tables import Tables

DAY_S = 86400.0
SILENT_AFTER_DAYS = 7.0
SINCE_DAYS = 7.0
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
SITES_TOLD = 20
MISSING = "this program has no `fleet`; install it with: pip install 'natwizard[fleet]'"


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard fleet`."""
    parser.add_argument("folder", metavar="FOLDER", help=_("where the reports are, JSON or PDF"))
    parser.add_argument("--html", metavar="FILE", help=_("write one page that needs no network"))
    parser.add_argument("--csv", metavar="FOLDER", help=_("write tables for a spreadsheet"))
    parser.add_argument(
        "--parquet", metavar="FOLDER", help=_("write all rows, for questions of your own")
    )
    parser.add_argument(
        "--json", metavar="FILE", help=_("write all that is told, for other programs")
    )
    parser.add_argument(
        "--list",
        dest="devices",
        metavar="FILE",
        help=_("CSV of the computers that should report (Intune, Active Directory, or names)"),
    )
    parser.add_argument(
        "--code",
        default="",
        metavar="WORDS",
        help=_("find a run by its four words, and nothing else"),
    )
    parser.add_argument(
        "--by",
        choices=("site", "subnet", "provider", "browser", "role"),
        default="site",
        help=_("show what fails where by this (default: site)"),
    )
    parser.add_argument("--site", default="", help=_("look at this site alone"))
    parser.add_argument(
        "--since",
        type=_moment,
        metavar="DATE",
        help=_("tell what changed since then (default: 7 days ago)"),
    )
    parser.add_argument(
        "--silent-days",
        type=_days,
        default=SILENT_AFTER_DAYS,
        metavar="N",
        help=_("a seat is silent after so many days without a run (default: 7)"),
    )
    parser.add_argument(
        "--at",
        type=_moment,
        metavar="DATE",
        help=_("tell it as of then, for an old folder (default: now)"),
    )
    add_profile_argument(parser)


def run(arguments: Namespace) -> int:
    """Exits 0 whatever it found; what cannot be read at all is a UsageError."""
    try:
        import duckdb  # the extra `fleet`

        from natwizard.fleet.questions import ask, find_by_code, site_names
        from natwizard.fleet.read import fleet_tables
        from natwizard.fleet.reading import FolderTrouble
    except ModuleNotFoundError as error:
        raise UsageError(MISSING) from error
    from natwizard.cli.text import TerminalOutput
    from natwizard.fleet.as_terminal import print_found, print_overview
    from natwizard.report.files import STDOUT

    asked = _asked(arguments)
    pages = [Path(path) for path in (arguments.html, arguments.json) if path]
    require_all_writable(pages)
    exports = Path(arguments.parquet).absolute() if arguments.parquet else None
    try:
        with fleet_tables(asked.folder, exports=exports) as (tables, unread):
            found = find_by_code(tables, arguments.code) if arguments.code else []
            _require_site(asked.site, site_names(tables))
            overview = ask(tables, asked, unread)
            if arguments.code:
                print_found(found, overview, asked.folder, TerminalOutput())
                return 0
            if exports is not None:
                _write_parquet(tables, exports)
    except FolderTrouble as error:
        raise UsageError(str(error)) from error
    except (duckdb.IOException, duckdb.OutOfMemoryException, OSError) as error:
        if isinstance(error, OSError) and error.errno not in NO_ROOM:
            raise
        told = f"no room for the tables in {tempfile.gettempdir()}; set TMPDIR to a larger disk"
        raise UsageError(f"{told} ({' '.join(str(error).split())})") from error
    _write(overview, arguments)
    if STDOUT not in pages:  # printed last: whoever reads it may have gone (`| head`)
        print_overview(overview, TerminalOutput())
    return 0


def _asked(arguments: Namespace) -> "Asked":
    from natwizard.fleet.device_list import UnreadableList, read_device_list
    from natwizard.fleet.questions import Asked

    folder = Path(arguments.folder)
    try:
        is_folder = folder.is_dir()
    except (OSError, ValueError) as error:  # nobody may look into what it is in
        reason = error.strerror if isinstance(error, OSError) else None
        raise UsageError(f"{folder}: {reason or error}") from error
    if not is_folder:
        raise UsageError(f"{folder} is no folder")
    now_s = arguments.at if arguments.at is not None else time.time()
    since_s = arguments.since if arguments.since is not None else now_s - SINCE_DAYS * DAY_S
    devices = None
    if arguments.devices:
        try:
            devices = read_device_list(Path(arguments.devices))
        except UnreadableList as error:
            raise UsageError(str(error)) from error
    return Asked(
        folder=folder,
        now_s=now_s,
        since_s=since_s,
        silent_after_days=arguments.silent_days,
        devices=devices,
        salt=_salt(arguments) if devices is not None else "",
        site=arguments.site,
        by=arguments.by,
    )


def _require_site(site: str, known: "tuple[str, ...]") -> None:
    """Raises UsageError: what nobody has would look as if nothing were wrong there."""
    if site and site not in known:
        names = ", ".join(known[:SITES_TOLD]) or "none"
        raise UsageError(f"no run in this folder is of the site {site!r}; sites are: {names}")


def _salt(arguments: Namespace) -> str:
    """Of the profile that the computers have: it makes listed names comparable."""
    from natwizard.cli.inputs import chosen_profile

    return chosen_profile(arguments).profile.share.salt


def _write(overview: "Overview", arguments: Namespace) -> None:
    import msgspec

    from natwizard.fleet.as_html import fleet_html
    from natwizard.fleet.as_table import write_csv
    from natwizard.report.files import CannotWrite, write_whole

    try:
        if arguments.html:
            write_whole(Path(arguments.html), fleet_html(overview).encode())
        if arguments.json:
            content = msgspec.json.format(msgspec.json.encode(overview), indent=2)
            write_whole(Path(arguments.json), content + b"\n")
        if arguments.csv:
            write_csv(overview, Path(arguments.csv))
    except CannotWrite as error:
        raise UsageError(str(error)) from error


def _write_parquet(tables: "Tables", folder: Path) -> None:
    from natwizard.fleet.as_table import write_parquet
    from natwizard.report.files import CannotWrite

    try:
        write_parquet(tables, folder)
    except CannotWrite as error:
        raise UsageError(str(error)) from error


def _moment(text: str) -> float:
    """An ISO 8601 date or moment; without an offset it is UTC."""
    try:
        when = datetime.fromisoformat(text)
        return when.replace(tzinfo=when.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise ArgumentTypeError(f"expected a date such as 2026-11-30, got {text!r}") from error


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 < days < 10_000:
        raise ArgumentTypeError(f"expected a number of days, got {text!r}")
    return days

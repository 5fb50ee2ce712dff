"""natwizard compare: what changed between two reports, or since the last run here."""

from argparse import ArgumentParser, Namespace

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import read_report
from natwizard.model.language import _
from natwizard.model.report import Report


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard compare`."""
    parser.add_argument(
        "before",
        nargs="?",
        default="",
        help=_("the earlier report (JSON or PDF); without one, the run before the last one here"),
    )
    parser.add_argument(
        "after",
        nargs="?",
        default="",
        help=_("the later report; without one, the last run on this computer"),
    )
    parser.add_argument("--all", action="store_true", help=_("list what did not change too"))


def run(arguments: Namespace) -> int:
    """Print the changes; exits 0 whether there are any or not."""
    from natwizard.cli.comparison_table import print_comparison
    from natwizard.profiles.find import find_profile
    from natwizard.report.compare import compare
    from natwizard.run.rejudge import in_current_language

    profile = find_profile().profile
    before, after = (in_current_language(saved, profile) for saved in _chosen(arguments))
    print_comparison(compare(before, after), everything=arguments.all)
    return 0


def _chosen(arguments: Namespace) -> tuple[Report, Report]:
    """The reports that were named, else the newest that are kept. Raises UsageError."""
    if arguments.after:
        return read_report(arguments.before), read_report(arguments.after)
    from natwizard.report.store import stored_runs

    kept = stored_runs()
    wanted = 1 if arguments.before else 2
    if len(kept) < wanted:
        raise UsageError("there are not enough runs on this computer to compare; name two reports")
    latest = read_report(str(kept[0].path))
    if arguments.before:
        return read_report(arguments.before), latest
    return read_report(str(kept[1].path)), latest

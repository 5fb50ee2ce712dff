"""natwizard plan checklist."""

from argparse import ArgumentParser, Namespace
from datetime import datetime

from natwizard.cli.plan_files import write_files
from natwizard.model.language import _


def add_checklist_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan checklist`."""
    parser.description = _(
        "Prints what no program can measure, with who can confirm it: over-the-top numbers, the"
        " site's address, licences, and the questions of the profile."
    )
    # cli.inputs would do it, but loads every check
    parser.add_argument("--profile", default="", help=_("a profile: path or https address"))
    parser.add_argument(
        "--report",
        default="",
        metavar="FILE",
        help=_("show what was answered in this saved report"),
    )


def run_checklist(arguments: Namespace) -> int:
    """Print and write the list. Raises UsageError."""
    from natwizard.cli.inputs import chosen_profile, read_report
    from natwizard.cli.plan_view import print_checklist
    from natwizard.model.plan import OrgPlan
    from natwizard.planner.as_table import checklist_rows
    from natwizard.planner.attach import items_of
    from natwizard.planner.checklist import checklist

    items = checklist(chosen_profile(arguments).profile)
    if arguments.report:
        report = read_report(arguments.report)
        items = items_of(report, items)
    empty = OrgPlan(made_at=datetime.now().astimezone().isoformat(timespec="seconds"))
    write_files(arguments, checklist_rows(items), items, empty, items)
    print_checklist(items)
    return 0

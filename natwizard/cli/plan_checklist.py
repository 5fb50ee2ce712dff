"""natwizard plan checklist."""

from argparse import ArgumentParser, Namespace

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


def run_checklist(arguments: Namespace) -> int:
    """Print and write the list. Raises UsageError."""
    from natwizard.cli.inputs import chosen_profile
    from natwizard.cli.plan_view import print_checklist
    from natwizard.planner.as_table import checklist_rows
    from natwizard.planner.checklist import checklist

    items = checklist(chosen_profile(arguments).profile)
    write_files(arguments, checklist_rows(items), items)
    print_checklist(items)
    return 0

"""natwizard firewall: what an administrator has to open, as a list or as rules."""

import sys
from argparse import ArgumentParser, Namespace

from natwizard.cli.inputs import add_profile_argument, chosen_profile
from natwizard.model.language import _
from natwizard.model.profile import Role
from natwizard.profiles.firewall_formats import FORMATS
from natwizard.profiles.firewall_rules import firewall_list
from natwizard.report.plain import plain_paragraphs


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard firewall`."""
    add_profile_argument(parser)
    parser.add_argument(
        "--role",
        choices=[role.value for role in Role],
        default=Role.WEBPHONE.value,
        help=_("for people who take calls this way (default: webphone)"),
    )
    parser.add_argument(
        "--format",
        choices=tuple(FORMATS),
        default="text",
        help=_("how to write it (default: text)"),
    )


def run(arguments: Namespace) -> int:
    """Print the list; nothing is measured."""
    found = chosen_profile(arguments)
    listed = firewall_list(found.profile, Role(arguments.role))
    made = FORMATS[arguments.format](listed)
    # the list is for people, who may have the profile from anybody; the others are for programs
    sys.stdout.write(plain_paragraphs(made) if arguments.format == "text" else made)
    return 0

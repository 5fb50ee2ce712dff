"""natwizard profile: is a profile right, and which one would be used?"""

import sys
from argparse import ArgumentParser, Namespace

from natwizard.cli.inputs import chosen_profile
from natwizard.profiles.write import profile_toml


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard profile`."""
    parser.add_argument("action", choices=("validate", "show"), help="what to do with it")
    parser.add_argument("profile", nargs="?", default="", help="path or https address of a profile")


def run(arguments: Namespace) -> int:
    """Exits 0 for a good profile; a mistake is one line with file, line, key and expectation."""
    found = chosen_profile(arguments)
    if arguments.action == "show":
        sys.stdout.write(profile_toml(found.profile))
        return 0
    profile = found.profile
    sys.stdout.write(
        f"{found.location}: {profile.name}, version {profile.version},"
        f" {len(profile.requirements)} requirements: good\n"
    )
    return 0

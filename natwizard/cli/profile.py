"""natwizard profile: is a profile right, which one would be used, and put one in its place."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from msgspec.structs import replace

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import chosen_profile
from natwizard.model.language import _, ngettext
from natwizard.model.profile import Profile, Role
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.write import profile_toml
from natwizard.report.plain import plain

ACTIONS = ("validate", "show", "adopt")


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard profile`."""
    parser.add_argument("action", choices=ACTIONS, help=_("what to do with it"))
    parser.add_argument(
        "profile", nargs="?", default="", help=_("path or https address of a profile")
    )
    parser.add_argument("--to", metavar="FILE", type=Path, help=_("adopt: the file to write"))
    parser.add_argument(
        "--role", choices=[role.value for role in Role], help=_("adopt: how people here take calls")
    )


def run(arguments: Namespace) -> int:
    """Exits 0 for a good profile; a mistake is one line with file, line, key and expectation."""
    if arguments.action == "adopt":
        return _adopt(arguments)
    found = chosen_profile(arguments)
    if arguments.action == "show":
        _show(found.profile)
        return 0
    profile = found.profile
    count = len(profile.requirements)
    good = ngettext(
        "{place}: {name}, version {version}, {count} requirement: good",
        "{place}: {name}, version {version}, {count} requirements: good",
        count,
    ).format(place=found.location, name=profile.name, version=profile.version, count=count)
    sys.stdout.write(f"{plain(good)}\n")  # its name may be anybody's
    return 0


def _show(profile: Profile) -> None:
    """Without passwords: what a screen or a log shows, others read."""
    shown = replace(profile, targets=profile.targets.without_secrets())
    sys.stdout.write(profile_toml(shown))
    if shown != profile:
        note = _("the password is hidden; a profile made from this text needs it again")
        sys.stderr.write(f"natwizard: {note}\n")


def _adopt(arguments: Namespace) -> int:
    """Check it first and write it whole: what stands there stays until all is well."""
    from natwizard.profiles.write import adopted_profile
    from natwizard.report.files import CannotWrite, write_whole
    from natwizard.system.profile_download import fetch_profile

    if arguments.to is None:
        raise UsageError("profile adopt: name the file to write with --to")
    try:
        content = adopted_profile(
            arguments.profile, Role(arguments.role) if arguments.role else None, fetch_profile
        )
        write_whole(arguments.to, content)
    except (ProfileMistake, CannotWrite) as error:
        raise UsageError(str(error)) from error
    return 0

"""natwizard newest: does the profile's owner name a newer version? Only asks, installs nothing."""

import sys
from argparse import ArgumentParser, Namespace

from natwizard import __version__
from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import add_profile_argument, chosen_profile
from natwizard.model.language import _

NEWEST, OUTDATED, NOT_KNOWN = 0, 1, 2


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard newest`."""
    add_profile_argument(parser)


def run(arguments: Namespace) -> int:
    """Exits 0 if this is the newest version, 1 if there is a newer one, 2 if nothing is known."""
    import asyncio

    from natwizard.run.newest_version import CannotTell, ask_newest, is_newer
    from natwizard.system.environment import real_environment
    from natwizard.system.loop import make_loop

    found = chosen_profile(arguments)
    if not found.profile.updates.address:
        raise UsageError(f"{found.location} names no updates.address")
    try:
        with asyncio.Runner(loop_factory=make_loop) as runner:
            newest = runner.run(ask_newest(found.profile, real_environment()))
    except CannotTell as reason:
        sys.stderr.write(f"natwizard: {reason}\n")
        return NOT_KNOWN
    if not is_newer(newest):
        text = _("natwizard {own} is the newest version")
        sys.stdout.write(text.format(own=__version__) + "\n")
        return NEWEST
    text = _("natwizard {newest} is newer than this {own}")
    where = f": {newest.link}" if newest.link else ""
    sys.stdout.write(text.format(newest=newest.version, own=__version__) + where + "\n")
    return OUTDATED

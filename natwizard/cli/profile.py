"""natwizard profile: make one, check it, take it, and say which one would be used."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import chosen_profile
from natwizard.cli.streams import is_terminal
from natwizard.model.language import _, ngettext
from natwizard.model.profile import Profile, Role, Targets
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.write import profile_toml
from natwizard.report.plain import isolated, plain

if TYPE_CHECKING:  # `--help` waits for no check to load
    from natwizard.profiles.find import FoundProfile
    from natwizard.profiles.setup_file import SetupAnswers

ACTIONS = ("new", "check", "validate", "show", "take", "remove", "adopt")
SILENT = 2
"""Exit code where not every address answered: as of a run that could not tell."""


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard profile`."""
    parser.add_argument("action", choices=ACTIONS, help=_("what to do with it"))
    parser.add_argument(
        "profile",
        nargs="?",
        default="",
        help=_("path or https address of a profile; for new: the file to write"),
    )
    parser.add_argument("--to", metavar="FILE", type=Path, help=_("adopt: the file to write"))
    parser.add_argument(
        "--role",
        choices=[role.value for role in Role],
        help=_("new, adopt: how people here take calls"),
    )
    parser.add_argument(
        "--live",
        nargs="?",
        const="",
        metavar="PROFILE",
        help=_("check: ask each address once, say which answers"),
    )
    parser.add_argument(
        "--all", action="store_true", help=_("check --live: those natwizard comes with, too")
    )
    parser.add_argument("--yes", action="store_true", help=_("take: do not ask"))
    made = parser.add_argument_group(
        _("new: what is not given is asked, where somebody can answer")
    )
    made.add_argument("--company", metavar="NAME", help=_("whose set-up file it is"))
    made.add_argument("--webphone", metavar="HOST", help=_("the webphone's server"))
    made.add_argument("--media", metavar="HOST:PORT", help=_("a reflector that you run"))
    made.add_argument(
        "--stun", action="append", metavar="HOST:PORT", help=_("a STUN server of the service")
    )
    made.add_argument(
        "--websocket", action="append", metavar="URL", help=_("an address that echoes messages")
    )
    made.add_argument(
        "--site", action="append", metavar="NAME=SUBNET,...", help=_("a place and its networks")
    )


def run(arguments: Namespace) -> int:
    """Exits 0 for a good profile; a mistake is one line with file, line, key and expectation."""
    if arguments.action in DOES:
        return DOES[arguments.action](arguments)
    arguments.profile = arguments.profile or arguments.live or ""
    found = chosen_profile(arguments)
    if arguments.action == "show":
        _show(found.profile)
        return 0
    _require_takeable(arguments.profile)
    if arguments.live is not None:
        return _check_live(found, shipped_too=arguments.all or not arguments.profile)
    profile = found.profile
    count = len(profile.requirements)
    good = ngettext(
        "{place}: {name}, version {version}, {count} requirement: good",
        "{place}: {name}, version {version}, {count} requirements: good",
        count,
    ).format(
        place=found.location,
        name=isolated(profile.name),
        version=isolated(profile.version),
        count=count,
    )
    sys.stdout.write(f"{plain(good)}\n")  # its name may be anybody's
    return 0


def _require_takeable(place: str) -> None:
    """A set-up file that the wizard would refuse to offer to anybody is not called good."""
    from natwizard.profiles.setup_file import SUFFIX, SetupRefusedError, read_offer
    from natwizard.system.profile_download import fetch_profile

    if not place.lower().endswith(SUFFIX):
        return
    try:
        read_offer(place, fetch_profile)
    except SetupRefusedError as refused:
        raise UsageError(str(refused)) from refused


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


def _new(arguments: Namespace) -> int:
    """Write a set-up file; nothing that is there is overwritten."""
    from natwizard.profiles.setup_file import SUFFIX, setup_toml

    if not arguments.profile:
        raise UsageError(_("profile new: name the file to write, such as example.natwizard"))
    path = Path(arguments.profile)
    if path.suffix not in {SUFFIX, ".toml"}:
        path = path.with_name(path.name + SUFFIX)
    try:
        content = setup_toml(_answers(arguments))
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise UsageError(_("{path} is there already").format(path=path)) from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except (ProfileMistake, ValueError) as error:
        raise UsageError(str(error)) from error
    told = _("Wrote {path}. Try its addresses: natwizard profile check --live {path}")
    sys.stdout.write(told.format(path=path) + "\n")
    return 0


def _answers(arguments: Namespace) -> "SetupAnswers":
    """What was given, and what a person at a terminal answers for the rest."""
    from natwizard.profiles.setup_file import SetupAnswers, typed_host, typed_site

    asks = is_terminal(sys.stdin)
    if arguments.company is None and not asks:
        raise UsageError(_("profile new: name the company with --company"))

    def answer(given: str | None, question: str) -> str:
        if given is not None or not asks:
            return given or ""
        sys.stdout.write(f"{question} ")
        sys.stdout.flush()
        return sys.stdin.readline().strip()

    company = answer(arguments.company, _("Company:"))
    webphone = answer(arguments.webphone, _("Webphone server (empty: not known yet):"))
    media = answer(arguments.media, _("Reflector that you run, with port (empty: none):"))
    return SetupAnswers(
        company=company,
        version=datetime.now().astimezone().date().isoformat(),
        role=Role(arguments.role) if arguments.role else Role.WEBPHONE,
        targets=Targets(
            webphone=typed_host(webphone),
            media=typed_host(media),
            stun=tuple(map(typed_host, arguments.stun or ())),
            websocket=tuple(arguments.websocket or ()),
        ),
        sites=tuple(map(typed_site, arguments.site or ())),
    )


def _check_live(found: "FoundProfile", *, shipped_too: bool) -> int:
    """A line for each address; exits 0 where all of them answered."""
    import asyncio

    from natwizard.cli.profile_live import MOST_TARGETS, ask_all, live_targets
    from natwizard.system.environment import real_environment
    from natwizard.system.loop import make_loop

    targets = live_targets(found.profile, shipped_too=shipped_too)
    if not targets:
        sys.stdout.write(_("This profile names no address of its own.") + "\n")
        return 0
    with asyncio.Runner(loop_factory=make_loop) as runner:
        answers = runner.run(ask_all(found.profile, real_environment(), targets))
    sign = {True: "\u2714", False: "\u2718"}
    wide = max(len(plain(each.target.address)) for each in answers)
    for each in answers:
        address = plain(each.target.address)
        words = plain(f"{each.words}  ({each.target.name})")
        # one very long address shall not push all the words aside
        sys.stdout.write(f"{sign[each.answered]} {address:{min(wide, 60)}}  {words}\n")
    if len(targets) > MOST_TARGETS:
        count = len(targets) - MOST_TARGETS
        more = ngettext("{count} more was not asked.", "{count} more were not asked.", count)
        sys.stdout.write(more.format(count=count) + "\n")
    whole = len(targets) <= MOST_TARGETS and all(each.answered for each in answers)
    return 0 if whole else SILENT


def _take(arguments: Namespace) -> int:
    """Keep a set-up file for this user, once somebody has seen what it names."""
    from natwizard.profiles.find import user_place
    from natwizard.profiles.setup_file import SetupRefusedError, offer_lines, read_offer
    from natwizard.report.files import CannotWrite, write_whole
    from natwizard.system.profile_download import fetch_profile

    if not arguments.profile:
        raise UsageError(_("profile take: name a set-up file or its https link"))
    try:
        offer = read_offer(arguments.profile, fetch_profile)
    except SetupRefusedError as refused:
        raise UsageError(str(refused)) from refused
    for line in offer_lines(offer):
        sys.stdout.write(f"{plain(line)}\n")
    if not arguments.yes:
        if not is_terminal(sys.stdin):
            raise UsageError(_("profile take: nobody is there to ask; give --yes to take it"))
        sys.stdout.write(_("Use them? (y/n)") + " ")
        sys.stdout.flush()
        if not sys.stdin.readline().strip().lower().startswith(_("y")):
            return SILENT
    try:
        user_place().parent.mkdir(parents=True, exist_ok=True)
        write_whole(user_place(), offer.content)
    except (CannotWrite, OSError) as error:
        raise UsageError(str(error)) from error
    sys.stdout.write(_("Kept: {path}").format(path=user_place()) + "\n")
    return 0


def _remove(_arguments: Namespace) -> int:
    """Go back to what natwizard comes with, or the administrator has set."""
    from natwizard.profiles.find import user_place

    try:
        user_place().unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(str(error)) from error
    sys.stdout.write(_("No set-up is kept for this user.") + "\n")
    return 0


DOES: Final[Mapping[str, Callable[[Namespace], int]]] = {
    "new": _new,
    "take": _take,
    "remove": _remove,
    "adopt": _adopt,
}

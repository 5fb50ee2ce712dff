"""natwizard share: show what would be sent of a report, send it, tell what waits."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import add_profile_argument, chosen_profile
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.model.shared import SharedReport


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard share`."""
    parser.add_argument(
        "what",
        choices=("show", "send", "waiting"),
        help=_("show what would be sent of a report, send it, or list what waits to be sent"),
    )
    parser.add_argument("report", nargs="?", default="", help=_("a saved report (JSON or PDF)"))
    add_profile_argument(parser)
    parser.add_argument(
        "--bytes", action="store_true", help=_("show the very bytes, not a readable form of them")
    )


def run(arguments: Namespace) -> int:
    """Exits 0, also where nothing could be sent yet: that is told, and waits. Raises UsageError."""
    if arguments.what == "waiting":
        return _tell_waiting()
    if not arguments.report:
        raise UsageError("name a saved report (JSON or PDF)")
    profile = chosen_profile(arguments).profile
    if arguments.what == "send" and not profile.share.wanted:
        raise UsageError("the profile names no one to send to: it has no [share]")
    shared = _saved_run(Path(arguments.report), profile)
    if arguments.what == "show":
        return _show(shared, profile, as_bytes=arguments.bytes)
    from natwizard.share.from_here import begin_sending, delivery_words

    for delivery in begin_sending(shared, profile, profile.share).deliveries():
        sys.stdout.write(f"{delivery_words(delivery, profile.share)}\n")
    return 0


def _saved_run(path: Path, profile: Profile) -> SharedReport:
    """Raises UsageError, also for a report of another computer: it would count as this one's."""
    from natwizard.report.files import UnreadableReport
    from natwizard.report.open_report import parse_saved_report, saved_json
    from natwizard.share.from_here import NotOfThisComputer, saved_run

    try:
        content = saved_json(path)
        return saved_run(content, parse_saved_report(content, path), profile)
    except UnreadableReport as error:
        raise UsageError(str(error)) from error
    except NotOfThisComputer as error:
        told = _(
            "{path}: nothing in it proves that it was made on this computer, and here it would be"
            " counted as this one's; send it from the computer that made it"
        )
        raise UsageError(told.format(path=path)) from error


def _show(shared: SharedReport, profile: Profile, *, as_bytes: bool) -> int:
    import msgspec

    from natwizard.report.plain import plain
    from natwizard.share.from_here import messages_with

    for message in messages_with(shared, profile.share):
        if as_bytes:
            sys.stdout.buffer.write(message.content)
            continue
        text = _("To {place}, {count} bytes:")
        heading = text.format(place=message.place, count=len(message.content))
        readable = msgspec.json.format(message.content, indent=2).decode()
        sys.stdout.write(f"{plain(heading)}\n{readable}\n")
    if not profile.share.wanted:
        nothing = _("Nothing is sent: the profile has no [share].")
        sys.stderr.write(f"natwizard: {nothing}\n")
    return 0


def _tell_waiting() -> int:
    from natwizard.share.deliver import Destination
    from natwizard.share.outbox import Outbox, default_outboxes

    for destination in Destination:
        waiting = Outbox(default_outboxes() / destination.value).waiting()
        for path in waiting:
            sys.stdout.write(f"{destination.value}\t{path}\n")
    return 0

"""natwizard watch: a test call and a websocket for minutes or hours, and their bad moments."""

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from natwizard.cli.exit_code import ExitCode, UsageError
from natwizard.cli.inputs import (
    add_browser_argument,
    add_profile_argument,
    chosen_opener,
    chosen_profile,
)
from natwizard.cli.outputs import require_all_writable
from natwizard.model.language import _

if TYPE_CHECKING:
    from natwizard.model.profile import Profile
    from natwizard.model.watch import WatchRecord
    from natwizard.watch.run import Watch

# A day, for which a reflector holds a websocket at most (decision 50)
LONGEST_MIN = 24 * 60.0
SHORTEST_MIN = 0.05
FILES = ("json", "csv", "pdf")


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard watch`."""
    parser.add_argument(
        "--minutes",
        type=_minutes,
        default=15.0,
        metavar="N",
        help=_("how long to watch, up to 1440 (default: 15); Ctrl-C ends it early"),
    )
    parser.add_argument(
        "--call",
        action="store_true",
        help=_("have your browser hold a call through the profile's TURN server, too"),
    )
    add_browser_argument(parser)
    add_profile_argument(parser)
    for name in FILES:
        parser.add_argument(
            f"--{name}", metavar="FILE", help=_("write it as {format}").format(format=name.upper())
        )
    parser.add_argument("--quiet", action="store_true", help=_("print nothing, only exit"))
    parser.add_argument(
        "--redact",
        action=BooleanOptionalAction,
        default=True,
        help=_("mask the names of user and computer in files (default: yes)"),
    )


def run(arguments: Namespace) -> int:
    """Watch; exits 0 if nothing went wrong, 1 if something did, 2 if nothing could be seen."""
    paths = {name: Path(path) for name in FILES if (path := getattr(arguments, name))}
    require_all_writable(paths.values())
    from natwizard.cli.watch_display import watch_display
    from natwizard.report.files import STDOUT
    from natwizard.report.watch_words import watch_text
    from natwizard.system.environment import real_environment
    from natwizard.watch.run import Watch

    profile = chosen_profile(arguments).profile
    open_page = chosen_opener(arguments)
    with watch_display(quiet=arguments.quiet) as told:
        watch = Watch(
            profile=profile,
            environment=real_environment(open_page=open_page),
            told=told,
            duration_s=60 * arguments.minutes,
            holds_call=arguments.call,
        )
        record, stopped = _execute(watch)
    shown = _write(record, arguments, paths)
    _share(record, profile, quiet=arguments.quiet)
    # printed last: whoever reads it may have gone
    if not arguments.quiet and STDOUT not in paths.values():
        sys.stdout.write(watch_text(shown))
    return ExitCode.STOPPED if stopped else exit_code_of(record)


def exit_code_of(record: "WatchRecord") -> ExitCode:
    """What the watch came to, for scripts."""
    if record.line_moments:
        return ExitCode.NOT_READY
    return ExitCode.READY if record.saw_anything else ExitCode.COULD_NOT_TELL


def _write(record: "WatchRecord", arguments: Namespace, paths: dict[str, Path]) -> "WatchRecord":
    """Keep it and write its files; what may be shown of it. Raises UsageError."""
    from natwizard.report.files import CannotWrite
    from natwizard.report.store import keep_watch
    from natwizard.report.watch_files import masked_watch, write_watch

    try:
        if record.saw_anything:
            keep_watch(record)
    except CannotWrite as error:  # the history is a convenience; the result is not
        told = _("this watch is not kept: {reason}").format(reason=error)
        sys.stderr.write(f"natwizard: {told}\n")
    shown = masked_watch(record) if arguments.redact else record
    try:
        for name, path in paths.items():
            write_watch(shown, path, format_=name)
    except CannotWrite as error:
        raise UsageError(str(error)) from error
    return shown


def _share(record: "WatchRecord", profile: "Profile", *, quiet: bool) -> None:
    """Hand the bad moments on where the profile wants that; the exit code never depends on it."""
    if not (profile.share.watches and record.saw_anything):
        return
    from natwizard.share.from_here import begin_watch_here, delivery_words

    for delivery in begin_watch_here(record, profile).deliveries():
        if not quiet:
            sys.stderr.write(f"natwizard: {delivery_words(delivery, profile.share)}\n")


def _execute(watch: "Watch") -> "tuple[WatchRecord, bool]":
    """Until it is over or Ctrl-C, which ends it with all that was seen."""
    import asyncio

    from natwizard.system.loop import make_loop

    async def work() -> "tuple[WatchRecord, bool]":
        loop, stopped = asyncio.get_running_loop(), False

        def on_interrupt(_number: int, _frame: FrameType | None) -> None:
            nonlocal stopped
            stopped = True
            signal.signal(signal.SIGINT, signal.default_int_handler)
            loop.call_soon_threadsafe(watch.stop)

        before = signal.signal(signal.SIGINT, on_interrupt)
        try:
            record = await watch.execute()
            return record, stopped
        finally:
            signal.signal(signal.SIGINT, before)

    with asyncio.Runner(loop_factory=make_loop) as runner:
        return runner.run(work())


def _minutes(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not SHORTEST_MIN <= value <= LONGEST_MIN:
        raise ArgumentTypeError(
            f"expected minutes from {SHORTEST_MIN} to {LONGEST_MIN:.0f}, got {text!r}"
        )
    return value

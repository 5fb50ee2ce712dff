"""natwizard reflector: serve the far end that the checks measure against, until Ctrl-C."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from natwizard.cli.exit_code import ExitCode, UsageError
from natwizard.model.address import parse_ports
from natwizard.model.language import _
from natwizard.reflector.settings import ReflectorSettings

if TYPE_CHECKING:  # `--help` waits for no server to load
    from natwizard.reflector.server import Reflector

STATS_EVERY_S = 60.0


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard reflector`."""
    defaults = ReflectorSettings()
    parser.add_argument("--bind", default=defaults.bind, help=_("address to listen on"))
    parser.add_argument(
        "--control-bind", default="", help=_("another address of this machine, for controls")
    )
    parser.add_argument(
        "--name", default="", help=_("name or address that the printed profile uses")
    )
    parser.add_argument("--certificate", default="", help=_("certificate chain (PEM)"))
    parser.add_argument("--key", default="", help=_("its private key (PEM)"))
    parser.add_argument(
        "--range", default="", metavar="PORTS", help=_("more UDP ports, such as 5000-5100,64000")
    )
    parser.add_argument("--media-port", type=int, default=defaults.media_port)
    parser.add_argument(
        "--fall-back", action="store_true", help=_("take free ports where the usual ones are taken")
    )
    parser.add_argument(
        "--stats",
        action="store_true",
        help=_("print counters on standard error, a line of JSON each minute and when it ends"),
    )


def run(arguments: Namespace) -> int:
    """Print the profile lines that point here, then serve. Raises UsageError.

    Ends with FAULT where it cannot go on: whoever watches over it then starts it anew.
    """
    import asyncio

    from natwizard.reflector.main import CannotServeError, allow_many_files
    from natwizard.system.loop import make_loop

    try:
        settings = _settings(arguments)
        allow_many_files()
        with asyncio.Runner(loop_factory=make_loop) as runner:
            reflector = runner.run(_serve(settings, stats=arguments.stats))
    except CannotServeError as error:
        sys.stderr.write(f"natwizard reflector: {error}\n")
        return ExitCode.FAULT
    except (OSError, ValueError) as error:
        raise UsageError(f"the reflector cannot start: {error}") from error
    if arguments.stats and reflector is not None:
        _print_stats(reflector)
    return ExitCode.READY


def _settings(arguments: Namespace) -> ReflectorSettings:
    ranges = parse_ports(tuple(filter(None, arguments.range.split(","))))
    return ReflectorSettings(
        bind=arguments.bind,
        control_bind=arguments.control_bind,
        public_name=arguments.name,
        certificate=arguments.certificate,
        key=arguments.key,
        media_port=arguments.media_port,
        range_ports=tuple(port for ports in ranges for port in ports),
        fall_back=arguments.fall_back,
    )


@dataclass(slots=True)
class _Announcement:
    """Prints the profile once everything listens, and remembers who it was."""

    reflector: "Reflector | None" = field(default=None)

    def __call__(self, reflector: "Reflector") -> None:
        self.reflector = reflector
        sys.stdout.write(reflector.profile_text())
        sys.stdout.flush()
        sys.stderr.write(_("natwizard reflector is listening; Ctrl-C ends it") + "\n")


async def _serve(settings: ReflectorSettings, *, stats: bool) -> "Reflector | None":
    import asyncio

    from natwizard.reflector.main import serve_as_process

    stop, announcement = asyncio.Event(), _Announcement()
    loop = asyncio.get_running_loop()

    def end(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)

    def tell_stats() -> None:
        if announcement.reflector is not None:
            _print_stats(announcement.reflector)
        loop.call_later(STATS_EVERY_S, tell_stats)

    if stats:
        loop.call_later(STATS_EVERY_S, tell_stats)
    await serve_as_process(settings, announcement, stop)
    return announcement.reflector


def _print_stats(reflector: "Reflector") -> None:
    import msgspec

    sys.stderr.write(f"{msgspec.json.encode(reflector.stats()).decode()}\n")
    sys.stderr.flush()

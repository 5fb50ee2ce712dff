"""Reads the arguments and hands over to one subcommand. Imports nothing heavy by itself."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn, Protocol, cast

from natwizard import __version__
from natwizard.cli.exit_code import ExitCode, UsageError

DEFAULT = "window"
OF_THE_PROGRAM = {"-h", "--help", "--version"}

# Each module has `add_arguments(parser)` and `run(arguments) -> int`, and is imported only
# when it is asked for: `--help` must not wait for Qt.
SUBCOMMANDS = {
    DEFAULT: "open the wizard; the same as no command at all",
    "check": "run the checks without a window and print the result",
    "demo": "try it out against a reflector on this computer",
    "judge": "judge the evidence of a saved report again, without a network",
    "show": "show a saved report (PDF or JSON)",
    "compare": "say what changed between two reports",
    "watch": "watch this connection for minutes or hours and list its bad moments",
    "firewall": "list what a firewall has to let out, also as rules",
    "plan": "work out storage, API calls and bandwidth, and check phone numbers",
    "probe": "run one probe and print its evidence as JSON",
    "reflector": "serve the far end that the checks measure against",
    "profile": "check a profile, or print the profile that would be used",
    "schema": "print the JSON Schema of reports or profiles",
}


class Subcommand(Protocol):
    """What every module of a subcommand offers."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the subcommand's arguments."""

    def run(self, arguments: Namespace) -> int:
        """Do it and return the exit code. Raises UsageError."""


class _Parser(ArgumentParser):
    """argparse with this program's exit code for wrong usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"natwizard: {message} (see natwizard --help)\n")


def main(arguments: Sequence[str]) -> int:
    """Run natwizard with these arguments and return its exit code."""
    words = list(arguments)
    if not words or (words[0].startswith("-") and words[0] not in OF_THE_PROGRAM):
        words.insert(0, DEFAULT)
    parser = _Parser(prog="natwizard", description="Is this computer ready for the webphone?")
    parser.add_argument("--version", action="version", version=f"natwizard {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", parser_class=_Parser)
    for name, help_text in SUBCOMMANDS.items():
        subparser = commands.add_parser(name, help=help_text, description=help_text)
        if name == words[0]:
            _module(name).add_arguments(subparser)
    parsed = parser.parse_args(words)
    return _guarded(_module(parsed.command).run, parsed)


def _module(name: str) -> Subcommand:
    return cast("Subcommand", import_module(f"natwizard.cli.{name}"))


def _guarded(run: Callable[[Namespace], int], arguments: Namespace) -> int:
    """Trouble a person can put right is one line on stderr and exit 64."""
    try:
        return run(arguments)
    except UsageError as error:
        sys.stderr.write(f"natwizard: {error}\n")
        return ExitCode.USAGE
    except KeyboardInterrupt:
        return ExitCode.STOPPED


def entry() -> None:
    """Entry point of the `natwizard` script."""
    sys.exit(main(sys.argv[1:]))

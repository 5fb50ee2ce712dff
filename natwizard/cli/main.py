"""Reads the arguments and hands over to one subcommand. Imports nothing heavy by itself."""

import errno
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn, Protocol, cast

from natwizard import __version__
from natwizard.cli.exit_code import ExitCode, UsageError
from natwizard.cli.streams import prepare_streams
from natwizard.languages import UnknownLanguage, chosen_language, use_language
from natwizard.model.language import N_, _
from natwizard.system.home import require_home

DEFAULT = "window"
LANGUAGE_OPTION = "--language"
# `profiles.setup_file.SUFFIX`, without what that module has to load
SETUP_SUFFIX = ".natwizard"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Of what takes our output: no fault of ours, and nothing that a traceback would explain."""
OF_THE_PROGRAM = {"-h", "--help", "--version"}

# Each module has `add_arguments(parser)` and `run(arguments) -> int`, and is imported only
# when it is asked for: `--help` must not wait for Qt.
SUBCOMMANDS = {
    DEFAULT: N_("open the wizard; the same as no command at all"),
    "check": N_("run the checks without a window and print the result"),
    "demo": N_("try it out against servers on this computer"),
    "judge": N_("judge the evidence of a saved report again, without a network"),
    "answer": N_("keep in a saved report what people answered, and a plan for the org"),
    "show": N_("show a saved report or watch (PDF or JSON)"),
    "compare": N_("say what changed between two reports"),
    "watch": N_("watch this connection for minutes or hours and list its bad moments"),
    "firewall": N_("list what a firewall has to let out, also as rules"),
    "plan": N_("work out storage, API calls and bandwidth, and check phone numbers"),
    "probe": N_("run one probe and print its evidence as JSON"),
    "reflector": N_("serve the far end that the checks measure against"),
    "profile": N_("check a profile, or print the profile that would be used"),
    "fleet": N_("read a folder of reports: what fails where, who has to act, who is silent"),
    "share": N_("show what is sent of a report, send it, or list what waits"),
    "newest": N_("say whether the profile's owner names a newer version of natwizard"),
    "verify": N_("check every installed file against the list it was made with"),
    "schema": N_("print the JSON Schema of reports, profiles or watches"),
}


class Subcommand(Protocol):
    """What every module of a subcommand offers."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the subcommand's arguments."""

    def run(self, arguments: Namespace) -> int:
        """Do it and return the exit code. Raises UsageError."""


class _Parser(ArgumentParser):
    """argparse with this program's exit code for wrong usage, and headings in its language."""

    def __init__(self, *, prog: str | None = None, description: str | None = None) -> None:
        super().__init__(prog=prog, description=description, add_help=False)
        self._positionals.title = _("positional arguments")
        self._optionals.title = _("options")
        self.add_argument("-h", "--help", action="help", help=_("show this help and exit"))
        self.add_argument(
            LANGUAGE_OPTION,
            metavar="CODE",
            help=_("en, de, fr or es (default: NATWIZARD_LANGUAGE, else the system's language)"),
        )

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"natwizard: {message} (see natwizard --help)\n")


def main(arguments: Sequence[str]) -> int:
    """Run natwizard with these arguments and return its exit code."""
    try:
        words, asked = take_language(arguments)
        use_language(chosen_language(asked))
    except UnknownLanguage as error:
        sys.stderr.write(f"natwizard: {error}\n")
        return ExitCode.USAGE
    option = bool(words) and words[0].startswith("-") and words[0] not in OF_THE_PROGRAM
    opened = bool(words) and words[0].lower().endswith(SETUP_SUFFIX)  # by a file manager
    if not words or option or opened:
        words.insert(0, DEFAULT)
    parser = _Parser(prog="natwizard", description=_("Is this computer ready for the webphone?"))
    parser.add_argument(
        "--version",
        action="version",
        version=f"natwizard {__version__}",
        help=_("show the version and exit"),
    )
    commands = parser.add_subparsers(dest="command", metavar="command", parser_class=_Parser)
    for name, words_of_it in SUBCOMMANDS.items():
        subparser = commands.add_parser(name, help=_(words_of_it), description=_(words_of_it))
        if name == words[0]:
            _module(name).add_arguments(subparser)
    parsed = parser.parse_args(words)
    parsed.language = asked
    return _guarded(_module(parsed.command).run, parsed)


def take_language(arguments: Sequence[str]) -> tuple[list[str], str]:
    """The arguments without --language, wherever it stands, and what it asks for."""
    words, asked = [], ""
    rest = iter(arguments)
    for word in rest:
        if word == LANGUAGE_OPTION:
            asked = next(rest, "")
        elif word.startswith(f"{LANGUAGE_OPTION}="):
            asked = word.partition("=")[2]
        else:
            words.append(word)
    return words, asked


def _module(name: str) -> Subcommand:
    return cast("Subcommand", import_module(f"natwizard.cli.{name}"))


def _guarded(run: Callable[[Namespace], int], arguments: Namespace) -> int:
    """Trouble a person can put right is one line on stderr and exit 64.

    Python's own exit code for a fault, 1, would tell scripts that the computer is not ready.
    """
    try:
        code = run(arguments)
        sys.stdout.flush()
        return code
    except UsageError as error:
        from natwizard.report.plain import plain_paragraphs

        # it may quote the name of a file that somebody sent
        sys.stderr.write(f"natwizard: {plain_paragraphs(str(error))}\n")
        return ExitCode.USAGE
    except KeyboardInterrupt:
        return ExitCode.STOPPED
    except BrokenPipeError:
        return ExitCode.FAULT  # whoever read it had enough
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not a verdict
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            sys.stderr.write(f"natwizard: cannot write the output: {error.strerror}\n")
            return ExitCode.FAULT
        from traceback import print_exc

        print_exc()
        _tell_broken_files()
        return ExitCode.FAULT


def _tell_broken_files() -> None:
    """A fault may come from a file that somebody or some disk has changed: say which."""
    from natwizard.cli.verify import NoListError, check_files, lines_of, program_folder

    try:
        integrity = check_files(program_folder())
    except NoListError:
        return
    if not integrity.whole:
        sys.stderr.write("\n".join(lines_of(integrity)) + "\n")


def _let_go_of_output() -> None:
    """What could not be written is not tried again at the end, which would change the exit code."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return  # there is no such output here


def entry() -> None:
    """Entry point of the `natwizard` script."""
    prepare_streams()
    require_home()
    code = main(sys.argv[1:])
    if code == ExitCode.FAULT:
        _let_go_of_output()
    sys.exit(code)

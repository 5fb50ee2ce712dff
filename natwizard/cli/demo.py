"""natwizard demo: the real program against a reflector, or public servers, on this computer."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from natwizard.cli.check import keep, run_here, show
from natwizard.cli.exit_code import ExitCode
from natwizard.cli.inputs import (
    add_answer_arguments,
    add_browser_argument,
    add_headset_argument,
    add_selection_arguments,
    chosen_opener,
    select_plan,
)
from natwizard.cli.outputs import add_output_arguments, chosen_outputs, takes_stdout, write_outputs
from natwizard.model.language import _

if TYPE_CHECKING:  # `--help` waits for no probe and no check to load
    from natwizard.profiles.find import FoundProfile
    from natwizard.system.mapped_network import World

LOCATION = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """A profile, and what takes the internet's place where it does not lead to this computer."""

    found: "FoundProfile"
    world: "World | None" = None


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard demo`."""
    add_answer_arguments(parser)
    add_selection_arguments(parser)
    add_output_arguments(parser)
    add_browser_argument(parser)
    add_headset_argument(parser)
    parser.add_argument(
        "--shipped",
        action="store_true",
        help=_("with the profile as shipped: public servers, played on this computer"),
    )
    parser.add_argument("--no-window", action="store_true", help=_("even where there is a display"))


def run(arguments: Namespace) -> int:
    """The wizard where there is a display, else the check; files are written either way.

    Exits 0 once the demo has run, whatever its verdict: that belongs to this computer.
    """
    from natwizard.cli.window import window_can_open

    outputs = chosen_outputs(arguments)
    in_window = not arguments.no_window and window_can_open()
    with _shipped_stage() if arguments.shipped else _reflector_stage() as stage:
        plan = select_plan(stage.found, arguments)
        if in_window:
            from natwizard.gui.app import run_window

            return run_window(
                stage.found.profile,
                stage.found.location,
                plan.answers,
                language=arguments.language,
                on_report=lambda report: write_outputs(report, outputs, redacted=True),
                world=stage.world,
            )
        report, stopped = run_here(
            plan, quiet=False, open_page=chosen_opener(arguments), world=stage.world
        )
    keep(report)
    write_outputs(report, outputs, redacted=True)
    if takes_stdout(outputs):
        return ExitCode.STOPPED if stopped else ExitCode.READY
    show(report, redacted=True)
    for output in outputs:
        sys.stdout.write(" " + _("Wrote {path}").format(path=output.path) + "\n")
    return ExitCode.STOPPED if stopped else ExitCode.READY


@contextmanager
def _reflector_stage() -> Iterator[_Stage]:
    """A profile that names a reflector of ours for everything."""
    from natwizard.profiles.find import FoundProfile
    from natwizard.profiles.read import parse_profile
    from natwizard.reflector.background import BackgroundReflector
    from natwizard.reflector.settings import demo_settings

    with BackgroundReflector(demo_settings()) as reflector:
        profile = parse_profile(reflector.profile_text().encode(), LOCATION)
        yield _Stage(found=FoundProfile(profile=profile, location=LOCATION))


@contextmanager
def _shipped_stage() -> Iterator[_Stage]:
    """The shipped profile as it is; the network leads to servers that play those it names."""
    from natwizard.profiles.find import FoundProfile
    from natwizard.profiles.read import shipped_profile
    from natwizard.reflector.stand_ins import background_stand_ins
    from natwizard.system.mapped_network import MappedNetwork, World

    profile = shipped_profile()
    with background_stand_ins(profile) as stand_ins:
        network = MappedNetwork(stand_ins.places, resolvers=stand_ins.resolvers)
        yield _Stage(
            found=FoundProfile(profile=profile, location=LOCATION),
            world=World(network=network, public_roots=(stand_ins.authority_pem,)),
        )

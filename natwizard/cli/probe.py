"""natwizard probe: run one probe and print what it brought, as JSON."""

import sys
from argparse import ArgumentParser, Namespace

import msgspec

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import (
    add_answer_arguments,
    add_browser_argument,
    add_profile_argument,
    chosen_answers,
    chosen_opener,
    chosen_profile,
)
from natwizard.model.language import _


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard probe`."""
    parser.add_argument("name", help=_("the probe's name; 'list' prints all of them"))
    add_profile_argument(parser)
    add_answer_arguments(parser)
    add_browser_argument(parser)


def run(arguments: Namespace) -> int:
    """Print the probe's record; exits 0 if it could look, 2 if not."""
    from natwizard.checks.catalogue import CHECKS, probes_of
    from natwizard.cli.headless import run_headless
    from natwizard.run.plan import make_plan
    from natwizard.system.environment import real_environment

    probes = {probe.name: probe for probe in probes_of(CHECKS)}
    if arguments.name == "list":
        sys.stdout.writelines(f"{name:20} {_(probe.title)}\n" for name, probe in probes.items())
        return 0
    if arguments.name not in probes:
        raise UsageError(f"no such probe: {arguments.name} (known: {', '.join(probes)})")
    found = chosen_profile(arguments)
    plan = make_plan(
        found.profile, chosen_answers(arguments, found.profile), location=found.location
    )
    report, _stopped = run_headless(
        plan.for_probe(probes[arguments.name]),
        real_environment(open_page=chosen_opener(arguments)),
        lambda _event: None,
    )
    record = report.outcomes[0]
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    return 0 if record.failure is None else 2

"""natwizard plan: what the administrator has to work out before the first call."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from natwizard.cli.exit_code import UsageError
from natwizard.cli.outputs import require_writable
from natwizard.cli.plan_arithmetic import (
    add_bandwidth_arguments,
    add_calls_arguments,
    add_insight_arguments,
    add_storage_arguments,
    run_bandwidth,
    run_calls,
    run_insight,
    run_storage,
)
from natwizard.cli.plan_checklist import add_checklist_arguments, run_checklist
from natwizard.cli.plan_numbers import add_numbers_arguments, run_numbers
from natwizard.model.language import N_, _

TOPICS: dict[str, tuple[Callable[[ArgumentParser], None], Callable[[Namespace], int]]] = {
    "storage": (add_storage_arguments, run_storage),
    "insight": (add_insight_arguments, run_insight),
    "calls": (add_calls_arguments, run_calls),
    "bandwidth": (add_bandwidth_arguments, run_bandwidth),
    "numbers": (add_numbers_arguments, run_numbers),
    "checklist": (add_checklist_arguments, run_checklist),
}
HELP = {
    "storage": N_("data storage that call records take in Salesforce"),
    "insight": N_("data storage that Insight takes in Salesforce"),
    "calls": N_("Salesforce API calls in a day"),
    "bandwidth": N_("bandwidth that a site's calls need, each way"),
    "numbers": N_("check telephone numbers: one, or a CSV file of a million"),
    "checklist": N_("what no program can measure: a list to print and tick off"),
}


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan`, one parser a topic."""
    topics = parser.add_subparsers(dest="topic", metavar="topic", required=True)
    for name, (add_topic_arguments, _run) in TOPICS.items():
        topic = topics.add_parser(name, help=_(HELP[name]), description=_(HELP[name]))
        add_topic_arguments(topic)
        topic.add_argument("--csv", metavar="FILE", help=_("write the result as CSV"))
        topic.add_argument("--json", metavar="FILE", help=_("write the result as JSON"))


def run(arguments: Namespace) -> int:
    """Print the plan and write its files; exits 0, or 1 where some numbers are not valid."""
    from natwizard.planner.figures import BadInput

    _add_topic, run_topic = TOPICS[arguments.topic]
    for path in (arguments.csv, arguments.json):
        if path:
            require_writable(Path(path))
    try:
        return run_topic(arguments)
    except BadInput as error:
        raise UsageError(str(error)) from error

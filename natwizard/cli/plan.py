"""natwizard plan: what the administrator has to work out before the first call."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from natwizard.cli.exit_code import UsageError
from natwizard.cli.outputs import require_writable
from natwizard.cli.plan_arithmetic import (
    add_all_arguments,
    add_bandwidth_arguments,
    add_calls_arguments,
    add_insight_arguments,
    add_storage_arguments,
    run_all,
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
    "all": (add_all_arguments, run_all),
    "numbers": (add_numbers_arguments, run_numbers),
    "checklist": (add_checklist_arguments, run_checklist),
}
HELP = {
    "storage": N_("data storage that call records take in Salesforce"),
    "insight": N_("data storage that Insight takes in Salesforce"),
    "calls": N_("Salesforce API calls in a day"),
    "bandwidth": N_("bandwidth that a site's calls need, each way"),
    "all": N_("the four above together, for one file or for a report"),
    "numbers": N_("check telephone numbers: one, or a CSV file of a million"),
    "checklist": N_("what no program can measure: a list to print and tick off"),
}

FIRST_PAGE = "storage"


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan`, one parser a topic."""
    parser.add_argument(
        "--window", action="store_true", help=_("open the planner's window (on a topic, if given)")
    )
    topics = parser.add_subparsers(dest="topic", metavar="topic")
    for name, (add_topic_arguments, _run) in TOPICS.items():
        topic = topics.add_parser(name, help=_(HELP[name]), description=_(HELP[name]))
        add_topic_arguments(topic)
        topic.add_argument("--csv", metavar="FILE", help=_("write the result as CSV"))
        topic.add_argument("--json", metavar="FILE", help=_("write the result as JSON"))
        if name != "numbers":
            topic.add_argument("--pdf", metavar="FILE", help=_("write the result as PDF"))


def run(arguments: Namespace) -> int:
    """Print the plan and write its files; exits 0, or 1 where some numbers are not valid."""
    from natwizard.planner.figures import BadInput

    if arguments.window:
        topic = FIRST_PAGE if arguments.topic in {None, "all"} else arguments.topic
        return _open_window(topic, arguments.language)
    if arguments.topic is None:
        raise UsageError(f"plan what? One of: {', '.join(TOPICS)}; or --window")
    _add_topic, run_topic = TOPICS[arguments.topic]
    for path in (arguments.csv, arguments.json, getattr(arguments, "pdf", None)):
        if path:
            require_writable(Path(path))
    try:
        return run_topic(arguments)
    except BadInput as error:
        raise UsageError(str(error)) from error


def _open_window(topic: str, language: str) -> int:
    """The planner alone, with the profile in force. Raises UsageError."""
    from natwizard.cli.inputs import chosen_profile
    from natwizard.system.display import has_display

    found = chosen_profile(Namespace(profile=""))
    if not has_display():
        raise UsageError("there is no display here; leave --window out")
    from natwizard.gui.app import run_planner

    return run_planner(found.profile, topic, language=language)

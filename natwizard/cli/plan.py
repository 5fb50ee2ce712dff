"""natwizard plan: what the administrator has to work out before the first call."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from natwizard.cli.exit_code import UsageError
from natwizard.cli.outputs import require_all_writable
from natwizard.cli.plan_files import (
    add_count,
    add_days,
    add_storage_allowance,
    for_people,
    write_files,
)
from natwizard.cli.plan_inputs import (
    add_api_inputs,
    add_availability_changes,
    add_bandwidth_inputs,
    add_insight_inputs,
    add_storage_inputs,
    add_users,
    api_inputs,
    bandwidth_inputs,
    insight_inputs,
    storage_inputs,
)
from natwizard.cli.plan_numbers import add_numbers_arguments, run_numbers
from natwizard.model.language import N_, _
from natwizard.planner.org import OrgInputs, plan_org


def add_storage_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan storage`."""
    parser.description = _(
        "Works out the data storage that call records take in Salesforce: 50 KB once for each"
        " user; then 2 KB for each call record, each activity and each missed ring, and 2 KB an"
        " hour for each user. Contact Center adds 2 KB for each availability change and 2 KB an"
        " hour for each queue. Without options it works through the vendor's own example."
    )
    add_count(parser, "--calls", 2000, _("calls a day, in the whole org"))
    add_storage_inputs(parser)
    add_days(parser)
    add_storage_allowance(parser)


def run_storage(arguments: Namespace) -> int:
    """Print and write the plan."""
    return _show(arguments, OrgInputs(storage=storage_inputs(arguments)))


def add_insight_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan insight`."""
    parser.description = _(
        "Works out the data storage that Insight takes in Salesforce: for each call that it"
        " analyses 4 KB, and 2 KB for each category that the call triggers. Without options it"
        " works through the vendor's own example."
    )
    add_count(parser, "--calls", 6000, _("calls a day, in the whole org"))
    add_insight_inputs(parser)
    add_days(parser)
    add_storage_allowance(parser)


def run_insight(arguments: Namespace) -> int:
    """Print and write the plan."""
    return _show(arguments, OrgInputs(insight=insight_inputs(arguments)))


def add_calls_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan calls`."""
    parser.description = _(
        "Works out the Salesforce API calls in a day: five for each phone call, and one for each"
        " change of availability or of a setting."
    )
    add_count(parser, "--calls", 2000, _("phone calls a day, in the whole org"))
    add_users(parser)
    add_availability_changes(parser)
    add_api_inputs(parser)
    add_days(parser)


def run_calls(arguments: Namespace) -> int:
    """Print and write the plan."""
    return _show(arguments, OrgInputs(api_calls=api_inputs(arguments)))


def add_bandwidth_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan bandwidth`."""
    parser.description = _(
        "Works out the bandwidth that a site's calls need: 100 kbit/s each way for each call at"
        " the same time."
    )
    add_bandwidth_inputs(parser)


def run_bandwidth(arguments: Namespace) -> int:
    """Print and write the plan."""
    return _show(arguments, OrgInputs(bandwidth=bandwidth_inputs(arguments)))


def add_all_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan all`."""
    parser.description = _(
        "Works out storage, Insight, API calls and bandwidth together. Its JSON can go into a"
        " report: natwizard answer REPORT --plan FILE."
    )
    add_count(parser, "--calls", 2000, _("phone calls a day, in the whole org"))
    add_days(parser)
    add_storage_inputs(parser)
    add_storage_allowance(parser)
    parser.add_argument(
        "--insight", action=BooleanOptionalAction, default=True, help=_("the org uses Insight")
    )
    add_insight_inputs(parser)
    add_api_inputs(parser)
    add_bandwidth_inputs(parser)


def run_all(arguments: Namespace) -> int:
    """Print and write every plan."""
    inputs = OrgInputs(
        storage=storage_inputs(arguments),
        insight=insight_inputs(arguments) if arguments.insight else None,
        api_calls=api_inputs(arguments),
        bandwidth=bandwidth_inputs(arguments),
    )
    return _show(arguments, inputs, whole=True)


def _show(arguments: Namespace, inputs: OrgInputs, *, whole: bool = False) -> int:
    """Print it, and write its files: JSON of one plan is that plan, of all the whole."""
    from natwizard.cli.table import print_sections
    from natwizard.planner.as_table import bandwidth_rows, org_rows, plan_rows
    from natwizard.report.document import plan_sections

    org = plan_org(inputs, made_at=datetime.now().astimezone())
    if whole:
        write_files(arguments, org_rows(org), org, org)
    elif org.bandwidth is not None:
        write_files(arguments, bandwidth_rows(org.bandwidth), org.bandwidth, org)
    else:
        write_files(arguments, plan_rows(org.plans[0]), org.plans[0], org)
    with for_people(arguments):
        print_sections(plan_sections(org))
    return 0


def add_checklist_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan checklist`."""
    parser.description = _(
        "Prints what no program can measure, with who can confirm it: over-the-top numbers, the"
        " site's address, licences, and the questions of the profile."
    )
    # cli.inputs would do it, but loads every check
    parser.add_argument("--profile", default="", help=_("a profile: path or https address"))
    parser.add_argument(
        "--report",
        default="",
        metavar="FILE",
        help=_("show what was answered in this saved report"),
    )


def run_checklist(arguments: Namespace) -> int:
    """Print and write the list. Raises UsageError."""
    from natwizard.cli.inputs import chosen_profile, read_report
    from natwizard.cli.table import print_sections
    from natwizard.model.plan import OrgPlan
    from natwizard.planner.as_table import checklist_rows
    from natwizard.planner.attach import items_of
    from natwizard.planner.checklist import checklist
    from natwizard.report.document import checklist_sections

    items = checklist(chosen_profile(arguments).profile)
    if arguments.report:
        report = read_report(arguments.report)
        items = items_of(report, items)
    empty = OrgPlan(made_at=datetime.now().astimezone().isoformat(timespec="seconds"))
    write_files(arguments, checklist_rows(items), items, empty, items)
    with for_people(arguments):
        print_sections(checklist_sections(items))
    return 0


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
    from natwizard.planner.storage import BadInput

    if arguments.window:
        topic = FIRST_PAGE if arguments.topic in {None, "all"} else arguments.topic
        return _open_window(topic, arguments.language)
    if arguments.topic is None:
        raise UsageError(f"plan what? One of: {', '.join(TOPICS)}; or --window")
    _add_topic, run_topic = TOPICS[arguments.topic]
    wanted = (arguments.csv, arguments.json, getattr(arguments, "pdf", None))
    require_all_writable(Path(path) for path in wanted if path)
    try:
        return run_topic(arguments)
    except BadInput as error:
        raise UsageError(str(error)) from error


def _open_window(topic: str, language: str) -> int:
    """The planner alone, with the profile in force. Raises UsageError."""
    from natwizard.cli.inputs import chosen_profile
    from natwizard.system.browser import has_display

    found = chosen_profile(Namespace(profile=""))
    if not has_display():
        raise UsageError("there is no display here; leave --window out")
    from natwizard.gui.app import run_planner

    return run_planner(found.profile, topic, language=language)

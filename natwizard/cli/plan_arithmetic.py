"""natwizard plan storage, insight, calls, bandwidth, and all of them together."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from datetime import datetime

from natwizard.cli.plan_files import add_count, add_days, add_storage_allowance, write_files
from natwizard.cli.plan_inputs import (
    add_api_inputs,
    add_bandwidth_inputs,
    add_insight_inputs,
    add_storage_inputs,
    api_inputs,
    bandwidth_inputs,
    insight_inputs,
    storage_inputs,
)
from natwizard.model.language import _
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
        " change of a setting."
    )
    add_count(parser, "--calls", 2000, _("phone calls a day, in the whole org"))
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
        " report: natwizard confirm REPORT --plan FILE."
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
    from natwizard.cli.plan_view import print_org
    from natwizard.planner.as_table import bandwidth_rows, org_rows, plan_rows

    org = plan_org(inputs, made_at=datetime.now().astimezone())
    if whole:
        write_files(arguments, org_rows(org), org, org)
    elif org.bandwidth is not None:
        write_files(arguments, bandwidth_rows(org.bandwidth), org.bandwidth, org)
    else:
        write_files(arguments, plan_rows(org.plans[0]), org.plans[0], org)
    print_org(org)
    return 0

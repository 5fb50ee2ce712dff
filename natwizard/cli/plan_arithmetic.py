"""natwizard plan storage, insight, calls and bandwidth."""

from argparse import ArgumentParser, Namespace

from natwizard.cli.plan_files import (
    LARGEST,
    add_count,
    add_days,
    add_storage_allowance,
    number_type,
    write_files,
)
from natwizard.model.language import _
from natwizard.planner.figures import Plan


def add_storage_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan storage`."""
    parser.description = _(
        "Works out the data storage that call records take in Salesforce: 50 KB once for each"
        " user; then 2 KB for each call record, each activity and each missed ring, and 2 KB an"
        " hour for each user. Contact Center adds 2 KB for each availability change and 2 KB an"
        " hour for each queue. Without options it works through the vendor's own example."
    )
    add_count(parser, "--users", 50, _("people who use the telephony"))
    add_count(parser, "--calls", 2000, _("calls a day, in the whole org"))
    add_count(parser, "--missed-rings", 0, _("rings a day that nobody answers, in the whole org"))
    parser.add_argument(
        "--contact-center", action="store_true", help=_("add what only Contact Center stores")
    )
    add_count(
        parser,
        "--changes",
        None,
        _("availability changes a day, for each user (with Contact Center)"),
        usual="20",
    )
    add_count(parser, "--queues", None, _("queues (with Contact Center)"), usual="20")
    add_days(parser)
    add_storage_allowance(parser)


def run_storage(arguments: Namespace) -> int:
    """Print and write the plan."""
    from natwizard.planner.storage import ContactCenter, StorageInputs, plan_storage

    changes, queues, center = arguments.changes, arguments.queues, None
    if arguments.contact_center or changes is not None or queues is not None:
        usual = ContactCenter()
        center = ContactCenter(
            changes_per_user=usual.changes_per_user if changes is None else changes,
            queues=usual.queues if queues is None else queues,
        )
    inputs = StorageInputs(
        users=arguments.users,
        calls=arguments.calls,
        missed_rings=arguments.missed_rings,
        contact_center=center,
        days_per_week=arguments.days_per_week,
        allowance_mb=arguments.allowance_mb,
    )
    return _show(arguments, plan_storage(inputs))


def add_insight_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan insight`."""
    parser.description = _(
        "Works out the data storage that Insight takes in Salesforce: for each call that it"
        " analyses 4 KB, and 2 KB for each category that the call triggers. Without options it"
        " works through the vendor's own example."
    )
    add_count(parser, "--calls", 6000, _("calls a day, in the whole org"))
    parser.add_argument(
        "--hit-rate",
        type=number_type(0, 100),
        default=40,
        metavar="PERCENT",
        help=_("how many of the calls Insight analyses (default: 40)"),
    )
    add_count(parser, "--categories", 30, _("categories that are set up"))
    parser.add_argument(
        "--triggered",
        type=number_type(0, 100),
        default=50,
        metavar="PERCENT",
        help=_("how many of the categories one call triggers (default: 50)"),
    )
    add_days(parser)
    add_storage_allowance(parser)


def run_insight(arguments: Namespace) -> int:
    """Print and write the plan."""
    from natwizard.planner.insight import InsightInputs, plan_insight

    inputs = InsightInputs(
        calls=arguments.calls,
        hit_rate=arguments.hit_rate / 100,
        categories=arguments.categories,
        triggered=arguments.triggered / 100,
        days_per_week=arguments.days_per_week,
        allowance_mb=arguments.allowance_mb,
    )
    return _show(arguments, plan_insight(inputs))


def add_calls_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan calls`."""
    parser.description = _(
        "Works out the Salesforce API calls in a day: five for each phone call, and one for each"
        " change of a setting."
    )
    add_count(parser, "--calls", 2000, _("phone calls a day, in the whole org"))
    add_count(parser, "--settings-changes", 50, _("changes of settings a day, in the whole org"))
    add_days(parser)
    parser.add_argument(
        "--allowance",
        type=number_type(0, LARGEST),
        metavar="N",
        help=_("API requests in 24 hours that your org has left for this (Setup, System Overview)"),
    )


def run_calls(arguments: Namespace) -> int:
    """Print and write the plan."""
    from natwizard.planner.calls import ApiInputs, plan_api_calls

    inputs = ApiInputs(
        calls=arguments.calls,
        settings_changes=arguments.settings_changes,
        days_per_week=arguments.days_per_week,
        allowance=arguments.allowance,
    )
    return _show(arguments, plan_api_calls(inputs))


def add_bandwidth_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan bandwidth`."""
    parser.description = _(
        "Works out the bandwidth that a site's calls need: 100 kbit/s each way for each call at"
        " the same time."
    )
    add_count(parser, "--concurrent", 50, _("calls at the same time, at the busiest moment"))
    parser.add_argument(
        "--line",
        type=number_type(0, LARGEST),
        metavar="KBIT/S",
        help=_("what the line carries in its slower direction: says how many calls fit"),
    )


def run_bandwidth(arguments: Namespace) -> int:
    """Print and write the plan."""
    from natwizard.cli.plan_view import print_bandwidth
    from natwizard.planner.as_table import bandwidth_rows
    from natwizard.planner.bandwidth import BandwidthInputs, plan_bandwidth

    plan = plan_bandwidth(
        BandwidthInputs(concurrent_calls=arguments.concurrent, line_kbit_s=arguments.line)
    )
    write_files(arguments, bandwidth_rows(plan), plan)
    print_bandwidth(plan)
    return 0


def _show(arguments: Namespace, plan: Plan) -> int:
    from natwizard.cli.plan_view import print_plan
    from natwizard.planner.as_table import plan_rows

    write_files(arguments, plan_rows(plan), plan)
    print_plan(plan)
    return 0

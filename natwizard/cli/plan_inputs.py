"""Inputs of the plans as options, and the values that they stand for."""

from argparse import ArgumentParser, Namespace

from natwizard.cli.plan_files import LARGEST, add_count, number_type
from natwizard.model.language import _
from natwizard.model.plan import BandwidthInputs
from natwizard.planner.storage import ApiInputs, ContactCenter, InsightInputs, StorageInputs


def add_users(parser: ArgumentParser) -> None:
    """Who changes availability, and has records stored."""
    add_count(parser, "--users", 50, _("people who use the telephony"))


def add_availability_changes(parser: ArgumentParser) -> None:
    """Each is an API call; storage takes them with Contact Center only."""
    add_count(parser, "--changes", None, _("availability changes a day, for each user"), usual="20")


def add_storage_inputs(parser: ArgumentParser) -> None:
    """What storage takes besides calls, days and the allowance."""
    add_users(parser)
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


def add_insight_inputs(parser: ArgumentParser) -> None:
    """What Insight takes besides calls, days and the allowance."""
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


def add_api_inputs(parser: ArgumentParser) -> None:
    """What API calls take besides phone calls and days."""
    add_count(parser, "--settings-changes", 50, _("changes of settings a day, in the whole org"))
    parser.add_argument(
        "--allowance",
        type=number_type(0, LARGEST),
        metavar="N",
        help=_("API requests in 24 hours that your org has left for this (Setup, System Overview)"),
    )


def add_bandwidth_inputs(parser: ArgumentParser) -> None:
    """What bandwidth takes."""
    add_count(parser, "--concurrent", 50, _("calls at the same time, at the busiest moment"))
    parser.add_argument(
        "--line",
        type=number_type(0, LARGEST),
        metavar="KBIT/S",
        help=_("what the line carries in its slower direction: says how many calls fit"),
    )


def storage_inputs(arguments: Namespace) -> StorageInputs:
    """Naming changes or queues means Contact Center."""
    changes, queues, center = arguments.changes, arguments.queues, None
    if arguments.contact_center or changes is not None or queues is not None:
        usual = ContactCenter()
        center = ContactCenter(
            changes_per_user=usual.changes_per_user if changes is None else changes,
            queues=usual.queues if queues is None else queues,
        )
    return StorageInputs(
        users=arguments.users,
        calls=arguments.calls,
        missed_rings=arguments.missed_rings,
        contact_center=center,
        days_per_week=arguments.days_per_week,
        allowance_mb=arguments.allowance_mb,
    )


def insight_inputs(arguments: Namespace) -> InsightInputs:
    """Percentages become shares."""
    return InsightInputs(
        calls=arguments.calls,
        hit_rate=arguments.hit_rate / 100,
        categories=arguments.categories,
        triggered=arguments.triggered / 100,
        days_per_week=arguments.days_per_week,
        allowance_mb=arguments.allowance_mb,
    )


def api_inputs(arguments: Namespace) -> ApiInputs:
    """As they were given; everybody changes availability as often as the source's example."""
    usual = ContactCenter().changes_per_user
    changes_per_user = usual if arguments.changes is None else arguments.changes
    return ApiInputs(
        calls=arguments.calls,
        availability_changes=arguments.users * changes_per_user,
        settings_changes=arguments.settings_changes,
        days_per_week=arguments.days_per_week,
        allowance=arguments.allowance,
    )


def bandwidth_inputs(arguments: Namespace) -> BandwidthInputs:
    """As they were given."""
    return BandwidthInputs(concurrent_calls=arguments.concurrent, line_kbit_s=arguments.line)

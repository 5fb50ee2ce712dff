"""Plans and answers that several tests look at."""

from datetime import UTC, datetime

from msgspec import structs

from natwizard.model.finding import Finding, Owner, Page, Remedy, Status
from natwizard.model.plan import BandwidthInputs, OrgPlan
from natwizard.model.quantity import Confirmation, Reply
from natwizard.model.report import Report
from natwizard.planner.org import OrgInputs, plan_org
from natwizard.planner.storage import ApiInputs, ContactCenter, InsightInputs, StorageInputs

MADE_AT = datetime(2026, 11, 25, 22, 15, tzinfo=UTC)
YES = Confirmation(reply=Reply.YES, on="2026-11-25", by="the site office")
NO = Confirmation(reply=Reply.NO, on="2026-11-24", note="ticket 12")


def example_plan() -> OrgPlan:
    """The source page's org with Insight, beside allowances."""
    storage = StorageInputs(contact_center=ContactCenter(), allowance_mb=8000)
    return plan_org(
        OrgInputs(
            storage=storage,
            insight=InsightInputs(calls=2000, allowance_mb=8000),
            api_calls=ApiInputs(allowance=100_000),
            bandwidth=BandwidthInputs(line_kbit_s=4000),
        ),
        made_at=MADE_AT,
    )


def question(check: str = "nat.static_address", *, required: bool = False) -> Finding:
    """A finding that waits for a person."""
    return Finding(
        check=check,
        requirement=check,
        title="Fixed public address",
        page=Page.CONNECTION,
        required=required,
        status=Status.MANUAL,
        summary="A fixed public address where possible",
        observed="no program can measure this",
        expected="a person's answer",
        remedy=Remedy(text="Ask for a fixed public address.", owner=Owner.NETWORK_TEAM),
    )


def with_questions(report: Report, *checks: str) -> Report:
    """The report, and these questions instead of those it has."""
    kept = [finding for finding in report.findings if finding.status is not Status.MANUAL]
    return structs.replace(report, findings=(*kept, *(question(check) for check in checks)))

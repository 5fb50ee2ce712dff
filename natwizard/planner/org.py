"""All plans of one org together."""

from datetime import datetime

from msgspec import Struct

from natwizard.model.plan import Allowance, BandwidthInputs, CapacityPlan, OrgPlan
from natwizard.planner.storage import (
    DAYS_PER_YEAR,
    ApiInputs,
    InsightInputs,
    StorageInputs,
    plan_api_calls,
    plan_bandwidth,
    plan_insight,
    plan_storage,
)


class OrgInputs(Struct, frozen=True, kw_only=True):
    """What each plan is made of; None leaves one out."""

    storage: StorageInputs | None = None
    insight: InsightInputs | None = None
    api_calls: ApiInputs | None = None
    bandwidth: BandwidthInputs | None = None


def plan_org(inputs: OrgInputs, *, made_at: datetime) -> OrgPlan:
    """Every plan that was asked for. Raises BadInput."""
    storage = plan_storage(inputs.storage) if inputs.storage is not None else None
    insight = plan_insight(inputs.insight) if inputs.insight is not None else None
    return OrgPlan(
        made_at=made_at.isoformat(timespec="seconds"),
        storage=storage,
        insight=insight,
        api_calls=plan_api_calls(inputs.api_calls) if inputs.api_calls is not None else None,
        bandwidth=plan_bandwidth(inputs.bandwidth) if inputs.bandwidth is not None else None,
        together=_together(storage, insight),
    )


def _together(storage: CapacityPlan | None, insight: CapacityPlan | None) -> Allowance | None:
    """Both fill the same free storage, so neither lasts as long as it says alone."""
    if storage is None or insight is None or storage.allowance is None:
        return None
    per_year = storage.total.per_year + insight.total.per_year
    amount = storage.allowance.amount
    left = max(0.0, amount - storage.once)
    return Allowance(
        amount=amount,
        used=storage.once + per_year,
        period="year",
        days=left * DAYS_PER_YEAR / per_year if per_year > 0 else None,
    )

"""A site's bandwidth for calls, each way. Source: requirement plan.bandwidth."""

import math

from msgspec import Struct

from natwizard.model.finding import Source
from natwizard.planner.figures import PREREQUISITES, require_range

MOST_CALLS = 1_000_000
LEAST_CALL_KBIT_S = 1.0
MOST_KBIT_S = 1e12


class BandwidthInputs(Struct, frozen=True, kw_only=True):
    """What the site does.

    Attributes:
        concurrent_calls: people calling at the same time, at the busiest moment.
        call_kbit_s: one call, each way.
        line_kbit_s: the line's slower direction, if it is to be compared.
    """

    concurrent_calls: float = 50
    call_kbit_s: float = 100
    line_kbit_s: float | None = None


class BandwidthPlan(Struct, frozen=True, kw_only=True):
    """What the calls need, each way. A rate: there is nothing to add up over days.

    Attributes:
        calls_carried: whole calls that fit into the line at once; None without a line.
    """

    inputs: BandwidthInputs
    needed_kbit_s: float
    calls_carried: int | None = None
    requirements: tuple[str, ...] = ("plan.bandwidth",)
    source: Source = PREREQUISITES

    @property
    def suffices(self) -> bool | None:
        """Does the line carry the calls? None without a line."""
        if self.inputs.line_kbit_s is None:
            return None
        return self.needed_kbit_s <= self.inputs.line_kbit_s


def plan_bandwidth(inputs: BandwidthInputs) -> BandwidthPlan:
    """The rate that the calls need, and what the line carries. Raises BadInput."""
    require_range("concurrent_calls", inputs.concurrent_calls, 0, MOST_CALLS)
    require_range("call_kbit_s", inputs.call_kbit_s, LEAST_CALL_KBIT_S, MOST_KBIT_S)
    carried = None
    if inputs.line_kbit_s is not None:
        require_range("line_kbit_s", inputs.line_kbit_s, 0, MOST_KBIT_S)
        carried = math.floor(inputs.line_kbit_s / inputs.call_kbit_s)
    return BandwidthPlan(
        inputs=inputs,
        needed_kbit_s=inputs.concurrent_calls * inputs.call_kbit_s,
        calls_carried=carried,
    )

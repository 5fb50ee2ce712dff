"""A site's bandwidth for calls, each way. Source: requirement plan.bandwidth."""

import math

from natwizard.model.plan import BandwidthInputs, BandwidthPlan
from natwizard.planner.figures import PREREQUISITES, require_range

MOST_CALLS = 1_000_000
LEAST_CALL_KBIT_S = 1.0
MOST_KBIT_S = 1e12


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
        source=PREREQUISITES,
    )

"""A site's bandwidth for calls, each way. Source: requirement plan.bandwidth."""

import math

from msgspec import Struct

from natwizard.checks.wording import number
from natwizard.model.language import _
from natwizard.model.quantity import Quantity, Unit
from natwizard.planner.figures import Allowance, Part, Plan, require_range

MOST_CALLS = 1_000_000
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


def plan_bandwidth(inputs: BandwidthInputs) -> Plan:
    """The rate that the calls need, in kbit/s each way. Raises BadInput."""
    require_range("concurrent_calls", inputs.concurrent_calls, 0, MOST_CALLS)
    require_range("call_kbit_s", inputs.call_kbit_s, 0, MOST_KBIT_S)
    needed = inputs.concurrent_calls * inputs.call_kbit_s
    return Plan(
        requirement="plan.bandwidth",
        title=_("Bandwidth, each way"),
        unit=Unit.KILOBIT_PER_SECOND,
        recurring=False,
        inputs=(
            Quantity(name="concurrent_calls", value=inputs.concurrent_calls, unit=Unit.COUNT),
            Quantity(name="per_call", value=inputs.call_kbit_s, unit=Unit.KILOBIT_PER_SECOND),
        ),
        parts=(
            Part(
                name="calls",
                title=_("Calls at the same time"),
                how=_("{calls} calls x {rate} kbit/s").format(
                    calls=number(inputs.concurrent_calls), rate=f"{inputs.call_kbit_s:g}"
                ),
                per_day=needed,
                per_month=needed,
                per_year=needed,
            ),
        ),
        allowance=_line(inputs.line_kbit_s, needed),
    )


def calls_carried(line_kbit_s: float, call_kbit_s: float = 100) -> int:
    """Whole calls that fit into a line at once, each way. Raises BadInput."""
    require_range("line_kbit_s", line_kbit_s, 0, MOST_KBIT_S)
    if not call_kbit_s > 0:
        require_range("call_kbit_s", call_kbit_s, 1, MOST_KBIT_S)
    return math.floor(line_kbit_s / call_kbit_s)


def _line(line_kbit_s: float | None, needed: float) -> Allowance | None:
    if line_kbit_s is None:
        return None
    require_range("line_kbit_s", line_kbit_s, 0, MOST_KBIT_S)
    return Allowance(amount=line_kbit_s, used=needed, period="moment")

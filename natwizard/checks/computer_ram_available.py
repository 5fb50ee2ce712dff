"""computer.ram_available: is enough memory free for browser tabs?"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.computer_ram import GIB, expected_size, status_of_size
from natwizard.checks.shared.number_format import beside, with_unit
from natwizard.checks.verdict import Verdict, failed, passed, warned
from natwizard.model.finding import Detail, Judgement, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.memory import MEMORY, MemoryEvidence

LOW_DISK_GIB = 2
"""Browsers write caches of hundreds of megabytes, and the system swaps beside them."""


class AvailableRamLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Memory for browser tabs in GiB."""

    # the vendor's "Technical Prerequisites": 2 GB for browser tabs, 4 GB recommended
    minimum_gib: float = 2
    recommended_gib: float = 4


def for_browsers_bytes(memory: MemoryEvidence) -> int:
    """What is free, and what browsers hold already: their tabs are what it is needed for."""
    return min(memory.total_bytes, memory.available_bytes + memory.browsers_bytes)


CLOSE = N_("Close programs you do not need, then run again.")
VERDICTS: Final[Mapping[Status, Verdict]] = {
    Status.PASS: passed(N_("Your browser has enough memory.")),
    Status.WARN: warned(N_("Memory for your browser is tight."), CLOSE),
    Status.FAIL: failed(N_("Too little memory is left for your browser."), CLOSE),
}


def judge(inputs: Inputs, limits: AvailableRamLimits) -> Judgement:
    """Compare with what the tabs of a CRM need."""
    memory = inputs.evidence(MEMORY)
    inputs.told(memory.available_bytes, MEMORY)
    available = for_browsers_bytes(memory) / GIB
    minimum, recommended = limits.minimum_gib, limits.recommended_gib
    return VERDICTS[status_of_size(available, minimum, recommended)].judgement(
        observed=beside(available, "GB", 1, minimum, recommended),
        expected=expected_size(minimum, recommended),
        measured=(
            Quantity(name="free_memory", value=memory.available_bytes, unit=Unit.BYTE),
            Quantity(name="browsers_memory", value=memory.browsers_bytes, unit=Unit.BYTE),
        ),
        details=(
            Detail(
                label=_("Why we say so"),
                text=_("{free} is free, and browsers hold {held} already.").format(
                    free=with_unit(memory.available_bytes / GIB, "GB", 1),
                    held=with_unit(memory.browsers_bytes / GIB, "GB", 1),
                ),
            ),
            *_disk_line(memory),
        ),
    )


def _disk_line(memory: MemoryEvidence) -> tuple[Detail, ...]:
    """A full disk leaves no room to swap, so browsers lose tabs: advice, not a verdict."""
    free = memory.free_disk_bytes
    if free is None or free >= LOW_DISK_GIB * GIB:
        return ()
    text = _("Only {free} of the disk is free; make room, or browsers slow down.")
    return (Detail(label=_("Advice"), text=text.format(free=with_unit(free / GIB, "GB", 1))),)


COMPUTER_RAM_AVAILABLE = Check(
    name="computer.ram_available",
    meaning=N_(
        "What programs have left over for the browser. Too little makes tabs reload, and a "
        "call in such a tab ends."
    ),
    title=N_("Available RAM"),
    term="Available RAM",
    page=Page.COMPUTER,
    needs=(MEMORY,),
    limits=AvailableRamLimits,
    judge=judge,
)

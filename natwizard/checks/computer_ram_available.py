"""computer.ram_available: is enough memory free for browser tabs?"""

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import with_unit
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.memory import MEMORY, MemoryEvidence

GIB = 1024**3
LOW_DISK_GIB = 2
"""Browsers write caches of hundreds of megabytes, and the system swaps beside them."""


class AvailableRamLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Memory for browser tabs in GiB."""

    minimum_gib: float = 2
    recommended_gib: float = 4


def for_browsers_bytes(memory: MemoryEvidence) -> int:
    """What is free, and what browsers hold already: their tabs are what it is needed for."""
    return min(memory.total_bytes, memory.available_bytes + memory.browsers_bytes)


def judge(inputs: Inputs, limits: AvailableRamLimits) -> Judgement:
    """Compare with what the tabs of a CRM need."""
    memory = inputs.evidence(MEMORY)
    inputs.told(memory.available_bytes, MEMORY)
    available = for_browsers_bytes(memory) / GIB
    remedy = Remedy(text=_("Close programs you do not need, then run again."), owner=Owner.AGENT)
    if available < limits.minimum_gib:
        status, summary = Status.FAIL, _("Too little memory is left for your browser.")
    elif available < limits.recommended_gib:
        status, summary = Status.WARN, _("Memory for your browser is tight.")
    else:
        status, summary = Status.PASS, _("Your browser has enough memory.")
    return Judgement(
        status=status,
        summary=summary,
        observed=with_unit(available, "GB", 1),
        expected=_("{minimum}; {recommended} recommended").format(
            minimum=with_unit(limits.minimum_gib, "GB"),
            recommended=with_unit(limits.recommended_gib, "GB"),
        ),
        measured=(
            Quantity(name="free_memory", value=memory.available_bytes, unit=Unit.BYTE),
            Quantity(name="browsers_memory", value=memory.browsers_bytes, unit=Unit.BYTE),
        ),
        remedy=None if status is Status.PASS else remedy,
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
    title=N_("Free memory"),
    page=Page.COMPUTER,
    needs=(MEMORY,),
    limits=AvailableRamLimits,
    judge=judge,
)

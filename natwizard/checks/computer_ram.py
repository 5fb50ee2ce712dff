"""computer.ram: is enough memory installed?"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import limit_with_unit, with_unit
from natwizard.checks.verdict import Verdict, failed, passed, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.memory import MEMORY, MemoryEvidence

GIB = 1024**3

# Sizes that memory is sold in. Firmware and graphics keep up to an eighth of them, and up to a
# GiB of a small one (support.microsoft.com, "usable memory may be less than installed": 4.00 GB,
# 3.25 GB usable); who says less accuses a computer that has what is asked for.
NOMINAL_GIB = (1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512)
RESERVED_SHARE = 0.125
RESERVED_GIB = 1.0
# Every computer keeps about 5 % (3.8 GiB of "4 GB"); only more is worth a second figure
SHOWN_SHARE = 0.06


class RamLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Installed memory in GiB: below `minimum_gib` is a problem, below the other advice."""

    # the vendor's "Technical Prerequisites": 4 GB, 8 GB recommended
    minimum_gib: float = 4
    recommended_gib: float = 8


def nominal_gib(total_bytes: int) -> float:
    """The size on the box: a "4 GB" computer tells its OS of about 3.8 GiB.

    Rounds up to the next size on sale where the gap is small enough to be reserved memory.
    """
    seen = total_bytes / GIB
    for size in NOMINAL_GIB:
        if seen <= size:
            kept = size - seen
            return float(size) if kept <= max(size * RESERVED_SHARE, RESERVED_GIB) else seen
    return seen


def _installed_gib(memory: MemoryEvidence) -> float:
    """What the boards say, else the size on sale that what the system can use belongs to."""
    return nominal_gib(memory.installed_bytes or memory.total_bytes)


def _observed(memory: MemoryEvidence, installed_gib: float) -> str:
    """With as many digits as tell a size from the next one, and what of it can be used."""
    usable_gib = memory.total_bytes / GIB
    size = with_unit(installed_gib, "GB", 0 if installed_gib == round(installed_gib) else 2)
    if installed_gib - usable_gib < SHOWN_SHARE * installed_gib:
        return size
    return _("{size}, {usable} usable").format(size=size, usable=with_unit(usable_gib, "GB", 2))


def status_of_size(size: float, minimum: float, recommended: float) -> Status:
    """Below the minimum is a problem, below what is recommended advice."""
    if size < minimum:
        return Status.FAIL
    return Status.WARN if size < recommended else Status.PASS


def expected_size(minimum_gib: float, recommended_gib: float) -> str:
    """ "4 GB; 8 GB recommended"."""
    return _("{minimum}; {recommended} recommended").format(
        minimum=limit_with_unit(minimum_gib, "GB"),
        recommended=limit_with_unit(recommended_gib, "GB"),
    )


REQUEST = N_(
    "Please give this computer {size} of memory, or this person another computer: the phone"
    " and the pages beside it take that much."
)
VERDICTS: Final[Mapping[Status, Verdict]] = {
    Status.PASS: passed(N_("There is plenty of memory.")),
    Status.WARN: warned(
        N_("Memory is enough, but tight."),
        N_("Close what you do not use; ask for {size}."),
        REQUEST,
        owner=Owner.HELPDESK,
    ),
    Status.FAIL: failed(
        N_("This computer has too little memory."),
        N_("Ask for a computer with {size} of memory."),
        REQUEST,
        owner=Owner.HELPDESK,
    ),
}


def judge(inputs: Inputs, limits: RamLimits) -> Judgement:
    """Compare the nominal size with what browser tabs of a CRM need."""
    memory = inputs.evidence(MEMORY)
    installed = _installed_gib(memory)
    minimum, recommended = limits.minimum_gib, limits.recommended_gib
    return VERDICTS[status_of_size(installed, minimum, recommended)].judgement(
        texts={"size": limit_with_unit(recommended, "GB")},
        observed=_observed(memory, installed),
        expected=expected_size(minimum, recommended),
        measured=(
            Quantity(name="installed_memory", value=int(installed * GIB), unit=Unit.BYTE),
            Quantity(name="reported_memory", value=memory.total_bytes, unit=Unit.BYTE),
        ),
        details=(
            Detail(
                label=_("Why we say so"),
                text=_("The operating system can use {size}.").format(
                    size=with_unit(memory.total_bytes / GIB, "GiB", 1)
                ),
            ),
        ),
    )


COMPUTER_RAM = Check(
    name="computer.ram",
    meaning=N_(
        "Salesforce and a call need memory at the same time. Where it is short, the computer "
        "swaps, and you and the caller hear it stutter."
    ),
    title=N_("RAM (memory)"),
    term="RAM",
    page=Page.COMPUTER,
    stands_for_page=True,
    needs=(MEMORY,),
    limits=RamLimits,
    judge=judge,
)

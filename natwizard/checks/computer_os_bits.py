"""computer.os_bits: is the operating system a 64-bit one?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.computer_cpu import is_64_bit
from natwizard.checks.verdict import VerdictTable, passed, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.processor import PROCESSOR

NARROW_SYSTEM = N_("Your operating system is the 32-bit version.")


class SystemBits(VerdictTable):
    """How many bits the system has, and what it could have."""

    WIDE = passed(N_("Your operating system is a 64-bit one."))
    NARROW = warned(
        NARROW_SYSTEM,
        N_("Ask for the 64-bit version of your operating system."),
        N_("Please install the 64-bit version of the operating system on this computer."),
        owner=Owner.HELPDESK,
    )
    NARROW_PROCESSOR = warned(
        NARROW_SYSTEM,
        N_("Ask for a computer with a 64-bit processor."),
        N_("Please give this person a computer with a 64-bit processor."),
        owner=Owner.HELPDESK,
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """A 32-bit system still works, and still deserves advice."""
    evidence = inputs.evidence(PROCESSOR)
    inputs.told(evidence.os_bits, PROCESSOR)
    bits = SystemBits.NARROW if is_64_bit(evidence) else SystemBits.NARROW_PROCESSOR
    if evidence.os_bits >= 64:
        bits = SystemBits.WIDE
    return bits.verdict.judgement(
        observed=_("{system}, {bits}-bit").format(system=evidence.system, bits=evidence.os_bits),
        expected=_("64-bit"),
        measured=(Quantity(name="system_bits", value=evidence.os_bits, unit=Unit.BIT),),
        details=(
            Detail(
                label=_("Why we say so"),
                text=_("Read from the system itself, on {machine}.").format(
                    machine=evidence.processor.architecture
                ),
            ),
        ),
    )


COMPUTER_OS_BITS = Check(
    name="computer.os_bits",
    meaning=N_(
        "An operating system of 64 bits is what current browsers are made for. For 32 bits "
        "there are no newer ones."
    ),
    title=N_("64-bit operating system"),
    term="64-bit operating system",
    page=Page.COMPUTER,
    needs=(PROCESSOR,),
    limits=NoLimits,
    judge=judge,
)

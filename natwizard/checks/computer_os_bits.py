"""computer.os_bits: is the operating system a 64-bit one?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.computer_cpu import is_64_bit
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.processor import PROCESSOR


def judge(inputs: Inputs, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """A 32-bit system still works, and still deserves advice."""
    evidence = inputs.evidence(PROCESSOR)
    inputs.told(evidence.os_bits, PROCESSOR)
    remedy = None
    if evidence.os_bits >= 64:
        status, summary = Status.PASS, _("Your operating system is a 64-bit one.")
    else:
        status, summary = Status.WARN, _("Your operating system is the 32-bit version.")
        text = (
            _("Ask for the 64-bit version of your operating system.")
            if is_64_bit(evidence)
            else _("Ask for a computer with a 64-bit processor.")
        )
        request = (
            _("Please install the 64-bit version of the operating system on this computer.")
            if is_64_bit(evidence)
            else _("Please give this person a computer with a 64-bit processor.")
        )
        remedy = Remedy(text=text, owner=Owner.HELPDESK, request=request)
    return Judgement(
        status=status,
        summary=summary,
        observed=_("{system}, {bits}-bit").format(system=evidence.system, bits=evidence.os_bits),
        expected=_("64-bit"),
        measured=(Quantity(name="system_bits", value=evidence.os_bits, unit=Unit.BIT),),
        remedy=remedy,
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
    title=N_("64-bit operating system"),
    page=Page.COMPUTER,
    needs=(PROCESSOR,),
    limits=NoLimits,
    judge=judge,
)

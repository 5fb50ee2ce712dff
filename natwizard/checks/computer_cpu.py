"""computer.cpu: does the processor meet what operating systems ask for?"""

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import beside, limit_with_unit
from natwizard.checks.verdict import VerdictTable, failed, passed, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.host import Processor
from natwizard.probes.processor import PROCESSOR, ProcessorEvidence

WIDE = ("64", "riscv")
NARROW = ("x86", "arm", "i386", "armv6l", "armv7l")


class CpuLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The least that the vendors of operating systems ask for."""

    # Microsoft's "Windows 11 specifications": two cores of 1 GHz, and 64 bits
    minimum_cores: int = 2
    minimum_mhz: int = 1000


NEWER = N_("Ask for a newer computer.")
REQUEST = N_(
    "Please give this person a computer whose processor has 64 bits and at least {cores} cores"
    " of {clock}."
)


class CpuState(VerdictTable):
    """How the processor meets what systems ask for."""

    FAST_ENOUGH = passed(N_("The processor is fast enough."))
    SLOW_CLOCK = warned(
        N_("This computer's processor reports a slow clock."), NEWER, REQUEST, owner=Owner.HELPDESK
    )
    ONE_REAL_CORE = warned(
        N_("This processor has one real core only."), NEWER, REQUEST, owner=Owner.HELPDESK
    )
    TOO_FEW_CORES = failed(
        N_("This computer's processor has too few cores."),
        N_("Ask for a computer with two or more cores."),
        REQUEST,
        owner=Owner.HELPDESK,
    )
    TOO_OLD = failed(
        N_("This computer's processor is too old."), NEWER, REQUEST, owner=Owner.HELPDESK
    )


def judge(inputs: Inputs, limits: CpuLimits) -> Judgement:
    """Count cores first, then bits and clock.

    A clock that is not told does not count against a computer: virtual machines and Apple's
    processors tell none, and no 64-bit processor with two cores is that slow.
    """
    evidence = inputs.evidence(PROCESSOR)
    inputs.told(evidence.processor.logical_cores or evidence.processor.physical_cores, PROCESSOR)
    needed = {
        "cores": limits.minimum_cores,
        "clock": limit_with_unit(limits.minimum_mhz / 1000, "GHz"),
    }
    return _state(evidence, limits).verdict.judgement(
        texts=needed,
        observed=_observed(evidence.processor, limits),
        expected=_("64-bit, {cores} cores, {clock}").format(**needed),
        measured=_measured(evidence.processor),
        details=(*_details(evidence.processor), *_environment(evidence)),
    )


def is_64_bit(evidence: ProcessorEvidence) -> bool:
    """A 64-bit system proves it; else the processor's name tells."""
    architecture = evidence.processor.architecture
    return evidence.os_bits == 64 or any(part in architecture for part in WIDE)


def _state(evidence: ProcessorEvidence, limits: CpuLimits) -> CpuState:
    processor = evidence.processor
    if not is_64_bit(evidence) and processor.architecture in NARROW:
        return CpuState.TOO_OLD
    if 0 < processor.logical_cores < limits.minimum_cores:
        return CpuState.TOO_FEW_CORES
    if 0 < processor.physical_cores < limits.minimum_cores:
        return CpuState.ONE_REAL_CORE
    slow = 0 < processor.max_mhz < limits.minimum_mhz
    return CpuState.SLOW_CLOCK if slow else CpuState.FAST_ENOUGH


def _observed(processor: Processor, limits: CpuLimits) -> str:
    cores = _("{cores} cores").format(cores=processor.physical_cores or processor.logical_cores)
    if not processor.max_mhz:
        return f"{processor.architecture}, {cores}"
    clock = beside(processor.max_mhz / 1000, "GHz", 1, limits.minimum_mhz / 1000)
    return f"{processor.architecture}, {cores}, {clock}"


def _measured(processor: Processor) -> tuple[Quantity, ...]:
    values = (
        Quantity(name="logical_cores", value=processor.logical_cores, unit=Unit.COUNT),
        Quantity(name="physical_cores", value=processor.physical_cores, unit=Unit.COUNT),
        Quantity(name="architecture", value=processor.architecture, unit=Unit.TEXT),
    )
    clock = Quantity(name="clock", value=round(processor.max_mhz), unit=Unit.MEGAHERTZ)
    return (*values, clock) if processor.max_mhz else values


def _details(processor: Processor) -> tuple[Detail, ...]:
    told = processor.model or _("The system does not name it.")
    notes = [Detail(label=_("Processor"), text=told)]
    if not processor.max_mhz:
        text = _("The system does not tell the clock; that does not count against it.")
        notes.append(Detail(label=_("Clock"), text=text))
    elif processor.max_mhz < 1000:
        text = _("Some processors run faster than the clock they report.")
        notes.append(Detail(label=_("Clock"), text=text))
    return tuple(notes)


def _environment(evidence: ProcessorEvidence) -> tuple[Detail, ...]:
    """What slows a good processor down, or puts sound and screen elsewhere: named, not judged."""
    lines = []
    if evidence.session:
        text = _("{session}: calls sound best in the browser of the computer in front of you.")
        lines.append(Detail(label=_("Session"), text=text.format(session=evidence.session)))
    if evidence.virtual_machine:
        text = _("{maker}: its host decides how fast it really is.")
        lines.append(
            Detail(label=_("Virtual machine"), text=text.format(maker=evidence.virtual_machine))
        )
    if evidence.battery_saver:
        text = _("Battery saver is on and slows this computer down: plug in its power supply.")
        lines.append(Detail(label=_("Advice"), text=text))
    return tuple(lines)


COMPUTER_CPU = Check(
    name="computer.cpu",
    meaning=N_(
        "Voice is packed and unpacked fifty times a second, beside everything else that runs. "
        "A processor that is too slow makes gaps."
    ),
    title=N_("CPU (processor)"),
    term="CPU",
    page=Page.COMPUTER,
    needs=(PROCESSOR,),
    limits=CpuLimits,
    judge=judge,
)

"""The processor and the bits of the operating system."""

from msgspec import Struct

from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host, Processor


class ProcessorEvidence(Struct, frozen=True, kw_only=True):
    """What the operating system tells.

    Attributes:
        system: name and version of the operating system.
        os_bits: 32 or 64, of the operating system, whatever this program is.
    """

    processor: Processor
    system: str
    os_bits: int


async def gather(context: ProbeContext) -> ProcessorEvidence:
    """Ask the operating system, off the event loop."""
    return await run_detached(lambda: _look(context.host), name="processor")


def _look(host: Host) -> ProcessorEvidence:
    return ProcessorEvidence(processor=host.processor(), system=host.system, os_bits=host.os_bits)


PROCESSOR = Probe(
    name="processor",
    title="Reading the processor of this computer",
    evidence=ProcessorEvidence,
    phase=Phase.MACHINE,
    typical_s=0.2,
    deadline_s=10.0,
    gather=gather,
)

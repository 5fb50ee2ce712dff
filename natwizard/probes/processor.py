"""The processor, the bits of the operating system, and what stands between it and the person."""

from msgspec import Struct

from natwizard.model.language import N_
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host, Processor
from natwizard.probes.session import session_of, virtual_machine_of


class ProcessorEvidence(Struct, frozen=True, kw_only=True):
    """What the operating system tells.

    Attributes:
        system: name and version of the operating system.
        os_bits: 32 or 64, of the operating system, whatever this program is.
        session: a remote or virtual desktop by its name, or empty.
        virtual_machine: whose it is ("VMware"), or empty.
        battery_saver: None where the system does not tell.
    """

    processor: Processor
    system: str
    os_bits: int
    session: str = ""
    virtual_machine: str = ""
    battery_saver: bool | None = None


async def gather(context: ProbeContext) -> ProcessorEvidence:
    """Ask the operating system, off the event loop."""
    return await run_detached(lambda: _look(context.host), name="processor")


def _look(host: Host) -> ProcessorEvidence:
    return ProcessorEvidence(
        processor=host.processor(),
        system=host.system,
        os_bits=host.os_bits,
        session=session_of(host),
        virtual_machine=virtual_machine_of(host),
        battery_saver=host.battery_saver(),
    )


PROCESSOR = Probe(
    name="processor",
    title=N_("Reading the processor of this computer"),
    evidence=ProcessorEvidence,
    phase=Phase.MACHINE,
    typical_s=0.2,
    deadline_s=10.0,
    gather=gather,
)

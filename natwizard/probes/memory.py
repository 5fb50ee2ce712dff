"""How much memory this computer has, and how much browsers could use."""

from msgspec import Struct

from natwizard.model.language import N_
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import CannotGather
from natwizard.probes.host import Host

# macOS spells the names out; Firefox's tabs run in plugin-container there
BROWSERS = (
    "chrome", "chromium", "msedge", "firefox", "brave", "opera", "safari",
    "google chrome", "microsoft edge", "plugin-container",
)  # fmt: skip


class MemoryEvidence(Struct, frozen=True, kw_only=True):
    """Memory of this computer.

    Attributes:
        total_bytes: what the OS can use; firmware keeps a little of what is installed.
        installed_bytes: what is installed; 0 if not told.
        available_bytes: what programs could get without swapping; 0 if not told.
        browsers_bytes: what running browsers hold; the webphone's tab can have that too.
        free_disk_bytes: room for swapping and for browsers' caches; None if not told.
    """

    total_bytes: int
    available_bytes: int
    browsers_bytes: int
    free_disk_bytes: int | None = None
    installed_bytes: int = 0


async def gather(context: ProbeContext) -> MemoryEvidence:
    """Ask the operating system, off the event loop: listing processes takes a while."""
    return await run_detached(lambda: _look(context.host), name="memory")


def _look(host: Host) -> MemoryEvidence:
    memory = host.memory()
    if not memory.total_bytes:
        raise CannotGather(
            Failure(code=FailureCode.NOT_SUPPORTED, operation="read_memory", detail="not told")
        )
    return MemoryEvidence(
        total_bytes=memory.total_bytes,
        available_bytes=memory.available_bytes,
        browsers_bytes=sum(
            program.memory_bytes
            for program in host.running_programs()
            if _is_browser(program.executable)
        ),
        free_disk_bytes=host.free_disk_bytes(),
        installed_bytes=memory.installed_bytes,
    )


def _is_browser(executable: str) -> bool:
    name = executable.replace("\\", "/").rsplit("/", 1)[-1].lower().removesuffix(".exe")
    return name.startswith(BROWSERS)


MEMORY = Probe(
    name="memory",
    title=N_("Reading the memory of this computer"),
    evidence=MemoryEvidence,
    phase=Phase.MACHINE,
    typical_s=0.5,
    deadline_s=10.0,
    gather=gather,
)

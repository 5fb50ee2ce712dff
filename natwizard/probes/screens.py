"""The screens of this session, in real and in scaled pixels."""

from msgspec import Struct

from natwizard.model.language import N_
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import CannotGather
from natwizard.probes.host import Platform, Screen


class ScreensEvidence(Struct, frozen=True, kw_only=True):
    """At least one screen; `platform` decides how its scale is called and set."""

    screens: tuple[Screen, ...]
    platform: Platform


async def gather(context: ProbeContext) -> ScreensEvidence:
    """Ask the window's toolkit or the system; a session without a display has none."""
    screens = await run_detached(context.host.screens, name="screens")
    if not screens:
        raise CannotGather(
            Failure(code=FailureCode.NO_DISPLAY, operation="list_screens", detail="no screen")
        )
    return ScreensEvidence(screens=screens, platform=context.host.platform)


SCREENS = Probe(
    name="screens",
    title=N_("Looking at the screens"),
    evidence=ScreensEvidence,
    phase=Phase.MACHINE,
    typical_s=0.3,
    deadline_s=10.0,
    gather=gather,
)

"""The way that media takes: to the profile's reflector, or round through its TURN server."""

from natwizard.probes.base import ProbeContext, require_target
from natwizard.probes.media_path import MediaPath, PathTried, open_reflector_path


async def open_media_path(context: ProbeContext) -> tuple[MediaPath | None, PathTried]:
    """A lane to `targets.media`, else through `targets.turn`. Raises CannotGather for neither."""
    targets = context.targets
    if targets.media or not targets.turn:
        return await open_reflector_path(context, require_target(targets.media, "targets.media"))
    # late, for aioice costs a tenth of a second and few profiles need it
    from natwizard.probes.turn_path import open_turn_path

    return await open_turn_path(context)

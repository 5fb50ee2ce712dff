"""screen.resolution: is the screen large enough, also after the display scale?"""

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import TIMES
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.host import Screen
from natwizard.probes.screens import SCREENS, ScreensEvidence

# Steps that display settings offer.
SCALES_PERCENT = (300, 250, 225, 200, 175, 150, 125, 100)


class ScreenLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The least that a web page must get, in pixels."""

    width_px: int = 1024
    height_px: int = 768


def judge(inputs: Inputs, limits: ScreenLimits) -> Judgement:
    """One screen that is large enough in real and in scaled pixels is enough."""
    evidence = inputs.evidence(SCREENS)
    screen = min(evidence.screens, key=lambda each: _preference(each, limits))
    status, summary, remedy = _settle(screen, evidence, limits)
    return Judgement(
        status=status,
        summary=summary,
        observed=size_words(screen),
        expected=f"{limits.width_px} {TIMES} {limits.height_px}",
        measured=_measured(screen),
        remedy=remedy,
        details=tuple(
            Detail(label=each.name or _("Screen"), text=size_words(each))
            for each in evidence.screens
        ),
    )


def scale_percent(screen: Screen) -> int | None:
    """The display scale, or None where the system does not tell the scaled size."""
    if not screen.logical_width_px or screen.logical_width_px <= 0:
        return None
    return round(screen.width_px / screen.logical_width_px * 100)


def largest_scale(screen: Screen, limits: ScreenLimits) -> int:
    """The largest scale on offer that leaves enough, in percent; 0 where none does."""
    for scale in SCALES_PERCENT:
        if (
            screen.width_px * 100 // scale >= limits.width_px
            and screen.height_px * 100 // scale >= limits.height_px
        ):
            return scale
    return 0


def size_words(screen: Screen) -> str:
    """ "1366 x 768 at 150 % = 911 x 512"."""
    real = f"{screen.width_px} {TIMES} {screen.height_px}"
    scale = scale_percent(screen)
    if scale is None:
        return _("{size}, scale not told").format(size=real)
    if scale == 100:
        return real
    return _("{size} at {scale} % = {scaled}").format(
        size=real,
        scale=scale,
        scaled=f"{screen.logical_width_px} {TIMES} {screen.logical_height_px}",
    )


def _fits(width: int | None, height: int | None, limits: ScreenLimits) -> bool:
    return (width or 0) >= limits.width_px and (height or 0) >= limits.height_px


def _preference(screen: Screen, limits: ScreenLimits) -> tuple[int, bool, int]:
    """Good screens first; then those whose scale is not told, scaled too much, too small."""
    if not _fits(screen.width_px, screen.height_px, limits):
        place = 3
    elif _fits(screen.logical_width_px, screen.logical_height_px, limits):
        place = 0
    else:
        place = 1 if scale_percent(screen) is None else 2
    return place, not screen.primary, -screen.width_px * screen.height_px


def _settle(
    screen: Screen, evidence: ScreensEvidence, limits: ScreenLimits
) -> tuple[Status, str, Remedy | None]:
    if not _fits(screen.width_px, screen.height_px, limits):
        return Status.FAIL, _("Your screen is too small."), _larger(limits)
    if _fits(screen.logical_width_px, screen.logical_height_px, limits):
        return Status.PASS, _("Your screen is large enough."), None
    if scale_percent(screen) is None:
        if largest_scale(screen, limits) == SCALES_PERCENT[0]:
            return Status.PASS, _("Your screen is large enough at any scale."), None
        summary = _("We could not see your display scale.")
        return Status.UNKNOWN, summary, _unknown_remedy(screen, limits)
    summary = _("Your display scale makes the screen too small.")
    return Status.WARN, summary, _scale_remedy(screen, evidence, limits)


def _larger(limits: ScreenLimits) -> Remedy:
    return Remedy(
        text=_("Ask for a larger screen."),
        owner=Owner.HELPDESK,
        request=_("Please give this desk a screen of at least {size}.").format(
            size=f"{limits.width_px} {TIMES} {limits.height_px}"
        ),
    )


def _unknown_remedy(screen: Screen, limits: ScreenLimits) -> Remedy:
    text = _("Check that the display scale is {scale} % or less.").format(
        scale=largest_scale(screen, limits)
    )
    return Remedy(text=text, owner=Owner.AGENT)


def _scale_remedy(screen: Screen, evidence: ScreensEvidence, limits: ScreenLimits) -> Remedy:
    scale = largest_scale(screen, limits)
    if evidence.platform == "macos":
        text = _("Choose more space in System Settings, Displays.")
        return Remedy(text=text, owner=Owner.AGENT)
    if not scale:
        return _larger(limits)
    text = _("Set the display scale to {scale} %.").format(scale=scale)
    return Remedy(text=text, owner=Owner.AGENT)


def _measured(screen: Screen) -> tuple[Quantity, ...]:
    values = {
        "width": screen.width_px,
        "height": screen.height_px,
        "scaled_width": screen.logical_width_px,
        "scaled_height": screen.logical_height_px,
    }
    return tuple(
        Quantity(name=name, value=value, unit=Unit.PIXEL)
        for name, value in values.items()
        if value is not None
    )


SCREEN_RESOLUTION = Check(
    name="screen.resolution",
    title=N_("Screen size"),
    page=Page.SCREEN,
    needs=(SCREENS,),
    limits=ScreenLimits,
    judge=judge,
)

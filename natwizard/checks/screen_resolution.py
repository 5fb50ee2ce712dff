"""screen.resolution: is the screen large enough, also after the display scale?"""

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import TIMES
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.host import Screen
from natwizard.probes.screens import SCREENS, ScreensEvidence

# Steps that display settings offer.
SCALES_PERCENT = (300, 250, 225, 200, 175, 150, 125)
UNSCALED_PERCENT = 100


class ScreenLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The least that a web page must get, in pixels."""

    # the vendor's "Technical Prerequisites"
    width_px: int = 1024
    height_px: int = 768


LARGER = N_("Ask for a larger screen.")
LARGER_REQUEST = N_("Please give this desk a screen of at least {size}.")
SCALE = N_("Your display scale makes the screen too small.")


class ScreenState(VerdictTable):
    """How the best screen fits."""

    LARGE_ENOUGH = passed(N_("Your screen is large enough."))
    LARGE_AT_ANY_SCALE = passed(N_("Your screen is large enough at any scale."))
    SCALE_NOT_TOLD = unknown(
        N_("We could not see your display scale."),
        N_("Check that the display scale is {scale} % or less."),
    )
    SCALED = warned(SCALE, N_("Set the display scale to {scale} %."))
    SCALED_BY_MACOS = warned(SCALE, N_("Choose more space in System Settings, Displays."))
    TOO_SMALL = failed(
        N_("Your screen is too small."), LARGER, LARGER_REQUEST, owner=Owner.HELPDESK
    )


def judge(inputs: Inputs, limits: ScreenLimits) -> Judgement:
    """One screen that is large enough in real and in scaled pixels is enough."""
    evidence = inputs.evidence(SCREENS)
    screen = min(evidence.screens, key=lambda each: _preference(each, limits))
    needed = f"{limits.width_px} {TIMES} {limits.height_px}"
    return _state(screen, evidence, limits).verdict.judgement(
        texts={"size": needed, "scale": largest_scale(screen, limits)},
        observed=size_words(screen),
        expected=needed,
        measured=_measured(screen),
        details=tuple(
            Detail(label=each.name or _("Screen"), text=size_words(each))
            for each in evidence.screens
        ),
    )


def scale_percent(screen: Screen) -> int | None:
    """The display scale, or None where the system does not tell the scaled size."""
    if screen.logical_width_px is None or screen.logical_width_px <= 0:
        return None
    return round(screen.width_px / screen.logical_width_px * 100)


def largest_scale(screen: Screen, limits: ScreenLimits) -> int:
    """In percent: the largest scale on offer at which a screen that is large enough still is."""
    fitting = (
        scale
        for scale in SCALES_PERCENT
        if screen.width_px * UNSCALED_PERCENT >= limits.width_px * scale
        and screen.height_px * UNSCALED_PERCENT >= limits.height_px * scale
    )
    return next(fitting, UNSCALED_PERCENT)


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
    if width is None or height is None:
        return False
    return width >= limits.width_px and height >= limits.height_px


def _preference(screen: Screen, limits: ScreenLimits) -> tuple[int, bool, int]:
    """Good screens first; then those whose scale is not told, scaled too much, too small."""
    if not _fits(screen.width_px, screen.height_px, limits):
        place = 3
    elif _fits(screen.logical_width_px, screen.logical_height_px, limits):
        place = 0
    else:
        place = 1 if scale_percent(screen) is None else 2
    return place, not screen.primary, -screen.width_px * screen.height_px


def _state(screen: Screen, evidence: ScreensEvidence, limits: ScreenLimits) -> ScreenState:
    if not _fits(screen.width_px, screen.height_px, limits):
        return ScreenState.TOO_SMALL
    if _fits(screen.logical_width_px, screen.logical_height_px, limits):
        return ScreenState.LARGE_ENOUGH
    largest = largest_scale(screen, limits)
    if scale_percent(screen) is None:
        at_any = largest == SCALES_PERCENT[0]
        return ScreenState.LARGE_AT_ANY_SCALE if at_any else ScreenState.SCALE_NOT_TOLD
    if evidence.platform == "macos":
        return ScreenState.SCALED_BY_MACOS
    return ScreenState.SCALED


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
    meaning=N_(
        "The webphone and Salesforce side by side need room. On a smaller screen, buttons of "
        "a call lie outside of what you see."
    ),
    title=N_("Screen resolution"),
    term="Screen resolution",
    page=Page.SCREEN,
    stands_for_page=True,
    needs=(SCREENS,),
    limits=ScreenLimits,
    judge=judge,
)

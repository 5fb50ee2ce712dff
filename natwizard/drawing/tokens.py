"""Colours, spaces and sizes; with `ground` the only place where the look is written as numbers."""

from msgspec import Struct

from natwizard.drawing import base_palette
from natwizard.drawing.base_palette import ThemeName
from natwizard.drawing.signs import Activity, Sign
from natwizard.model.finding import Status


class StatusColours(Struct, frozen=True, kw_only=True):
    """One status: sign and word, its soft ground, and its banner."""

    foreground: str
    soft: str
    fill: str


class Theme(Struct, frozen=True, kw_only=True):
    """Every colour as "#RRGGBB".

    Attributes:
        text_2: explanations and limits; text_3: disabled and waiting.
        on_fill: text and glyph on a banner.
        series: parts of a whole, in their order; `surface` is readable on each.
        line_px: width of lines and borders; banner_border_px: 0 where the fill is enough.
    """

    name: ThemeName
    canvas: str
    surface: str
    sidebar: str
    sunken: str
    hover: str
    line: str
    track: str
    control: str
    text: str
    text_2: str
    text_3: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    on_fill: str
    passed: StatusColours
    borderline: StatusColours
    warn: StatusColours
    fail: StatusColours
    unknown: StatusColours
    manual: StatusColours
    not_applicable: StatusColours
    series: tuple[str, ...]
    line_px: int = 1
    banner_border_px: int = 0

    def status(self, status: Status) -> StatusColours:
        """The colours of one status."""
        match status:
            case Status.PASS:
                return self.passed
            case Status.BORDERLINE:
                return self.borderline
            case Status.WARN:
                return self.warn
            case Status.FAIL:
                return self.fail
            case Status.UNKNOWN:
                return self.unknown
            case Status.MANUAL:
                return self.manual
            case Status.NOT_SET_UP | Status.NOT_APPLICABLE:
                return self.not_applicable

    def sign(self, sign: Sign) -> str:
        """The foreground of a status, or of a check that waits or runs."""
        if isinstance(sign, Status):
            return self.status(sign).foreground
        return self.accent if sign is Activity.RUNNING else self.text_3

    def soft_sign(self, sign: Sign) -> str:
        """The soft ground of a sign, for pills."""
        if isinstance(sign, Status):
            return self.status(sign).soft
        return self.accent_soft if sign is Activity.RUNNING else self.hover


LIGHT = Theme(
    name=ThemeName.LIGHT,
    canvas=base_palette.LIGHT.canvas,
    surface="#FFFFFF",
    sidebar=base_palette.LIGHT.sidebar,
    sunken="#F6F8FA",
    hover="#EEF2F6",
    line=base_palette.LIGHT.line,
    track="#DDE4EB",
    control="#76838F",
    text=base_palette.LIGHT.text,
    text_2="#3F4C5A",
    text_3="#5C6976",
    accent=base_palette.LIGHT.accent,
    accent_hover="#14458F",
    on_accent=base_palette.LIGHT.on_accent,
    accent_soft="#E7EFFB",
    on_fill="#FFFFFF",
    passed=StatusColours(foreground="#006B52", soft="#E4F3EC", fill="#00664E"),
    borderline=StatusColours(foreground="#7C5E00", soft="#FAF2D5", fill="#755600"),
    warn=StatusColours(foreground="#A84C00", soft="#FDEFE1", fill="#8F4000"),
    fail=StatusColours(foreground="#A31227", soft="#FCEBE9", fill="#A31227"),
    unknown=StatusColours(foreground="#584394", soft="#F0EDF9", fill="#54458F"),
    manual=StatusColours(foreground="#1F6286", soft="#E8F1F8", fill="#1F6286"),
    not_applicable=StatusColours(foreground="#5A6571", soft="#F0F2F5", fill="#5A6571"),
    series=("#1A56B4", "#0B6B74", "#6B3F9E", "#8A5300", "#4F5B69", "#94295F"),
)

DARK = Theme(
    name=ThemeName.DARK,
    canvas=base_palette.DARK.canvas,
    surface="#1C232B",
    sidebar=base_palette.DARK.sidebar,
    sunken="#12171D",
    hover="#252E38",
    line=base_palette.DARK.line,
    track="#2C3640",
    control="#7B8997",
    text=base_palette.DARK.text,
    text_2="#BDC7D2",
    text_3="#93A0AD",
    accent=base_palette.DARK.accent,
    accent_hover="#A3C8FF",
    on_accent=base_palette.DARK.on_accent,
    accent_soft="#1B2C46",
    on_fill="#FFFFFF",
    passed=StatusColours(foreground="#62DBBD", soft="#13302A", fill="#07604C"),
    borderline=StatusColours(foreground="#E2BF52", soft="#312A12", fill="#6B4F00"),
    warn=StatusColours(foreground="#F3A561", soft="#372411", fill="#873D00"),
    fail=StatusColours(foreground="#FF837B", soft="#3B1C1B", fill="#A3202D"),
    unknown=StatusColours(foreground="#B49CF5", soft="#292442", fill="#54458F"),
    manual=StatusColours(foreground="#8CCBEA", soft="#192C3D", fill="#1F6286"),
    not_applicable=StatusColours(foreground="#9CA8B4", soft="#232B34", fill="#4C5763"),
    series=("#82B4FF", "#5CCBD6", "#C4A4F4", "#E0B25A", "#A9B5C2", "#F295BF"),
)


def _bright(foreground: str) -> StatusColours:
    """High contrast has no grounds: black everywhere, the border carries the colour."""
    return StatusColours(foreground=foreground, soft="#000000", fill="#000000")


HIGH_CONTRAST = Theme(
    name=ThemeName.HIGH_CONTRAST,
    canvas=base_palette.HIGH_CONTRAST.canvas,
    surface="#000000",
    sidebar=base_palette.HIGH_CONTRAST.sidebar,
    sunken="#000000",
    hover="#1F1F1F",
    line=base_palette.HIGH_CONTRAST.line,
    track="#5A5A5A",
    control="#FFFFFF",
    text=base_palette.HIGH_CONTRAST.text,
    text_2="#FFFFFF",
    text_3="#E0E0E0",
    accent=base_palette.HIGH_CONTRAST.accent,
    accent_hover="#B9F2F9",
    on_accent=base_palette.HIGH_CONTRAST.on_accent,
    accent_soft="#000000",
    on_fill="#FFFFFF",
    passed=_bright("#7DF0B4"),
    borderline=_bright("#FFE66B"),
    warn=_bright("#FFBE70"),
    fail=_bright("#FFA79E"),
    unknown=_bright("#D3C6FF"),
    manual=_bright("#A6D8FF"),
    not_applicable=_bright("#E0E0E0"),
    series=("#8EE7F2", "#FFE66B", "#D3C6FF", "#7DF0B4", "#FFFFFF", "#FFA79E"),
    line_px=2,
    banner_border_px=3,
)

THEMES = (LIGHT, DARK, HIGH_CONTRAST)


def theme_named(name: ThemeName) -> Theme:
    """One of the three."""
    return next(theme for theme in THEMES if theme.name is name)


class Space(Struct, frozen=True):
    """The spacing scale in logical pixels."""

    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741 - the scale is named as everyone names it
    xl: int = 24
    xxl: int = 32


class Radius(Struct, frozen=True):
    """Corner radii in logical pixels; pills take half their height."""

    control: int = 6
    group: int = 8
    banner: int = 12


class TypeScale(Struct, frozen=True, kw_only=True):
    """The five sizes of text in logical pixels; nothing that carries a verdict is under `body`."""

    verdict: int = 32
    title: int = 24
    lead: int = 16
    body: int = 14
    meta: int = 12


def type_scale(factor: float) -> TypeScale:
    """All five sizes times the factor, in whole pixels."""
    base = TypeScale()
    return TypeScale(
        verdict=round(base.verdict * factor),
        title=round(base.title * factor),
        lead=round(base.lead * factor),
        body=round(base.body * factor),
        meta=round(base.meta * factor),
    )


SPACE = Space()
RADIUS = Radius()


def mix(upper: str, lower: str, share: float) -> str:
    """`upper` laid over `lower` at the given opacity, as an opaque colour."""
    pairs = zip(_channels(upper), _channels(lower), strict=True)
    return "#" + "".join(f"{round(up * share + low * (1 - share)):02X}" for up, low in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

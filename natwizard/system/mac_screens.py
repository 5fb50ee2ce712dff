"""Screens in the output of `system_profiler SPDisplaysDataType -json`."""

import re

import msgspec
from msgspec import Struct, field

from natwizard.probes.host import Screen

SIZE = re.compile(r"(\d{3,5})\s*x\s*(\d{3,5})")


class _Display(Struct, kw_only=True):
    name: str = field(default="", name="_name")
    pixels: str = field(default="", name="_spdisplays_pixels")
    resolution: str = field(default="", name="_spdisplays_resolution")
    main: str = field(default="", name="spdisplays_main")


class _Card(Struct, kw_only=True):
    displays: list[_Display] = field(default_factory=list, name="spdisplays_ndrvs")


class _Profile(Struct, kw_only=True):
    cards: list[_Card] = field(default_factory=list, name="SPDisplaysDataType")


def screens_of_profile(text: str) -> tuple[Screen, ...]:
    """Screens with real pixels, and with those that programs see; none where it is not readable."""
    try:
        profile = msgspec.json.decode(text, type=_Profile)
    except msgspec.MsgspecError:
        return ()
    displays = [display for card in profile.cards for display in card.displays]
    return tuple(screen for display in displays if (screen := _screen(display)) is not None)


def _screen(display: _Display) -> Screen | None:
    seen = SIZE.search(display.resolution)
    real = SIZE.search(display.pixels) or seen
    if real is None:
        return None
    return Screen(
        name=display.name,
        width_px=int(real[1]),
        height_px=int(real[2]),
        logical_width_px=int(seen[1]) if seen else None,
        logical_height_px=int(seen[2]) if seen else None,
        primary=display.main == "spdisplays_yes",
    )
